//! What a listener is to be like.

use super::{ListenerNonblockingMode, StaleName};
use crate::{
    admission::{AdmissionOptions, Allow, Refusal, Shared},
    name::Name,
    try_clone::TryClone,
};
use std::{fmt, io, sync::Arc, time::Duration};

/// How many connections wait to be accepted unless [`ListenerOptions::backlog`] says otherwise.
/// What a connected peer has sent stays in kernel memory until it is accepted, and a good client
/// waits in proportion to this number behind a flood, so it is no higher than need be.
const DEFAULT_BACKLOG: u32 = 128;

/// What a listener is to be like. A name is needed; the rest has defaults.
///
/// Unix systems offer more in
/// [`os::unix::ListenerOptionsExt`](crate::os::unix::ListenerOptionsExt).
pub struct ListenerOptions<'n> {
    pub(crate) name: Option<Name<'n>>,
    pub(crate) nonblocking: ListenerNonblockingMode,
    pub(crate) reclaim_name: bool,
    pub(crate) try_overwrite: bool,
    /// `None` is the default of the system's part.
    pub(crate) max_spin_time: Option<Duration>,
    /// The bits of a `mode_t`, which has another width on each system.
    pub(crate) mode: Option<u32>,
    pub(crate) backlog: u32,
    pub(crate) receive_descriptors: bool,
    pub(crate) stale: StaleName,
    pub(crate) create_folders: bool,
    pub(crate) check_folders: bool,
    pub(crate) admission: AdmissionOptions,
    #[cfg(windows)]
    pub(crate) security: Option<crate::sys::windows::security::Wanted>,
}

impl<'n> ListenerOptions<'n> {
    /// Options with nothing but defaults.
    #[must_use]
    pub fn new() -> Self {
        Self {
            name: None,
            nonblocking: ListenerNonblockingMode::Neither,
            reclaim_name: true,
            try_overwrite: false,
            max_spin_time: None,
            mode: None,
            backlog: DEFAULT_BACKLOG,
            receive_descriptors: true,
            stale: StaleName::Reclaim,
            create_folders: false,
            check_folders: false,
            admission: AdmissionOptions::default(),
            #[cfg(windows)]
            security: None,
        }
    }

    /// Where to listen. There is no default: without a name, creating the listener fails with
    /// [`InvalidInput`](std::io::ErrorKind::InvalidInput), and never picks an address at random.
    #[must_use]
    pub fn name(self, name: Name<'n>) -> Self {
        Self { name: Some(name), ..self }
    }

    /// What of the listener doesn't block. Default: [`Neither`](ListenerNonblockingMode::Neither).
    #[must_use]
    pub fn nonblocking(self, nonblocking: ListenerNonblockingMode) -> Self {
        Self { nonblocking, ..self }
    }

    /// Whether dropping the listener removes its socket file. Default: `true`; `false` leaves the
    /// file, which the next listener of that name takes over or not, as its [`stale`](Self::stale)
    /// says.
    ///
    /// Only the very file that this listener made is removed, and only by the process that made
    /// it: its device, inode and absolute path are remembered, so neither a newer socket at the
    /// same path, nor a regular file put there since, nor a `chdir`, nor a forked child's drop
    /// does harm. It is compared and removed before the socket is closed, and under the lock of its
    /// folder (flock(2)), so that whoever overwrites the name at that moment keeps it.
    ///
    /// - The drop waits for that lock for 50 ms at most. If somebody else holds it for longer, or
    ///   no descriptor is left to take it with, the file stays, as a stale one.
    /// - In a folder that can't be read or locked, and with programs that don't take the lock, a
    ///   file that takes the place of ours in the instant between the comparison and the removal is
    ///   lost.
    /// - A process that is ended by a signal, by `_exit` or by [`exit`](std::process::exit) drops
    ///   nothing and so removes nothing.
    /// - Abstract names have no file and are gone with their last descriptor either way. So are
    ///   pipes, on Windows: with the last handle that is open at either end, also of a connection.
    #[must_use]
    pub fn reclaim_name(self, reclaim_name: bool) -> Self {
        Self { reclaim_name, ..self }
    }

    /// Whether to take the name from whoever has it, also from somebody's live listener. Default:
    /// `false`: a live listener's name is in use. A stale name is taken over then too, whatever
    /// [`stale`](Self::stale) says.
    ///
    /// The name is replaced in one step: whoever connects meanwhile reaches the one listener or the
    /// other. Connections in the displaced listener's backlog are lost when it is closed (their
    /// clients see `ECONNRESET`), those that it has accepted go on. It isn't told, and dropping it
    /// leaves the new listener's file.
    ///
    /// Only sockets are displaced: a file of any other type, a folder or a symlink stays, and the
    /// error is [`AddrInUse`](std::io::ErrorKind::AddrInUse). So it is with abstract names and pipes,
    /// which can't be displaced, and in a folder that can't be read or locked.
    ///
    /// - In a folder with the sticky bit, like `/tmp`, only one's own sockets can be displaced,
    ///   unless one is root or owns the folder.
    /// - The new socket is made beside the old one as `.NAME.new` (of a long name the first 64
    ///   bytes) and keeps that as its own address, which getsockname(2), ss(8) and a client's
    ///   getpeername(2) show. A process killed in the middle may leave it, and the next listener of
    ///   the name removes it, unless somebody holds it. Don't listen at such a name: the name
    ///   beside it can't be overwritten then (`AddrInUse`).
    /// - Where a path can't be longer than an address (macOS), the temporary one has to fit into
    ///   one too, and has up to five bytes more: `ENAMETOOLONG`.
    /// - Linux, Android (renameat2(2)) and macOS (renamex_np(2)) can do this, on most file systems;
    ///   elsewhere, as on FreeBSD or NFS, the error is
    ///   [`Unsupported`](std::io::ErrorKind::Unsupported) unless the name is free or stale.
    ///
    /// Two that overwrite the same name take it one after the other. What a program that doesn't
    /// take the lock puts in the socket's place during the exchange is put back.
    #[must_use]
    pub fn try_overwrite(self, try_overwrite: bool) -> Self {
        Self { try_overwrite, ..self }
    }

    /// What to do about a socket file that no process holds any more, as a killed process leaves
    /// it. Default: [`Reclaim`](StaleName::Reclaim), which takes the name over;
    /// [`Fail`](StaleName::Fail) turns that off. Abstract names and pipes are never stale.
    ///
    /// A socket counts as held when any process has a descriptor of it: also one that doesn't
    /// listen yet, whose backlog is full, that is stopped, that is in another network namespace, or
    /// a forked child. Its server sees nothing of the question, which is a connect(2) by sockets of
    /// other types: `EPROTOTYPE` if it is held, `ECONNREFUSED` if it isn't and so never will be.
    ///
    /// Names are taken, taken over and given back under the lock of their folder (flock(2) of the
    /// folder itself; there is no lock file). Among local-socket programs on one kernel and a local
    /// file system, exactly one racer gets a name, and a listener whose descriptor any process
    /// still holds is never displaced without [`try_overwrite`](Self::try_overwrite). A foreign
    /// program that replaces a dead socket in the microseconds between our check and the unlink, or
    /// whose own bind(2) is under way, can be displaced.
    ///
    /// The name stays in use ([`AddrInUse`](std::io::ErrorKind::AddrInUse)), and
    /// [`AddressError::advice`](crate::error::AddressError::advice) says why and what to do:
    /// - if what is there isn't a socket, but a file of another type, a folder or a symlink;
    /// - in a folder that may not be read, or whose file system has no locks, since there is no
    ///   lock then: free names only are taken;
    /// - on a file system that others than this kernel may serve or use, where a live server
    ///   elsewhere looks dead: NFS, SMB, 9p, virtiofs and all else that is FUSE, AFS, Ceph and
    ///   others, by the type that statfs(2) tells; on macOS, FreeBSD and DragonFly, without
    ///   `MNT_LOCAL`; on other BSDs always, since nobody has looked up how they say it;
    /// - if nobody can be asked: who may not connect may not ask, and Linux needs `/proc` (where
    ///   descriptors or memory are wanting, the error is that);
    /// - if the file can't be removed: another user's in a folder with the sticky bit, or one that
    ///   is a mount.
    ///
    /// Through an overlay, a listener whose file was made in its lower layer from outside can't be
    /// reached and counts as dead; its own file stays where it is.
    #[must_use]
    pub fn stale(self, stale: StaleName) -> Self {
        Self { stale, ..self }
    }

    /// Whether to make the folders above the socket file that are missing, for this user alone.
    /// Default: `false`: a missing folder is [`NotFound`](std::io::ErrorKind::NotFound).
    ///
    /// Each is made with the mode 0700, of which the umask can only take. They stay when the
    /// listener is gone, and also if listening fails after all. It does no harm if somebody else
    /// makes the same folder at the same time, and folders that are there stay as they are: whose
    /// they are, and who may write to them, [`check_folders`](Self::check_folders) looks at. With
    /// both, nothing is made in a folder that is refused.
    ///
    /// Errors are those of mkdir(2). Abstract names have no folders, so that there is nothing to
    /// make; names that are files in `/tmp` make theirs in any case. Pipes have none either, and
    /// since nobody would ask for one's folders but by mistake, `true` is
    /// [`InvalidInput`](std::io::ErrorKind::InvalidInput) on Windows.
    #[must_use]
    pub fn create_folders(self, create: bool) -> Self {
        Self { create_folders: create, ..self }
    }

    /// Whether to refuse a socket file in whose folders somebody else could put another in its
    /// place. Default: `false`.
    ///
    /// Before the file is made, the path is followed from the root as the system does it. Every
    /// folder and symlink that it passes must belong to this process's effective user or to root,
    /// and no folder may be writable for its group or for others unless it is sticky, as `/tmp` is.
    /// sshd(8) asks the same of a user's files (`StrictModes` in sshd_config(5)). Otherwise the
    /// error is [`PermissionDenied`](std::io::ErrorKind::PermissionDenied) and tells which folder
    /// it is, its owner or mode, and what to do, such as `chmod go-w`.
    ///
    /// - Folders are looked at once: after that, only this user and root can change who may write
    ///   to them. It costs a system call for each.
    /// - In a sticky folder somebody else can't replace the socket, but can take the name while it
    ///   is free. That is then [in use](std::io::ErrorKind::AddrInUse).
    /// - An access control list of Linux shows in the mode (acl(5)) and so counts. Those of macOS
    ///   and NFS aren't looked at.
    /// - In a user namespace where root's id has no counterpart, `/` is a stranger's and every path
    ///   is refused.
    ///
    /// Who may connect is another matter, see `mode`
    /// ([`os::unix`](crate::os::unix::ListenerOptionsExt::mode)). Abstract names have no folders,
    /// so that there is nothing to look at: anybody can take one that is free. Nor have pipes: on
    /// Windows `true` is [`InvalidInput`](std::io::ErrorKind::InvalidInput).
    #[must_use]
    pub fn check_folders(self, check: bool) -> Self {
        Self { check_folders: check, ..self }
    }

    /// Who may connect, judged when accepting, by the kernel's word
    /// ([`PeerCreds`](crate::PeerCreds)). Default: [`anyone`](Allow::anyone), which is also how to
    /// turn it off.
    ///
    /// It is checked before any byte reaches the program. Whoever isn't let in may already have
    /// sent bytes, which nobody reads; it sees the end, `EPIPE` or `ECONNRESET`. Accepting goes on
    /// with the next client; that one was turned away is counted
    /// ([`refused`](crate::Listener::refused)) and told to [`on_refused`](Self::on_refused).
    ///
    /// What was turned away is closed on another thread if there are bytes in it, since a client
    /// can attach descriptors to them that hold up whoever closes them. Up to 64 of those wait at a
    /// time; while there are more, accepting waits, or fails with `ENOBUFS` where it must not wait.
    /// [`receive_descriptors(false)`](crate::os::unix::ListenerOptionsExt::receive_descriptors)
    /// spares that on Linux since 6.16. Clients are judged in the order in which they came, so
    /// strangers can make others wait, but not for long.
    ///
    /// It holds for what this listener accepts: not for its inner type's socket and not after
    /// conversion to a descriptor. For a file, [`mode`](crate::os::unix::ListenerOptionsExt::mode)
    /// keeps others from connecting at all.
    ///
    /// On Windows the rules are on the pipe, so that the system keeps others from connecting at all:
    /// their error is [`PermissionDenied`](std::io::ErrorKind::PermissionDenied), and nothing is
    /// counted. Only what can't be said there is judged when accepting: functions, and rules beside
    /// a security descriptor of your own. There the default isn't anyone but the system's for pipes:
    /// this user, the system and administrators; others can open a pipe for reading alone.
    #[must_use]
    pub fn allow(mut self, allow: Allow) -> Self {
        self.admission.allow = Some(allow);
        self
    }

    /// How many of its connections may be open at once. Default: no limit but the system's, of
    /// descriptors. There is no way back to the default but to set it.
    ///
    /// Beyond it, clients are accepted and closed at once: they see the end or `ECONNRESET` and can
    /// tell it from a server that waits. Those that are open stay. Each is counted as turned away
    /// ([`refused`](crate::Listener::refused)).
    ///
    /// A connection is open while its stream, a clone or a half of it is there as a type of this
    /// crate. Taken out of these, as a descriptor or as a type of the standard library or tokio, it
    /// no longer counts; nor does it in a child that was forked. Descriptors that are in use
    /// elsewhere aren't known here, so leave room for them below `RLIMIT_NOFILE`.
    ///
    /// # Errors
    /// 0 is refused when the listener is created:
    /// [`InvalidInput`](std::io::ErrorKind::InvalidInput).
    #[must_use]
    pub fn max_connections(mut self, most: usize) -> Self {
        self.admission.max_connections = Some(most);
        self
    }

    /// How many of its connections one user may have open at once, by effective user id, or by SID
    /// on Windows. Default: no limit. All whose user the kernel can't tell count as one; root counts
    /// as any other. On Windows these are most clients that aren't this crate's
    /// ([`PeerCreds`](crate::PeerCreds)).
    ///
    /// Counts, and treats what is beyond, as [`max_connections`](Self::max_connections) does, which
    /// it keeps one user from using up.
    ///
    /// # Errors
    /// As for [`max_connections`](Self::max_connections).
    #[must_use]
    pub fn max_connections_per_user(mut self, most: usize) -> Self {
        self.admission.max_connections_per_user = Some(most);
        self
    }

    /// Is told of each client that was turned away, once it has been. Default: nobody is; they are
    /// counted all the same ([`refused`](crate::Listener::refused)).
    ///
    /// It runs on the thread that accepts, which goes on when it returns, so it must not wait. A
    /// panic in it goes through whoever accepts. Strangers decide how often it is called, so a log
    /// should have a limit.
    #[must_use]
    pub fn on_refused(mut self, observer: impl Fn(&Refusal) + Send + Sync + 'static) -> Self {
        self.admission.on_refused = Some(Shared(Arc::new(observer)));
        self
    }

    /// How long taking a path may wait for others who hold the lock of its folder, and
    /// [`try_overwrite`](Self::try_overwrite) for those who keep taking the name as soon as it is
    /// free. Default: 2 seconds. Zero is one attempt without waiting, [`Duration::MAX`] is for
    /// ever. When it has passed, the error is of kind [`TimedOut`](std::io::ErrorKind::TimedOut)
    /// and tells the limit.
    ///
    /// Each listener holds the lock (flock(2)) for less than a millisecond, so nothing is waited
    /// for but a program that holds it for reasons of its own. Whoever may read a folder can: in
    /// `/tmp` any user can keep others from taking names, in a folder of mode 0700 nobody can. The
    /// wait holds the thread, also on tokio. Abstract names and pipes have no folder and never wait.
    #[must_use]
    pub fn max_spin_time(self, max_spin_time: Duration) -> Self {
        Self { max_spin_time: Some(max_spin_time), ..self }
    }

    /// How many connections may wait to be accepted. Default: 128.
    ///
    /// 0 is allowed and is the least the system has, one on Linux. Linux silently lowers it to
    /// `net.core.somaxconn` (4096 by default), macOS to `kern.ipc.somaxconn` (128 by default);
    /// see listen(2). When it is full, a client on Linux and Windows waits as its
    /// [`ConnectWaitMode`](crate::ConnectWaitMode) says; macOS and the BSDs refuse it.
    ///
    /// Linux and Windows let in one more than told. On Windows each is an instance of the pipe that
    /// has a client. Those that wait for one are 8 at first, if the backlog has room for as many,
    /// and up to 64 after a burst that took them all; each is replaced at once. A client that finds none
    /// for a moment is told that the pipe is busy, as with a full backlog, and waits alike.
    #[must_use]
    pub fn backlog(self, backlog: u32) -> Self {
        Self { backlog, ..self }
    }
}

impl Default for ListenerOptions<'_> {
    fn default() -> Self {
        Self::new()
    }
}

impl TryClone for ListenerOptions<'_> {
    fn try_clone(&self) -> io::Result<Self> {
        Ok(Self {
            name: self.name.clone(),
            admission: self.admission.clone(),
            #[cfg(windows)]
            security: self.security.clone(),
            ..*self
        })
    }
}

/// The mode in octal, as chmod(1) takes it.
impl fmt::Debug for ListenerOptions<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let mut options = f.debug_struct("ListenerOptions");
        options
            .field("name", &self.name)
            .field("nonblocking", &self.nonblocking)
            .field("reclaim_name", &self.reclaim_name)
            .field("try_overwrite", &self.try_overwrite)
            .field("max_spin_time", &self.max_spin_time)
            .field("mode", &self.mode.map(Octal))
            .field("backlog", &self.backlog)
            .field("receive_descriptors", &self.receive_descriptors)
            .field("stale", &self.stale)
            .field("create_folders", &self.create_folders)
            .field("check_folders", &self.check_folders)
            .field("allow", &self.admission.allow)
            .field("max_connections", &self.admission.max_connections)
            .field("max_connections_per_user", &self.admission.max_connections_per_user);
        #[cfg(windows)]
        options.field("security_descriptor", &self.security);
        options.finish()
    }
}

struct Octal(u32);

impl fmt::Debug for Octal {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{:#o}", self.0)
    }
}
