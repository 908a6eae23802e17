//! The stream on tokio as programs use it.

use super::{RecvHalf, ReuniteResult, SendHalf};
use crate::{
    creds::PeerCreds, options::ConnectOptions, sealed::Sealed, sys::current::tokio as sys, traits,
};
use ::tokio::io::{AsyncRead, AsyncWrite, ReadBuf};
use std::{
    io::{self, IoSlice},
    pin::Pin,
    task::{Context, Poll},
};

/// A connected stream of bytes on tokio. There is one variant for each system, so that
/// `let Stream::UdSocket(stream) = stream;` gives what the system has on top.
///
/// The methods are in [`traits::tokio::Stream`] and [`traits::StreamCommon`], which the
/// [`prelude`](super::prelude) brings in.
#[derive(Debug)]
pub enum Stream {
    /// A Unix domain socket.
    UdSocket(sys::Stream),
}

impl Stream {
    fn os(&self) -> &sys::Stream {
        let Self::UdSocket(stream) = self;
        stream
    }
}

impl Sealed for Stream {}

impl traits::StreamCommon for Stream {
    fn take_error(&self) -> io::Result<Option<io::Error>> {
        self.os().take_error()
    }

    fn peer_creds(&self) -> io::Result<PeerCreds> {
        self.os().peer_creds()
    }
}

impl traits::tokio::Stream for Stream {
    type RecvHalf = RecvHalf;
    type SendHalf = SendHalf;

    fn split(self) -> (RecvHalf, SendHalf) {
        let Self::UdSocket(stream) = self;
        let (rh, sh) = stream.split();
        (rh.into(), sh.into())
    }

    fn reunite(rh: RecvHalf, sh: SendHalf) -> ReuniteResult {
        let (RecvHalf::UdSocket(rh), SendHalf::UdSocket(sh)) = (rh, sh);
        match sys::Stream::reunite(rh, sh) {
            Ok(stream) => Ok(stream.into()),
            Err(error) => Err(error.convert_halves()),
        }
    }

    async fn from_options(options: &ConnectOptions<'_>) -> io::Result<Self> {
        sys::Stream::from_options(options).await.map(Self::from)
    }
}

impl From<sys::Stream> for Stream {
    fn from(stream: sys::Stream) -> Self {
        Self::UdSocket(stream)
    }
}

impl AsyncRead for &Stream {
    fn poll_read(
        self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        buf: &mut ReadBuf<'_>,
    ) -> Poll<io::Result<()>> {
        Pin::new(&mut self.os()).poll_read(cx, buf)
    }
}

impl AsyncRead for Stream {
    fn poll_read(
        self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        buf: &mut ReadBuf<'_>,
    ) -> Poll<io::Result<()>> {
        Pin::new(&mut self.os()).poll_read(cx, buf)
    }
}

/// Nothing is buffered here, so there is nothing to flush. Shutting down ends the direction.
impl AsyncWrite for &Stream {
    fn poll_write(
        self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        buf: &[u8],
    ) -> Poll<io::Result<usize>> {
        Pin::new(&mut self.os()).poll_write(cx, buf)
    }

    fn poll_write_vectored(
        self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        bufs: &[IoSlice<'_>],
    ) -> Poll<io::Result<usize>> {
        Pin::new(&mut self.os()).poll_write_vectored(cx, bufs)
    }

    fn is_write_vectored(&self) -> bool {
        self.os().is_write_vectored()
    }

    fn poll_flush(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.os()).poll_flush(cx)
    }

    fn poll_shutdown(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.os()).poll_shutdown(cx)
    }
}

/// Nothing is buffered here, so there is nothing to flush. Shutting down ends the direction.
impl AsyncWrite for Stream {
    fn poll_write(
        self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        buf: &[u8],
    ) -> Poll<io::Result<usize>> {
        Pin::new(&mut self.os()).poll_write(cx, buf)
    }

    fn poll_write_vectored(
        self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        bufs: &[IoSlice<'_>],
    ) -> Poll<io::Result<usize>> {
        Pin::new(&mut self.os()).poll_write_vectored(cx, bufs)
    }

    fn is_write_vectored(&self) -> bool {
        self.os().is_write_vectored()
    }

    fn poll_flush(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.os()).poll_flush(cx)
    }

    fn poll_shutdown(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.os()).poll_shutdown(cx)
    }
}
