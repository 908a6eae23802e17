//! The peer's credentials on Linux, as socket options (unix(7)).

use super::mapped;
use crate::{creds::PeerCreds, sys::unix::sockopt};
use rustix::event::{PollFd, PollFlags, Timespec, poll};
use std::{
    io,
    os::fd::{BorrowedFd, FromRawFd, OwnedFd, RawFd},
};

/// How many groups to make room for at first. With more, the kernel says how many there are.
const GROUPS_AT_FIRST: usize = 32;

#[cfg(not(target_os = "android"))]
const SO_PEERGROUPS: libc::c_int = libc::SO_PEERGROUPS;
#[cfg(not(target_os = "android"))]
const SO_PEERPIDFD: libc::c_int = libc::SO_PEERPIDFD;

// include/uapi/asm-generic/socket.h; the same on every architecture that Android has.
#[cfg(target_os = "android")]
const SO_PEERGROUPS: libc::c_int = 59;
#[cfg(target_os = "android")]
const SO_PEERPIDFD: libc::c_int = 77;

const WORD: usize = size_of::<u32>();

fn words(bytes: &[u8]) -> impl Iterator<Item = u32> {
    bytes.chunks_exact(WORD).filter_map(|word| Some(u32::from_ne_bytes(word.try_into().ok()?)))
}

/// The user if it can be told from others.
pub(in super::super) fn known_user(uid: libc::uid_t) -> Option<libc::uid_t> {
    mapped::UIDS.known(uid)
}

/// `SO_PEERCRED`, a `struct ucred` of three words: pid, uid, gid.
///
/// The pid is 0 for a peer in a pid namespace that this process can't see; the ids of a socket that
/// isn't connected are -1.
pub(in super::super) fn peer_creds(fd: BorrowedFd<'_>) -> io::Result<PeerCreds> {
    let mut bytes = [0; size_of::<libc::ucred>()];
    sockopt::get(fd, libc::SOL_SOCKET, libc::SO_PEERCRED, &mut bytes).map_err(|(e, _)| e)?;
    let mut words = words(&bytes);
    let mut next = || words.next().unwrap_or(u32::MAX);
    let (pid, uid, gid) = (next() as libc::pid_t, next(), next());
    if uid == libc::uid_t::MAX {
        return Err(io::Error::from_raw_os_error(libc::ENOTCONN));
    }
    let pid = (pid > 0).then_some(pid);
    let (euid, egid) = (known_user(uid), mapped::GIDS.known(gid));
    Ok(PeerCreds { pid, euid, egid, groups: None })
}

/// `SO_PEERGROUPS`, since Linux 4.13: an array of words. If it doesn't fit, the error is ERANGE and
/// the length is what would be needed. Groups that can't be told are left out.
pub(in super::super) fn peer_groups(fd: BorrowedFd<'_>) -> io::Result<Option<Vec<libc::gid_t>>> {
    let mut bytes = vec![0; GROUPS_AT_FIRST * WORD];
    loop {
        match sockopt::get(fd, libc::SOL_SOCKET, SO_PEERGROUPS, &mut bytes) {
            Ok(length) => {
                let groups = words(&bytes[..length]);
                return Ok(Some(groups.filter_map(|gid| mapped::GIDS.known(gid)).collect()));
            }
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

/// `SO_PEERPIDFD`, since Linux 6.5. `ESRCH` if the process is gone and has been waited for, and the
/// kernel gives no descriptor then: up to 6.15 it says so, or EINVAL, while newer ones give one.
pub(in super::super) fn peer_pidfd(fd: BorrowedFd<'_>) -> io::Result<Option<OwnedFd>> {
    let mut bytes = [0; size_of::<RawFd>()];
    match sockopt::get(fd, libc::SOL_SOCKET, SO_PEERPIDFD, &mut bytes) {
        Ok(_) => {
            // SAFETY: the kernel made this descriptor, closed on exec, for this call alone.
            Ok(Some(unsafe { OwnedFd::from_raw_fd(RawFd::from_ne_bytes(bytes)) }))
        }
        Err((error, _)) => match error.raw_os_error() {
            Some(libc::ENOPROTOOPT) => Ok(None),
            Some(libc::EINVAL) => Err(io::Error::from_raw_os_error(libc::ESRCH)),
            Some(libc::ENODATA) => Err(io::Error::from_raw_os_error(libc::ENOTCONN)),
            _ => Err(error),
        },
    }
}

/// A pidfd can be read once its process has ended (pidfd_open(2)).
pub(in super::super) fn peer_is_running(fd: BorrowedFd<'_>) -> io::Result<Option<bool>> {
    let pidfd = match peer_pidfd(fd) {
        Err(error) if error.raw_os_error() == Some(libc::ESRCH) => return Ok(Some(false)),
        result => result?,
    };
    let Some(pidfd) = pidfd else { return Ok(None) };
    let mut fds = [PollFd::new(&pidfd, PollFlags::IN)];
    let at_once = Timespec { tv_sec: 0, tv_nsec: 0 };
    let ended = rustix::io::retry_on_intr(|| poll(&mut fds, Some(&at_once)))? > 0;
    Ok(Some(!ended))
}
