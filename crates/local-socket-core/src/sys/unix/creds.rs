//! Asking the kernel who is on the other end.

use crate::creds::PeerCreds;
use std::{io, os::fd::BorrowedFd};

pub(super) use imp::{peer_creds, peer_groups};

#[cfg(any(target_os = "linux", target_os = "android"))]
mod imp {
    use super::*;
    use crate::sys::unix::sockopt;

    /// How many groups to make room for at first. With more, the kernel says how many there are.
    const GROUPS_AT_FIRST: usize = 32;

    #[cfg(not(target_os = "android"))]
    const SO_PEERGROUPS: libc::c_int = libc::SO_PEERGROUPS;
    /// include/uapi/asm-generic/socket.h; the same on every architecture that Android has.
    #[cfg(target_os = "android")]
    const SO_PEERGROUPS: libc::c_int = 59;

    const WORD: usize = size_of::<u32>();

    fn words(bytes: &[u8]) -> impl Iterator<Item = u32> {
        bytes.chunks_exact(WORD).filter_map(|word| Some(u32::from_ne_bytes(word.try_into().ok()?)))
    }

    /// `SO_PEERCRED`, a `struct ucred` of three words: pid, uid, gid (unix(7)).
    ///
    /// The pid is 0 for a peer in a pid namespace that this process can't see; the ids of a
    /// socket that isn't connected are -1.
    pub(crate) fn peer_creds(fd: BorrowedFd<'_>) -> io::Result<PeerCreds> {
        let mut bytes = [0; size_of::<libc::ucred>()];
        sockopt::get(fd, libc::SOL_SOCKET, libc::SO_PEERCRED, &mut bytes).map_err(|(e, _)| e)?;
        let mut words = words(&bytes);
        let mut next = || words.next().unwrap_or(u32::MAX);
        let (pid, uid, gid) = (next() as libc::pid_t, next(), next());
        if uid == libc::uid_t::MAX {
            return Err(io::Error::from_raw_os_error(libc::ENOTCONN));
        }
        let pid = (pid > 0).then_some(pid);
        Ok(PeerCreds { pid, euid: Some(uid), egid: Some(gid), groups: None })
    }

    /// `SO_PEERGROUPS`, since Linux 4.13: an array of words. If it doesn't fit, the error is
    /// ERANGE and the length is what would be needed.
    pub(crate) fn peer_groups(fd: BorrowedFd<'_>) -> io::Result<Option<Vec<libc::gid_t>>> {
        let mut bytes = vec![0; GROUPS_AT_FIRST * WORD];
        loop {
            match sockopt::get(fd, libc::SOL_SOCKET, SO_PEERGROUPS, &mut bytes) {
                Ok(length) => return Ok(Some(words(&bytes[..length]).collect())),
                Err((error, needed)) => match error.raw_os_error() {
                    Some(libc::ERANGE) if needed > bytes.len() => bytes.resize(needed, 0),
                    Some(libc::ENOPROTOOPT) => return Ok(None),
                    // So says the kernel about a socket that has no peer.
                    Some(libc::ENODATA) => {
                        return Err(io::Error::from_raw_os_error(libc::ENOTCONN));
                    }
                    _ => return Err(error),
                },
            }
        }
    }
}

#[cfg(not(any(target_os = "linux", target_os = "android")))]
mod imp {
    use super::*;
    use std::os::fd::AsRawFd;

    /// getpeereid(3), with what else the system tells.
    pub(crate) fn peer_creds(fd: BorrowedFd<'_>) -> io::Result<PeerCreds> {
        let (mut uid, mut gid) = (libc::uid_t::MAX, libc::gid_t::MAX);
        // SAFETY: both pointers are to live integers of the types asked for, and the descriptor is
        // open because it is borrowed.
        let result = unsafe { libc::getpeereid(fd.as_raw_fd(), &mut uid, &mut gid) };
        if result != 0 {
            return Err(io::Error::last_os_error());
        }
        Ok(PeerCreds { pid: pid(fd), euid: Some(uid), egid: Some(gid), groups: groups(fd) })
    }

    pub(crate) fn peer_groups(fd: BorrowedFd<'_>) -> io::Result<Option<Vec<libc::gid_t>>> {
        Ok(peer_creds(fd)?.groups().map(<[_]>::to_vec))
    }

    #[cfg(target_vendor = "apple")]
    fn pid(fd: BorrowedFd<'_>) -> Option<libc::pid_t> {
        use crate::sys::unix::sockopt;
        let mut bytes = [0; size_of::<libc::pid_t>()];
        sockopt::get(fd, libc::SOL_LOCAL, libc::LOCAL_PEERPID, &mut bytes).ok()?;
        Some(libc::pid_t::from_ne_bytes(bytes)).filter(|&pid| pid > 0)
    }

    #[cfg(not(target_vendor = "apple"))]
    fn pid(_fd: BorrowedFd<'_>) -> Option<libc::pid_t> {
        None
    }

    /// `LOCAL_PEERCRED`, a `struct xucred` (unix(4)), whose first group is the effective one.
    #[cfg(any(target_vendor = "apple", target_os = "freebsd"))]
    fn groups(fd: BorrowedFd<'_>) -> Option<crate::creds::Groups> {
        use crate::{creds::Groups, sys::unix::sockopt};
        use std::mem::offset_of;

        /// What macOS and FreeBSD call the level of such options: 0.
        const SOL_LOCAL: libc::c_int = 0;

        let mut bytes = [0; size_of::<libc::xucred>()];
        sockopt::get(fd, SOL_LOCAL, libc::LOCAL_PEERCRED, &mut bytes).ok()?;
        let (_, count) = bytes.split_at(offset_of!(libc::xucred, cr_ngroups));
        let count = libc::c_short::from_ne_bytes(*count.first_chunk()?);
        let count = usize::try_from(count).ok()?.min(16);
        let gids: Vec<_> = bytes[offset_of!(libc::xucred, cr_groups)..]
            .chunks_exact(size_of::<libc::gid_t>())
            .filter_map(|gid| Some(libc::gid_t::from_ne_bytes(gid.try_into().ok()?)))
            .take(count)
            .collect();
        Some(Groups::new(gids.get(1..).unwrap_or_default()))
    }

    #[cfg(not(any(target_vendor = "apple", target_os = "freebsd")))]
    fn groups(_fd: BorrowedFd<'_>) -> Option<crate::creds::Groups> {
        None
    }
}
