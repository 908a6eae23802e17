//! The halves on tokio as programs use them.

use super::{Stream, forward};
use crate::{sealed::Sealed, sys::current::tokio as sys, traits};
#[cfg(windows)]
pub(super) use RecvHalf::NamedPipe as OsRecv;
#[cfg(unix)]
pub(super) use RecvHalf::UdSocket as OsRecv;
#[cfg(windows)]
pub(super) use SendHalf::NamedPipe as OsSend;
#[cfg(unix)]
pub(super) use SendHalf::UdSocket as OsSend;
use std::io::{self, IoSlice, IoSliceMut};

/// The half of a [`Stream`] that reads, made by [`traits::tokio::Stream::split`]. Dropping it shuts
/// nothing down.
///
/// # Cancelling
/// As for a [`Stream`](Stream#cancelling).
#[derive(Debug)]
pub enum RecvHalf {
    /// A Unix domain socket's.
    #[cfg(unix)]
    UdSocket(sys::RecvHalf),
    /// A named pipe.
    #[cfg(windows)]
    NamedPipe(sys::RecvHalf),
}

/// The half of a [`Stream`] that writes, made by [`traits::tokio::Stream::split`]. Dropping it ends
/// its direction, so that the peer reads to its end; dropping
/// [the blocking one](crate::SendHalf) doesn't. On Windows what was written before is still handed
/// over, as long as the process runs.
///
/// # Cancelling
/// As for a [`Stream`](Stream#cancelling).
#[derive(Debug)]
pub enum SendHalf {
    /// A Unix domain socket's.
    #[cfg(unix)]
    UdSocket(sys::SendHalf),
    /// A named pipe.
    #[cfg(windows)]
    NamedPipe(sys::SendHalf),
}

impl RecvHalf {
    fn os(&self) -> &sys::RecvHalf {
        let OsRecv(half) = self;
        half
    }

    /// Reads what is there, up to the size of `buf`, and never waits: see [`Stream::try_read`].
    ///
    /// # Errors
    /// As for [`Stream::try_read`].
    pub fn try_read(&self, buf: &mut [u8]) -> io::Result<usize> {
        self.os().try_read(buf)
    }

    /// As [`try_read`](Self::try_read), into several buffers: see [`Stream::try_read_vectored`].
    ///
    /// # Errors
    /// As for [`Stream::try_read`].
    pub fn try_read_vectored(&self, bufs: &mut [IoSliceMut<'_>]) -> io::Result<usize> {
        self.os().try_read_vectored(bufs)
    }

    /// Waits until there is something to read: see [`Stream::readable`].
    ///
    /// # Errors
    /// As for [`Stream::readable`].
    pub async fn readable(&self) -> io::Result<()> {
        self.os().readable().await
    }

    /// Says that nothing more will be read: see [`Stream::shutdown_read`].
    ///
    /// # Errors
    /// As for [`Stream::shutdown_read`].
    pub fn shutdown_read(&self) -> io::Result<()> {
        self.os().shutdown_read()
    }
}

impl SendHalf {
    fn os(&self) -> &sys::SendHalf {
        let OsSend(half) = self;
        half
    }

    /// Writes as much as there is room for and never waits: see [`Stream::try_write`].
    ///
    /// # Errors
    /// As for [`Stream::try_write`].
    pub fn try_write(&self, buf: &[u8]) -> io::Result<usize> {
        self.os().try_write(buf)
    }

    /// As [`try_write`](Self::try_write), from several buffers: see [`Stream::try_write_vectored`].
    ///
    /// # Errors
    /// As for [`Stream::try_write`].
    pub fn try_write_vectored(&self, bufs: &[IoSlice<'_>]) -> io::Result<usize> {
        self.os().try_write_vectored(bufs)
    }

    /// Waits until there is room for more bytes: see [`Stream::writable`].
    ///
    /// # Errors
    /// As for [`Stream::writable`].
    pub async fn writable(&self) -> io::Result<()> {
        self.os().writable().await
    }

    /// Says that nothing more will be written: see [`Stream::shutdown_write`].
    ///
    /// # Errors
    /// As for [`Stream::shutdown_write`].
    pub fn shutdown_write(&self) -> io::Result<()> {
        self.os().shutdown_write()
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
        OsRecv(half)
    }
}

impl From<sys::SendHalf> for SendHalf {
    fn from(half: sys::SendHalf) -> Self {
        OsSend(half)
    }
}

forward! {
    /// As for a [`Stream`].
    impl AsyncRead for &RecvHalf => |half| half.os()
}

forward! {
    /// As for a [`Stream`].
    impl AsyncRead for RecvHalf => |half| half.os()
}

forward! {
    /// As for a [`Stream`].
    impl AsyncWrite for &SendHalf => |half| half.os()
}

forward! {
    /// As for a [`Stream`].
    impl AsyncWrite for SendHalf => |half| half.os()
}
