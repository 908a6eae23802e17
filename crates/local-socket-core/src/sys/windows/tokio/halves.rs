//! Halves of streams on tokio.

use super::Stream;
use crate::{sealed::Sealed, tokio::forward, traits};
use ::tokio::io::{AsyncRead, AsyncWrite, ReadBuf};
use std::{
    io::{self, IoSlice, IoSliceMut},
    pin::Pin,
    task::{Context, Poll},
};

/// The receiving half.
#[derive(Debug)]
pub struct RecvHalf;

/// The sending half.
#[derive(Debug)]
pub struct SendHalf;

impl RecvHalf {
    /// Reads what is there.
    ///
    /// # Errors
    /// `WouldBlock`: nothing.
    pub fn try_read(&self, _buf: &mut [u8]) -> io::Result<usize> {
        unimplemented!()
    }

    /// As [`try_read`](Self::try_read), into several buffers.
    ///
    /// # Errors
    /// As there.
    pub fn try_read_vectored(&self, _bufs: &mut [IoSliceMut<'_>]) -> io::Result<usize> {
        unimplemented!()
    }

    /// Waits until there may be something to read.
    ///
    /// # Errors
    /// The system's.
    pub async fn readable(&self) -> io::Result<()> {
        unimplemented!()
    }

    /// Reads give the end from now on.
    ///
    /// # Errors
    /// The system's.
    pub fn shutdown_read(&self) -> io::Result<()> {
        unimplemented!()
    }
}

impl SendHalf {
    /// Hands bytes to the system.
    ///
    /// # Errors
    /// `WouldBlock`: no room.
    pub fn try_write(&self, _buf: &[u8]) -> io::Result<usize> {
        unimplemented!()
    }

    /// As [`try_write`](Self::try_write), from several buffers.
    ///
    /// # Errors
    /// As there.
    pub fn try_write_vectored(&self, _bufs: &[IoSlice<'_>]) -> io::Result<usize> {
        unimplemented!()
    }

    /// Waits until there may be room.
    ///
    /// # Errors
    /// The system's.
    pub async fn writable(&self) -> io::Result<()> {
        unimplemented!()
    }

    /// Ends writing.
    ///
    /// # Errors
    /// `Unsupported`: the peer's pipe can't tell it.
    pub fn shutdown_write(&self) -> io::Result<()> {
        unimplemented!()
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

impl AsyncRead for &RecvHalf {
    fn poll_read(
        self: Pin<&mut Self>,
        _cx: &mut Context<'_>,
        _buf: &mut ReadBuf<'_>,
    ) -> Poll<io::Result<()>> {
        unimplemented!()
    }
}

forward! {
    impl AsyncRead for RecvHalf => |stream| stream
}

impl AsyncWrite for &SendHalf {
    fn poll_write(
        self: Pin<&mut Self>,
        _cx: &mut Context<'_>,
        _buf: &[u8],
    ) -> Poll<io::Result<usize>> {
        unimplemented!()
    }

    fn poll_flush(self: Pin<&mut Self>, _cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        unimplemented!()
    }

    fn poll_shutdown(self: Pin<&mut Self>, _cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        unimplemented!()
    }
}

forward! {
    impl AsyncWrite for SendHalf => |stream| stream
}
