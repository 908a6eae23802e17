//! Listeners from and to what programs have.

use super::Listener;
use crate::sys::unix::{admission::Admission, guarded::Guarded};
use std::os::{
    fd::{AsFd, BorrowedFd, OwnedFd},
    unix::net::UnixListener,
};

impl AsFd for Listener {
    fn as_fd(&self) -> BorrowedFd<'_> {
        self.socket.as_fd()
    }
}

impl From<UnixListener> for Listener {
    fn from(socket: UnixListener) -> Self {
        Self {
            reclaim: None,
            socket: Guarded::new(socket, false),
            nonblocking_accept: false.into(),
            nonblocking_streams: false.into(),
            admission: Admission::default(),
            name: None,
        }
    }
}

impl From<OwnedFd> for Listener {
    fn from(fd: OwnedFd) -> Self {
        UnixListener::from(fd).into()
    }
}

/// The socket file stays. Everybody is let in.
impl From<Listener> for UnixListener {
    fn from(listener: Listener) -> Self {
        listener.without_reclaim().into_inner()
    }
}

/// The socket file stays. Everybody is let in.
impl From<Listener> for OwnedFd {
    fn from(listener: Listener) -> Self {
        UnixListener::from(listener).into()
    }
}
