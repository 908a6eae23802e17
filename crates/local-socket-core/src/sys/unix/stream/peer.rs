//! What else the system tells of the other end.

use super::Stream;
use crate::sys::unix::creds;
use std::{
    io,
    os::fd::{AsFd, OwnedFd},
};

impl Stream {
    /// The supplementary groups of the peer: `SO_PEERGROUPS` on Linux since 4.13, `LOCAL_PEERCRED`
    /// on macOS and FreeBSD (16 at most, without the effective group). `None` elsewhere. Groups
    /// that the system can't tell apart ([`egid`](crate::PeerCreds::egid)) are left out.
    ///
    /// # Errors
    /// [`NotConnected`](io::ErrorKind::NotConnected) if the socket isn't.
    pub fn peer_groups(&self) -> io::Result<Option<Vec<libc::gid_t>>> {
        creds::peer_groups(self.as_fd())
    }

    /// A descriptor of the peer's process, which a pid that is given to somebody else later can't
    /// be mistaken for: `SO_PEERPIDFD`, Linux since 6.5. `None` elsewhere. For a client it is the
    /// process that listened.
    ///
    /// It can be read, in the sense of poll(2), once the process has ended. While it can't, the
    /// [`pid`](crate::PeerCreds::pid) is still that of the peer: look a thing up by the pid, ask
    /// afterwards whether the process still runs, and what was found was about the peer.
    /// pidfd_send_signal(2) with signal 0 asks the same and needs the permission to signal. It is
    /// closed on exec.
    ///
    /// # Errors
    /// `ESRCH` if the process has ended and Linux is older than 6.16, which then may have no
    /// descriptor to give. [`NotConnected`](io::ErrorKind::NotConnected) if the socket isn't.
    pub fn peer_pidfd(&self) -> io::Result<Option<OwnedFd>> {
        creds::peer_pidfd(self.as_fd())
    }

    /// Whether the process that connected, or for a client the one that listened, still runs.
    /// `None` where the system can't tell: it takes [`peer_pidfd`](Self::peer_pidfd). If it does,
    /// the [`pid`](crate::PeerCreds::pid) is its own and nobody else's. It says nothing about who
    /// has the other end of the stream now, which can be passed on.
    ///
    /// # Errors
    /// [`NotConnected`](io::ErrorKind::NotConnected) if the socket isn't.
    pub fn peer_is_running(&self) -> io::Result<Option<bool>> {
        creds::peer_is_running(self.as_fd())
    }
}
