//! Streams on tokio from and to what programs have.

use super::{Keeper, Stream};
use crate::sys::unix::socket;
use ::tokio::net::UnixStream;
use std::{
    io,
    os::{
        fd::{AsFd, BorrowedFd, OwnedFd},
        unix::net::UnixStream as StdUnixStream,
    },
};

impl AsFd for Stream {
    fn as_fd(&self) -> BorrowedFd<'_> {
        self.socket.as_fd()
    }
}

/// It receives descriptors as any socket does.
impl From<UnixStream> for Stream {
    fn from(socket: UnixStream) -> Self {
        socket::prepare(socket.as_fd());
        Self { socket, keeper: Keeper::default() }
    }
}

/// From then on, descriptors that nobody asked for are no longer kept away where the kernel
/// can't refuse them, and it no longer counts as a connection of its listener
/// ([`max_connections`](crate::ListenerOptions::max_connections)).
impl From<Stream> for UnixStream {
    fn from(stream: Stream) -> Self {
        stream.socket
    }
}

/// The socket is made nonblocking, for every descriptor that shares it. It receives descriptors as
/// any socket does.
///
/// # Errors
/// Those of ioctl(2) and of registering with the runtime: see epoll_ctl(2), or kevent(2) on macOS
/// and the BSDs. The descriptor is closed then. Whether it is a connected Unix domain socket isn't
/// asked; one that isn't says so at its first use.
///
/// # Panics
/// Outside a tokio runtime with I/O enabled. The descriptor is closed then.
impl TryFrom<OwnedFd> for Stream {
    type Error = io::Error;

    fn try_from(fd: OwnedFd) -> io::Result<Self> {
        let socket = StdUnixStream::from(fd);
        socket.set_nonblocking(true)?;
        Ok(UnixStream::from_std(socket)?.into())
    }
}

/// The socket stays nonblocking. See the conversion to [`UnixStream`].
///
/// # Errors
/// Those of taking the socket from the runtime. It is closed then.
impl TryFrom<Stream> for OwnedFd {
    type Error = io::Error;

    fn try_from(stream: Stream) -> io::Result<Self> {
        Ok(stream.socket.into_std()?.into())
    }
}
