//! The peer's credentials on macOS and the BSDs.
//!
//! Written from their manual pages, and never run; for macOS and FreeBSD it has been type-checked.

use crate::creds::PeerCreds;
use std::{
    io,
    os::fd::{AsRawFd, BorrowedFd, OwnedFd},
};

/// Every user can be told from others.
pub(in super::super) fn known_user(uid: libc::uid_t) -> Option<libc::uid_t> {
    Some(uid)
}

/// getpeereid(3), with what else the system tells.
pub(in super::super) fn peer_creds(fd: BorrowedFd<'_>) -> io::Result<PeerCreds> {
    let (mut uid, mut gid) = (libc::uid_t::MAX, libc::gid_t::MAX);
    // SAFETY: both pointers are to live integers of the types asked for, and the descriptor is
    // open because it is borrowed.
    let result = unsafe { libc::getpeereid(fd.as_raw_fd(), &mut uid, &mut gid) };
    if result != 0 {
        return Err(io::Error::last_os_error());
    }
    let (pid, groups) = (more::pid(fd).filter(|&pid| pid > 0), more::groups(fd));
    Ok(PeerCreds { pid, euid: Some(uid), egid: Some(gid), groups })
}

pub(in super::super) fn peer_groups(fd: BorrowedFd<'_>) -> io::Result<Option<Vec<libc::gid_t>>> {
    Ok(peer_creds(fd)?.groups().map(<[_]>::to_vec))
}

/// No system but Linux has such descriptors for processes that it is connected to.
pub(in super::super) fn peer_pidfd(_fd: BorrowedFd<'_>) -> io::Result<Option<OwnedFd>> {
    Ok(None)
}

pub(in super::super) fn peer_is_running(_fd: BorrowedFd<'_>) -> io::Result<Option<bool>> {
    Ok(None)
}

/// A field that is four bytes wide, out of a structure as the system wrote it.
#[cfg(any(
    target_vendor = "apple",
    target_os = "freebsd",
    target_os = "netbsd",
    target_os = "openbsd"
))]
fn field(bytes: &[u8], offset: usize) -> Option<[u8; 4]> {
    bytes.get(offset..)?.first_chunk().copied()
}

/// unix(4) of macOS, FreeBSD and DragonFly: `LOCAL_PEERCRED` gives a `struct xucred`, whose first
/// group is the effective one.
#[cfg(any(target_vendor = "apple", target_os = "freebsd", target_os = "dragonfly"))]
mod more {
    use crate::{creds::Groups, sys::unix::sockopt};
    use std::{
        mem::{offset_of, size_of},
        os::fd::BorrowedFd,
    };

    /// The level of the options of such sockets; SOL_LOCAL where it has a name.
    const LEVEL: libc::c_int = 0;

    /// How many groups a `struct xucred` has room for (XU_NGROUPS).
    const ROOM: usize = 16;

    /// Nothing if the system is of a time when the structure looks different, which
    /// `cr_version` is there to tell.
    fn xucred(fd: BorrowedFd<'_>) -> Option<[u8; size_of::<libc::xucred>()]> {
        let mut bytes = [0; size_of::<libc::xucred>()];
        sockopt::get(fd, LEVEL, libc::LOCAL_PEERCRED, &mut bytes).ok()?;
        let version = bytes[offset_of!(libc::xucred, cr_version)..].first_chunk()?;
        (libc::c_uint::from_ne_bytes(*version) == libc::XUCRED_VERSION).then_some(bytes)
    }

    pub(super) fn groups(fd: BorrowedFd<'_>) -> Option<Groups> {
        let bytes = xucred(fd)?;
        let count = bytes[offset_of!(libc::xucred, cr_ngroups)..].first_chunk()?;
        let count = usize::try_from(libc::c_short::from_ne_bytes(*count)).ok()?.min(ROOM);
        let gids: Vec<_> = bytes[offset_of!(libc::xucred, cr_groups)..]
            .chunks_exact(size_of::<libc::gid_t>())
            .filter_map(|gid| Some(libc::gid_t::from_ne_bytes(gid.try_into().ok()?)))
            .take(count)
            .collect();
        Some(Groups::new(gids.get(1..).unwrap_or_default()))
    }

    /// `LOCAL_PEERPID`, which macOS has beside the rest.
    #[cfg(target_vendor = "apple")]
    pub(super) fn pid(fd: BorrowedFd<'_>) -> Option<libc::pid_t> {
        let mut bytes = [0; size_of::<libc::pid_t>()];
        sockopt::get(fd, LEVEL, libc::LOCAL_PEERPID, &mut bytes).ok()?;
        super::field(&bytes, 0).map(libc::pid_t::from_ne_bytes)
    }

    /// `cr_pid`, since FreeBSD 13 and 12.3; zeros before, which are no pid.
    #[cfg(target_os = "freebsd")]
    pub(super) fn pid(fd: BorrowedFd<'_>) -> Option<libc::pid_t> {
        let offset = offset_of!(libc::xucred, cr_pid__c_anonymous_union);
        super::field(&xucred(fd)?, offset).map(libc::pid_t::from_ne_bytes)
    }

    #[cfg(target_os = "dragonfly")]
    pub(super) fn pid(_fd: BorrowedFd<'_>) -> Option<libc::pid_t> {
        None
    }
}

/// getsockopt(2) of OpenBSD: `SO_PEERCRED` gives a `struct sockpeercred`. unix(4) of NetBSD:
/// `LOCAL_PEEREID` gives a `struct unpcbid`. Both are the other's as of connecting or listening.
#[cfg(any(target_os = "netbsd", target_os = "openbsd"))]
mod more {
    use crate::{creds::Groups, sys::unix::sockopt};
    use std::{
        mem::{offset_of, size_of},
        os::fd::BorrowedFd,
    };

    #[cfg(target_os = "openbsd")]
    pub(super) fn pid(fd: BorrowedFd<'_>) -> Option<libc::pid_t> {
        let mut bytes = [0; size_of::<libc::sockpeercred>()];
        sockopt::get(fd, libc::SOL_SOCKET, libc::SO_PEERCRED, &mut bytes).ok()?;
        let offset = offset_of!(libc::sockpeercred, pid);
        super::field(&bytes, offset).map(libc::pid_t::from_ne_bytes)
    }

    #[cfg(target_os = "netbsd")]
    pub(super) fn pid(fd: BorrowedFd<'_>) -> Option<libc::pid_t> {
        /// The level of the options of such sockets.
        const LEVEL: libc::c_int = 0;

        let mut bytes = [0; size_of::<libc::unpcbid>()];
        sockopt::get(fd, LEVEL, libc::LOCAL_PEEREID, &mut bytes).ok()?;
        let offset = offset_of!(libc::unpcbid, unp_pid);
        super::field(&bytes, offset).map(libc::pid_t::from_ne_bytes)
    }

    pub(super) fn groups(_fd: BorrowedFd<'_>) -> Option<Groups> {
        None
    }
}

/// Nothing that this crate knows of.
#[cfg(not(any(
    target_vendor = "apple",
    target_os = "freebsd",
    target_os = "dragonfly",
    target_os = "netbsd",
    target_os = "openbsd"
)))]
mod more {
    use crate::creds::Groups;
    use std::os::fd::BorrowedFd;

    pub(super) fn pid(_fd: BorrowedFd<'_>) -> Option<libc::pid_t> {
        None
    }

    pub(super) fn groups(_fd: BorrowedFd<'_>) -> Option<Groups> {
        None
    }
}
