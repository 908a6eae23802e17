//! What Unix systems have on top: options, kinds of names, and the types within the enums.

#[cfg(any(target_os = "linux", target_os = "android"))]
pub use crate::sys::unix::AbstractNsUdSocket;
pub use crate::sys::unix::FilesystemUdSocket;
#[expect(deprecated, reason = "whoever names it is told, and it is exported all the same")]
pub use crate::sys::unix::SpecialDirUdSocket;

#[cfg(feature = "tokio")]
use crate::tokio as on_tokio;
use crate::{
    error::{CannotListen, FromFdError},
    listener::Listener,
    options::{ConnectOptions, ListenerOptions},
    sealed::Sealed,
};
use std::os::fd::OwnedFd;

/// The types that the enums at the crate's root hold on Unix.
pub mod uds_local_socket {
    pub use crate::sys::unix::{Listener, RecvHalf, SendHalf, Stream};

    /// The types that the enums in [`local_socket::tokio`](crate::tokio) hold on Unix.
    #[cfg(feature = "tokio")]
    pub mod tokio {
        pub use crate::sys::unix::tokio::{Listener, RecvHalf, SendHalf, Stream};
    }
}

/// Options and kinds of names under the path that they have in interprocess.
///
/// `use local_socket::os::unix::*;` brings this name in and so hides the crate's in that scope; name
/// what you use, or write `::local_socket` there.
pub mod local_socket {
    #[doc(no_inline)]
    #[cfg(any(target_os = "linux", target_os = "android"))]
    pub use super::AbstractNsUdSocket;
    #[doc(no_inline)]
    #[expect(deprecated, reason = "whoever names it is told, and it is exported all the same")]
    pub use super::SpecialDirUdSocket;
    #[doc(no_inline)]
    pub use super::{ConnectOptionsExt, FilesystemUdSocket, ListenerOptionsExt};
}

/// Options for listeners on Unix.
pub trait ListenerOptionsExt: Sized + Sealed {
    /// Who may connect, as the permissions of the socket file: connecting needs the permission to
    /// write. Default: what the process's umask leaves of 0o777. There is no way back to the
    /// default but to set it.
    ///
    /// The file has exactly this mode, whatever the umask, and at no moment can anybody connect
    /// whom it keeps out. The umask of the process stays as it is. Besides, the folder's permissions
    /// hold. Abstract names have no file: there the mode shows in `fstat` of the listener's
    /// descriptor and keeps nobody out. See unix(7).
    ///
    /// - Linux, Android: bound by a short-lived thread with a umask of its own, which costs some tens
    ///   of microseconds. Where a sandbox forbids unshare(2), what the umask took is given through
    ///   `/proc` before the socket listens; without `/proc` that is an error.
    /// - macOS, BSDs: set after binding, before the socket listens (fchmodat(2)). Some old systems
    ///   don't look at a socket's mode at all: there only the folder's permissions help.
    ///
    /// Whoever may rename in the folder can put something else in the file's place meanwhile.
    /// Symlinks and what they lead to, files of other types, second links and other users' sockets
    /// never get the mode, and listening fails. Another socket of this user can get it where the mode
    /// is set after binding. [`check_folders`](crate::ListenerOptions::check_folders) refuses such
    /// folders.
    #[must_use]
    fn mode(self, mode: libc::mode_t) -> Self;

    /// Whether the streams that are accepted may receive descriptors. Default: `true`, as with any
    /// Unix socket; a plain read then drops them.
    ///
    /// Dropping a descriptor can wait, also in a nonblocking read: a TCP socket with `SO_LINGER`
    /// holds up whoever drops it last. `false` keeps a peer from doing that:
    /// - Linux since 6.16: the kernel refuses descriptors (`SO_PASSRIGHTS`), and who sends one
    ///   gets `EPERM`.
    /// - older Linux, other Unix: they are received and closed on another thread, also those that
    ///   are in the queue of a stream when it is dropped. This needs a longer system call for each
    ///   read. It holds for this crate's reads only, and not after conversion to a descriptor.
    #[must_use]
    fn receive_descriptors(self, receive: bool) -> Self;

    /// Listens on a socket that somebody else opened: a service manager
    /// ([`activation`](crate::activation)), or a parent process. It has to be a Unix domain stream
    /// socket that listens, or is bound and could.
    ///
    /// listen(2) is called on it, also if it listens already: on Linux clients see who called that
    /// last, and so this process as it is now rather than the one that opened the socket. So the
    /// backlog becomes that of the options (128 unless set), whatever it was. The descriptor is
    /// closed on exec from then on, and its mode is set ([`nonblocking`](ListenerOptions::nonblocking)),
    /// which all who share the socket see.
    ///
    /// The name is the socket's own, and whoever made it is left to remove it. With
    /// [`receive_descriptors(false)`](Self::receive_descriptors), clients that connected before are
    /// treated as on a kernel that can't refuse descriptors; `true` leaves what was set.
    ///
    /// # Errors
    /// They hand the descriptor back, whose flags and backlog may have been changed; the cause says
    /// why:
    /// - [`InvalidInput`](std::io::ErrorKind::InvalidInput), with a
    ///   [`DescriptorError`](crate::error::DescriptorError) within: it is no such socket, or an option
    ///   was set that is about making a name or removing it (`name`, `reclaim_name`, `try_overwrite`,
    ///   `max_spin_time`, `mode`, `stale`, `create_folders`, `check_folders`). Without one,
    ///   [limits](ListenerOptions::max_connections) of 0.
    /// - The system's own, see listen(2).
    fn create_sync_from(self, fd: OwnedFd) -> Result<Listener, FromFdError<CannotListen>>;

    /// As [`create_sync_from`](Self::create_sync_from), on tokio.
    ///
    /// # Errors
    /// As there. Besides, registering with the runtime may fail for want of resources: then the
    /// descriptor is closed.
    ///
    /// # Panics
    /// Outside a tokio runtime with I/O enabled. The descriptor is closed then.
    #[cfg(feature = "tokio")]
    fn create_tokio_from(
        self,
        fd: OwnedFd,
    ) -> Result<on_tokio::Listener, FromFdError<CannotListen>>;
}

/// Options for connections on Unix.
pub trait ConnectOptionsExt: Sized + Sealed {
    /// Whether the stream may receive descriptors. Default: `true`. The same as
    /// [`ListenerOptionsExt::receive_descriptors`], for the client.
    #[must_use]
    fn receive_descriptors(self, receive: bool) -> Self;
}

impl Sealed for ListenerOptions<'_> {}
impl Sealed for ConnectOptions<'_> {}

impl ListenerOptionsExt for ListenerOptions<'_> {
    #[allow(clippy::useless_conversion, reason = "it has 16 bits on macOS and FreeBSD")]
    fn mode(self, mode: libc::mode_t) -> Self {
        Self { mode: Some(mode.into()), ..self }
    }

    fn receive_descriptors(self, receive: bool) -> Self {
        Self { receive_descriptors: receive, ..self }
    }

    fn create_sync_from(self, fd: OwnedFd) -> Result<Listener, FromFdError<CannotListen>> {
        uds_local_socket::Listener::from_fd(fd, &self).map(Listener::from)
    }

    #[cfg(feature = "tokio")]
    fn create_tokio_from(
        self,
        fd: OwnedFd,
    ) -> Result<on_tokio::Listener, FromFdError<CannotListen>> {
        uds_local_socket::tokio::Listener::from_fd(fd, self).map(on_tokio::Listener::from)
    }
}

impl ConnectOptionsExt for ConnectOptions<'_> {
    fn receive_descriptors(self, receive: bool) -> Self {
        Self { receive_descriptors: receive, ..self }
    }
}
