//! Streams on tokio.

use super::{
    Keeper, connect,
    halves::{RecvHalf, SendHalf},
};
use crate::{
    creds::PeerCreds,
    options::ConnectOptions,
    sealed::Sealed,
    sys::unix::{creds, guarded::Guarded, socket},
    traits::{self, tokio::ReuniteResult},
};
use ::tokio::{
    io::{AsyncRead, AsyncWrite, ReadBuf},
    net::UnixStream,
};
use std::{
    io::{self, IoSlice},
    os::{
        fd::{AsFd, BorrowedFd, OwnedFd},
        unix::net::UnixStream as StdUnixStream,
    },
    pin::Pin,
    sync::Arc,
    task::{Context, Poll},
};

/// A stream over a Unix domain socket on tokio: what
/// [`local_socket::tokio::Stream`](crate::tokio::Stream) holds.
#[derive(Debug)]
pub struct Stream {
    pub(super) socket: UnixStream,
    // Last, because it must be the last to be closed.
    pub(super) keeper: Keeper,
}

impl Stream {
    /// A stream that is read with care if it is a suspect.
    pub(super) fn new(socket: UnixStream, suspect: bool) -> io::Result<Self> {
        let keeper = match suspect {
            true => Some(Arc::new(Guarded::new(socket.as_fd().try_clone_to_owned()?, true))),
            false => None,
        };
        Ok(Self { socket, keeper })
    }

    /// Whether the socket may receive descriptors that nobody asked for.
    #[expect(dead_code, reason = "nobody reads yet")]
    pub(super) fn is_suspect(&self) -> bool {
        self.keeper.is_some()
    }

    /// Tokio's stream within.
    ///
    /// Reading from that one doesn't keep away descriptors that nobody asked for where the kernel
    /// can't refuse them.
    #[must_use]
    pub fn inner(&self) -> &UnixStream {
        &self.socket
    }

    /// Tokio's stream within, mutably. See [`inner`](Self::inner).
    pub fn inner_mut(&mut self) -> &mut UnixStream {
        &mut self.socket
    }
}

impl Sealed for Stream {}

impl traits::StreamCommon for Stream {
    fn take_error(&self) -> io::Result<Option<io::Error>> {
        self.socket.take_error()
    }

    fn peer_creds(&self) -> io::Result<PeerCreds> {
        creds::peer_creds(self.as_fd())
    }
}

impl traits::tokio::Stream for Stream {
    type RecvHalf = RecvHalf;
    type SendHalf = SendHalf;

    fn split(self) -> (RecvHalf, SendHalf) {
        let (reader, writer) = self.socket.into_split();
        (RecvHalf::new(reader, self.keeper.clone()), SendHalf::new(writer, self.keeper))
    }

    fn reunite(rh: RecvHalf, sh: SendHalf) -> ReuniteResult<Self> {
        RecvHalf::reunite(rh, sh)
    }

    async fn from_options(options: &ConnectOptions<'_>) -> io::Result<Self> {
        connect::connect(options).await
    }
}

impl AsyncRead for &Stream {
    fn poll_read(
        self: Pin<&mut Self>,
        _cx: &mut Context<'_>,
        _buf: &mut ReadBuf<'_>,
    ) -> Poll<io::Result<()>> {
        unimplemented!()
    }
}

impl AsyncRead for Stream {
    fn poll_read(
        self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        buf: &mut ReadBuf<'_>,
    ) -> Poll<io::Result<()>> {
        Pin::new(&mut &*self).poll_read(cx, buf)
    }
}

/// Nothing is buffered here, so there is nothing to flush. SIGPIPE is not raised. Shutting down ends
/// the direction: the peer reads to its end and can still answer.
impl AsyncWrite for &Stream {
    fn poll_write(
        self: Pin<&mut Self>,
        _cx: &mut Context<'_>,
        _buf: &[u8],
    ) -> Poll<io::Result<usize>> {
        unimplemented!()
    }

    fn poll_write_vectored(
        self: Pin<&mut Self>,
        _cx: &mut Context<'_>,
        _bufs: &[IoSlice<'_>],
    ) -> Poll<io::Result<usize>> {
        unimplemented!()
    }

    fn is_write_vectored(&self) -> bool {
        true
    }

    fn poll_flush(self: Pin<&mut Self>, _cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        Poll::Ready(Ok(()))
    }

    fn poll_shutdown(self: Pin<&mut Self>, _cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        unimplemented!()
    }
}

/// As for a reference.
impl AsyncWrite for Stream {
    fn poll_write(
        self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        buf: &[u8],
    ) -> Poll<io::Result<usize>> {
        Pin::new(&mut &*self).poll_write(cx, buf)
    }

    fn poll_write_vectored(
        self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        bufs: &[IoSlice<'_>],
    ) -> Poll<io::Result<usize>> {
        Pin::new(&mut &*self).poll_write_vectored(cx, bufs)
    }

    fn is_write_vectored(&self) -> bool {
        true
    }

    fn poll_flush(self: Pin<&mut Self>, _cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        Poll::Ready(Ok(()))
    }

    fn poll_shutdown(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut &*self).poll_shutdown(cx)
    }
}

impl AsFd for Stream {
    fn as_fd(&self) -> BorrowedFd<'_> {
        self.socket.as_fd()
    }
}

/// It receives descriptors as any socket does.
impl From<UnixStream> for Stream {
    fn from(socket: UnixStream) -> Self {
        socket::prepare(socket.as_fd());
        Self { socket, keeper: None }
    }
}

/// From then on, descriptors that nobody asked for are no longer kept away where the kernel
/// can't refuse them.
impl From<Stream> for UnixStream {
    fn from(stream: Stream) -> Self {
        stream.socket
    }
}

/// The socket is made nonblocking. It receives descriptors as any socket does.
///
/// # Errors
/// Those of fcntl(2) and of registering with the runtime, such as a descriptor that isn't a
/// socket's.
///
/// # Panics
/// Outside a tokio runtime with I/O enabled.
impl TryFrom<OwnedFd> for Stream {
    type Error = io::Error;

    fn try_from(fd: OwnedFd) -> io::Result<Self> {
        let socket = StdUnixStream::from(fd);
        socket.set_nonblocking(true)?;
        Ok(UnixStream::from_std(socket)?.into())
    }
}

/// The socket stays nonblocking. See the conversion to [`UnixStream`].
impl TryFrom<Stream> for OwnedFd {
    type Error = io::Error;

    fn try_from(stream: Stream) -> io::Result<Self> {
        Ok(stream.socket.into_std()?.into())
    }
}
