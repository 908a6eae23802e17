//! Streams from and to what programs have.

use super::Stream;
use crate::sys::unix::socket;
use std::os::{
    fd::{AsFd, BorrowedFd, OwnedFd},
    unix::net::UnixStream,
};

impl AsFd for Stream {
    fn as_fd(&self) -> BorrowedFd<'_> {
        self.socket.as_fd()
    }
}

impl From<UnixStream> for Stream {
    fn from(socket: UnixStream) -> Self {
        socket::prepare(socket.as_fd());
        Self::new(socket, false)
    }
}

impl From<OwnedFd> for Stream {
    fn from(fd: OwnedFd) -> Self {
        UnixStream::from(fd).into()
    }
}

/// From then on, descriptors that nobody asked for are no longer kept away where the kernel
/// can't refuse them, and it no longer counts as a connection of its listener
/// ([`max_connections`](crate::ListenerOptions::max_connections)).
impl From<Stream> for UnixStream {
    fn from(stream: Stream) -> Self {
        stream.socket.into_inner()
    }
}

/// See the conversion to [`UnixStream`].
impl From<Stream> for OwnedFd {
    fn from(stream: Stream) -> Self {
        UnixStream::from(stream).into()
    }
}
