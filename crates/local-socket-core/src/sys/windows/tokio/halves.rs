//! Halves of streams on tokio.

use super::Stream;
use crate::{
    error::ReuniteError,
    sealed::Sealed,
    tokio::forward,
    traits::{self, tokio::ReuniteResult},
};
use std::{
    io::{self, IoSlice, IoSliceMut},
    os::windows::io::{AsHandle, BorrowedHandle},
    sync::Arc,
};

/// The half of a stream on tokio that reads. Dropping it shuts nothing down.
///
/// # Cancelling
/// As for [`local_socket::tokio::Stream`](crate::tokio::Stream#cancelling).
#[derive(Debug)]
pub struct RecvHalf(Arc<Stream>);

/// The half of a stream on tokio that writes. Dropping it ends its direction, so that the peer
/// reads to its end, unlike dropping [the blocking
/// one](crate::os::windows::named_pipe::local_socket::SendHalf). On a pipe of plain bytes the peer
/// reads its end when the other half is dropped as well.
///
/// # Cancelling
/// As for [`local_socket::tokio::Stream`](crate::tokio::Stream#cancelling).
#[derive(Debug)]
pub struct SendHalf {
    stream: Arc<Stream>,
    /// Whether dropping it ends the direction: not when it becomes the stream again.
    ends: bool,
}

impl Sealed for RecvHalf {}
impl Sealed for SendHalf {}

impl AsHandle for RecvHalf {
    fn as_handle(&self) -> BorrowedHandle<'_> {
        self.0.as_handle()
    }
}

impl AsHandle for SendHalf {
    fn as_handle(&self) -> BorrowedHandle<'_> {
        self.stream.as_handle()
    }
}

impl RecvHalf {
    pub(super) fn new(stream: Arc<Stream>) -> Self {
        Self(stream)
    }

    /// Reads what is there, up to the size of `buf`, and never waits: see
    /// [`Stream::try_read`].
    ///
    /// # Errors
    /// As for [`Stream::try_read`].
    pub fn try_read(&self, buf: &mut [u8]) -> io::Result<usize> {
        self.0.try_read(buf)
    }

    /// As [`try_read`](Self::try_read), into several buffers, one after the other.
    ///
    /// # Errors
    /// As for [`Stream::try_read`].
    pub fn try_read_vectored(&self, bufs: &mut [IoSliceMut<'_>]) -> io::Result<usize> {
        self.0.try_read_vectored(bufs)
    }

    /// Waits until there is something to read: see [`Stream::readable`].
    ///
    /// # Errors
    /// As for [`Stream::readable`].
    pub async fn readable(&self) -> io::Result<()> {
        self.0.readable().await
    }

    /// Says that nothing more will be read: see [`Stream::shutdown_read`].
    ///
    /// # Errors
    /// As for [`Stream::shutdown_read`].
    pub fn shutdown_read(&self) -> io::Result<()> {
        self.0.shutdown_read()
    }

    /// Puts the halves together if they are of one stream.
    pub(super) fn reunite(rh: Self, mut sh: SendHalf) -> ReuniteResult<Stream> {
        if !Arc::ptr_eq(&rh.0, &sh.stream) {
            return Err(ReuniteError { rh, sh });
        }
        sh.ends = false;
        drop(sh);
        // Nobody else has it: halves can't be cloned, and lend it only.
        Arc::try_unwrap(rh.0).map_err(|stream| {
            let rh = Self(stream.clone());
            ReuniteError { rh, sh: SendHalf::new(stream) }
        })
    }
}

impl SendHalf {
    pub(super) fn new(stream: Arc<Stream>) -> Self {
        Self { stream, ends: true }
    }

    /// Hands bytes to the system and never waits: see [`Stream::try_write`].
    ///
    /// # Errors
    /// As for [`Stream::try_write`].
    pub fn try_write(&self, buf: &[u8]) -> io::Result<usize> {
        self.stream.try_write(buf)
    }

    /// As [`try_write`](Self::try_write), from several buffers with one system call.
    ///
    /// # Errors
    /// As for [`Stream::try_write`].
    pub fn try_write_vectored(&self, bufs: &[IoSlice<'_>]) -> io::Result<usize> {
        self.stream.try_write_vectored(bufs)
    }

    /// Waits until there is room for more bytes: see [`Stream::writable`].
    ///
    /// # Errors
    /// As for [`Stream::writable`].
    pub async fn writable(&self) -> io::Result<()> {
        self.stream.writable().await
    }

    /// Says that nothing more will be written: see [`Stream::shutdown_write`].
    ///
    /// # Errors
    /// As for [`Stream::shutdown_write`].
    pub fn shutdown_write(&self) -> io::Result<()> {
        self.stream.shutdown_write()
    }
}

impl Drop for SendHalf {
    fn drop(&mut self) {
        if self.ends {
            // Nobody is left to tell.
            let _ = self.stream.end_writing();
        }
    }
}

impl traits::tokio::RecvHalf for RecvHalf {
    type Stream = Stream;
}

impl traits::tokio::SendHalf for SendHalf {
    type Stream = Stream;
}

forward! {
    /// As for a [`Stream`].
    impl AsyncRead for &RecvHalf => |half| &*half.0
}

forward! {
    /// As for a [`Stream`].
    impl AsyncRead for RecvHalf => |half| &*half.0
}

forward! {
    /// As for a [`Stream`].
    impl AsyncWrite for &SendHalf => |half| &*half.stream
}

forward! {
    /// As for a [`Stream`].
    impl AsyncWrite for SendHalf => |half| &*half.stream
}
