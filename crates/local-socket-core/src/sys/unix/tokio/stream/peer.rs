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

    /// A descriptor of the peer's process: see
    /// [that of the blocking stream](crate::os::unix::uds_local_socket::Stream::peer_pidfd).
    ///
    /// # Errors
    /// As there.
    pub fn peer_pidfd(&self) -> io::Result<Option<OwnedFd>> {
        creds::peer_pidfd(self.as_fd())
    }

    /// Whether the process that connected, or for a client the one that listened, still runs: see
    /// [that of the blocking stream](crate::os::unix::uds_local_socket::Stream::peer_is_running).
    ///
    /// # Errors
    /// As there.
    pub fn peer_is_running(&self) -> io::Result<Option<bool>> {
        creds::peer_is_running(self.as_fd())
    }
}
