//! The halves on tokio as programs use them.

use super::Stream;
use crate::{sealed::Sealed, sys::current::tokio as sys, traits};
use ::tokio::io::{AsyncRead, AsyncWrite, ReadBuf};
use std::{
    io::{self, IoSlice},
    pin::Pin,
    task::{Context, Poll},
};

/// The half of a [`Stream`] that reads, made by [`traits::tokio::Stream::split`].
#[derive(Debug)]
pub enum RecvHalf {
    /// A Unix domain socket's.
    UdSocket(sys::RecvHalf),
}

/// The half of a [`Stream`] that writes, made by [`traits::tokio::Stream::split`]. Dropping it ends
/// its direction.
#[derive(Debug)]
pub enum SendHalf {
    /// A Unix domain socket's.
    UdSocket(sys::SendHalf),
}

impl RecvHalf {
    fn os(&self) -> &sys::RecvHalf {
        let Self::UdSocket(half) = self;
        half
    }
}

impl SendHalf {
    fn os(&self) -> &sys::SendHalf {
        let Self::UdSocket(half) = self;
        half
    }
}

impl Sealed for RecvHalf {}
impl Sealed for SendHalf {}

impl traits::tokio::RecvHalf for RecvHalf {
    type Stream = Stream;
}

impl traits::tokio::SendHalf for SendHalf {
    type Stream = Stream;
}

impl From<sys::RecvHalf> for RecvHalf {
    fn from(half: sys::RecvHalf) -> Self {
        Self::UdSocket(half)
    }
}

impl From<sys::SendHalf> for SendHalf {
    fn from(half: sys::SendHalf) -> Self {
        Self::UdSocket(half)
    }
}

impl AsyncRead for &RecvHalf {
    fn poll_read(
        self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        buf: &mut ReadBuf<'_>,
    ) -> Poll<io::Result<()>> {
        Pin::new(&mut self.os()).poll_read(cx, buf)
    }
}

impl AsyncRead for RecvHalf {
    fn poll_read(
        self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        buf: &mut ReadBuf<'_>,
    ) -> Poll<io::Result<()>> {
        Pin::new(&mut self.os()).poll_read(cx, buf)
    }
}

/// Nothing is buffered here, so there is nothing to flush. Shutting down ends the direction.
impl AsyncWrite for &SendHalf {
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
impl AsyncWrite for SendHalf {
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
