//! Listeners on tokio.

use super::{Keeper, Stream};
use crate::{
    name::Name,
    options::ListenerOptions,
    sealed::Sealed,
    sys::unix::{listener, reclaim::Reclaim},
    traits,
};
use ::tokio::net::UnixListener;
use std::{
    io,
    os::fd::{AsFd, BorrowedFd, OwnedFd},
};

/// A listener on a Unix domain socket on tokio: what
/// [`local_socket::tokio::Listener`](crate::tokio::Listener) holds.
#[derive(Debug)]
pub struct Listener {
    // First, because it must be dropped before the socket is closed.
    reclaim: Option<Reclaim>,
    socket: UnixListener,
    // After the socket, because it must be the last to be closed.
    #[expect(dead_code, reason = "nobody accepts yet")]
    keeper: Keeper,
    name: Option<Name<'static>>,
}

impl Listener {
    /// Where it listens, if it was made from options.
    #[must_use]
    pub fn name(&self) -> Option<&Name<'static>> {
        self.name.as_ref()
    }

    /// Tokio's listener within.
    #[must_use]
    pub fn inner(&self) -> &UnixListener {
        &self.socket
    }

    /// Tokio's listener within, mutably.
    pub fn inner_mut(&mut self) -> &mut UnixListener {
        &mut self.socket
    }

    /// Accepts a client if one is there, and never waits.
    ///
    /// # Errors
    /// [`WouldBlock`](io::ErrorKind::WouldBlock) if nobody is there; the rest as for
    /// [`accept`](traits::tokio::Listener::accept).
    pub fn try_accept(&self) -> io::Result<Stream> {
        unimplemented!()
    }
}

impl Sealed for Listener {}

impl traits::tokio::Listener for Listener {
    type Stream = Stream;

    fn from_options(_options: ListenerOptions<'_>) -> io::Result<Self> {
        unimplemented!()
    }

    async fn accept(&self) -> io::Result<Stream> {
        unimplemented!()
    }

    fn do_not_reclaim_name_on_drop(&mut self) {
        if let Some(reclaim) = self.reclaim.take() {
            reclaim.forget();
        }
    }
}

impl AsFd for Listener {
    fn as_fd(&self) -> BorrowedFd<'_> {
        self.socket.as_fd()
    }
}

/// The socket is made nonblocking. The name, if there is one, is given back by the new listener.
///
/// # Errors
/// Those of registering with the runtime.
///
/// # Panics
/// Outside a tokio runtime with I/O enabled.
impl TryFrom<listener::Listener> for Listener {
    type Error = io::Error;

    fn try_from(_listener: listener::Listener) -> io::Result<Self> {
        unimplemented!()
    }
}

/// The socket is made nonblocking. It has no name to give back.
///
/// # Errors
/// Those of fcntl(2) and of registering with the runtime.
///
/// # Panics
/// Outside a tokio runtime with I/O enabled.
impl TryFrom<OwnedFd> for Listener {
    type Error = io::Error;

    fn try_from(_fd: OwnedFd) -> io::Result<Self> {
        unimplemented!()
    }
}

/// The socket stays nonblocking, and its file where it is.
impl TryFrom<Listener> for OwnedFd {
    type Error = io::Error;

    fn try_from(_listener: Listener) -> io::Result<Self> {
        unimplemented!()
    }
}
