//! Who is on the other end, by the kernel's word.

/// How many supplementary groups fit: as many as the systems that tell them at once do
/// (`XU_NGROUPS`). More than these are cut off, and [`PeerCreds::groups_truncated`] says so.
const MAX_GROUPS: usize = 16;

/// Who is on the other end of a stream, by the kernel's word and not the peer's.
///
/// A server sees who connected, as of that moment. A client sees who listened, as of
/// `listen()`: a daemon that opened its listener as root and then dropped its privileges still
/// shows as root. What a system doesn't tell is `None`.
#[derive(Copy, Clone, Debug)]
pub struct PeerCreds {
    pub(crate) pid: Option<libc::pid_t>,
    pub(crate) euid: Option<libc::uid_t>,
    pub(crate) egid: Option<libc::gid_t>,
    pub(crate) groups: Option<Groups>,
}

/// A list of groups of bounded length, so that credentials can be copied.
#[derive(Copy, Clone, Debug)]
pub(crate) struct Groups {
    list: [libc::gid_t; MAX_GROUPS],
    length: usize,
    truncated: bool,
}

impl Groups {
    /// Takes as many groups as fit and remembers whether there were more.
    #[cfg_attr(
        not(any(target_vendor = "apple", target_os = "freebsd", target_os = "dragonfly")),
        expect(dead_code)
    )]
    pub(crate) fn new(groups: &[libc::gid_t]) -> Self {
        let length = groups.len().min(MAX_GROUPS);
        let mut list = [0; MAX_GROUPS];
        list[..length].copy_from_slice(&groups[..length]);
        // A list that is exactly full can't be told from one that was cut by the system.
        Self { list, length, truncated: groups.len() >= MAX_GROUPS - 1 }
    }
}

impl PeerCreds {
    /// The process id, as seen from this process's namespace.
    ///
    /// Linux, Android, macOS, FreeBSD since 13 and 12.3, NetBSD, OpenBSD. `None` elsewhere and for
    /// a peer in a pid namespace that can't be seen from here, such as the host's seen from within
    /// a container. A pid may already belong to somebody else: the peer that connected can be
    /// gone, or have passed its socket on. On Linux
    /// [`peer_pidfd`](crate::os::unix::uds_local_socket::Stream::peer_pidfd) tells; on macOS it is
    /// whoever used the socket last.
    #[must_use]
    pub fn pid(&self) -> Option<libc::pid_t> {
        self.pid
    }

    /// The effective user id. All Unix systems.
    ///
    /// `None` on Linux where it can't be told whom the number means: in a user namespace
    /// (user_namespaces(7)) the kernel shows all users that have no id there as one, 65534 as a
    /// rule (`/proc/sys/kernel/overflowuid`). That number is believed only where every id is mapped
    /// (`/proc/self/uid_map`), as outside of all such namespaces; so it isn't without `/proc`.
    #[must_use]
    pub fn euid(&self) -> Option<libc::uid_t> {
        self.euid
    }

    /// The effective group id. All Unix systems. `None` on Linux for a group that can't be told, as
    /// for [`euid`](Self::euid).
    #[must_use]
    pub fn egid(&self) -> Option<libc::gid_t> {
        self.egid
    }

    /// The supplementary groups without [`egid`](Self::egid), where the system tells them along
    /// with the rest: macOS, FreeBSD, DragonFly. On Linux ask
    /// [`peer_groups`](crate::os::unix::uds_local_socket::Stream::peer_groups).
    #[must_use]
    pub fn groups(&self) -> Option<&[libc::gid_t]> {
        self.groups.as_ref().map(|groups| &groups.list[..groups.length])
    }

    /// Whether [`groups`](Self::groups) may have been cut short by the system, which tells 16
    /// groups at most. `false` where it tells none.
    #[must_use]
    pub fn groups_truncated(&self) -> bool {
        self.groups.is_some_and(|groups| groups.truncated)
    }

    /// Its user, and the rule that would let it in, for messages.
    pub(crate) fn user_and_rule(&self) -> Option<(String, String)> {
        let uid = self.euid?;
        Some((format!("uid {uid}"), format!("Allow::uid({uid})")))
    }
}
