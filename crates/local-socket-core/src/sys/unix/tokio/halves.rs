//! Halves of streams on tokio.

use super::{Keeper, readiness, stream::Stream};
use crate::{
    error::ReuniteError,
    sealed::Sealed,
    tokio::forward,
    traits::{self, tokio::ReuniteResult},
};
use ::tokio::{
    io::{AsyncRead, AsyncWrite, ReadBuf},
    net::unix::{OwnedReadHalf, OwnedWriteHalf},
};
use rustix::net::Shutdown;
use std::{
    io::{self, IoSlice, IoSliceMut},
    os::fd::{AsFd, BorrowedFd},
    pin::Pin,
    task::{Context, Poll},
};

/// The half of a stream on tokio that reads. Dropping it shuts nothing down.
///
/// # Cancelling
/// As for [`local_socket::tokio::Stream`](crate::tokio::Stream#cancelling).
#[derive(Debug)]
pub struct RecvHalf {
    half: OwnedReadHalf,
    // Last, because it must be the last to be closed.
    keeper: Keeper,
}

/// The half of a stream on tokio that writes. Dropping it ends its direction, so that the peer
/// reads to its end, unlike dropping [the blocking
/// one](crate::os::unix::uds_local_socket::SendHalf).
///
/// # Cancelling
/// As for [`local_socket::tokio::Stream`](crate::tokio::Stream#cancelling).
#[derive(Debug)]
pub struct SendHalf {
    half: OwnedWriteHalf,
    // Last, because it must be the last to be closed.
    keeper: Keeper,
}

macro_rules! half {
    ($half:ident of $inner:ident) => {
        impl $half {
            pub(super) fn new(half: $inner, keeper: Keeper) -> Self {
                Self { half, keeper }
            }

            /// Tokio's half within. See [`Stream::inner`].
            #[must_use]
            pub fn as_tokio(&self) -> &$inner {
                &self.half
            }

            /// Gives up the half for tokio's. From then on, descriptors that nobody asked for are
            /// no longer kept away where the kernel can't refuse them.
            #[must_use]
            pub fn into_tokio(self) -> $inner {
                self.half
            }
        }

        impl Sealed for $half {}

        impl AsFd for $half {
            fn as_fd(&self) -> BorrowedFd<'_> {
                self.half.as_ref().as_fd()
            }
        }
    };
}

half!(RecvHalf of OwnedReadHalf);
half!(SendHalf of OwnedWriteHalf);

impl RecvHalf {
    /// Reads what is there, up to the size of `buf`, and never waits: see
    /// [`Stream::try_read`].
    ///
    /// # Errors
    /// As for [`Stream::try_read`].
    pub fn try_read(&self, buf: &mut [u8]) -> io::Result<usize> {
        readiness::try_read(self.half.as_ref(), self.is_suspect(), buf)
    }

    /// As [`try_read`](Self::try_read), into several buffers, one after the other. Of more than
    /// 1024 buffers, the first 1024 are looked at.
    ///
    /// # Errors
    /// As for [`Stream::try_read`].
    pub fn try_read_vectored(&self, bufs: &mut [IoSliceMut<'_>]) -> io::Result<usize> {
        readiness::try_read_vectored(self.half.as_ref(), self.is_suspect(), bufs)
    }

    /// Waits until there is something to read: see [`Stream::readable`].
    ///
    /// # Errors
    /// As for [`Stream::readable`].
    pub async fn readable(&self) -> io::Result<()> {
        self.half.readable().await
    }

    /// Says that nothing more will be read: see [`Stream::shutdown_read`].
    ///
    /// # Errors
    /// As for [`Stream::shutdown_read`].
    pub fn shutdown_read(&self) -> io::Result<()> {
        readiness::shutdown(self.half.as_ref(), Shutdown::Read)
    }

    /// Whether the socket may receive descriptors that nobody asked for.
    fn is_suspect(&self) -> bool {
        self.keeper.is_suspect()
    }

    /// Puts the halves together if they are of one stream.
    pub(super) fn reunite(rh: Self, sh: SendHalf) -> ReuniteResult<Stream> {
        match rh.half.reunite(sh.half) {
            Ok(socket) => Ok(Stream { socket, keeper: rh.keeper }),
            Err(error) => Err(ReuniteError {
                rh: Self::new(error.0, rh.keeper),
                sh: SendHalf::new(error.1, sh.keeper),
            }),
        }
    }
}

impl SendHalf {
    /// Writes as much as there is room for and never waits: see [`Stream::try_write`].
    ///
    /// # Errors
    /// As for [`Stream::try_write`].
    pub fn try_write(&self, buf: &[u8]) -> io::Result<usize> {
        readiness::try_write(self.half.as_ref(), buf)
    }

    /// As [`try_write`](Self::try_write), from several buffers with one system call. Of more than
    /// 1024 buffers, the first 1024 are looked at.
    ///
    /// # Errors
    /// As for [`Stream::try_write`].
    pub fn try_write_vectored(&self, bufs: &[IoSlice<'_>]) -> io::Result<usize> {
        readiness::try_write_vectored(self.half.as_ref(), bufs)
    }

    /// Waits until there is room for more bytes: see [`Stream::writable`].
    ///
    /// # Errors
    /// As for [`Stream::writable`].
    pub async fn writable(&self) -> io::Result<()> {
        self.half.writable().await
    }

    /// Says that nothing more will be written: see [`Stream::shutdown_write`].
    ///
    /// # Errors
    /// As for [`Stream::shutdown_write`].
    pub fn shutdown_write(&self) -> io::Result<()> {
        readiness::shutdown(self.half.as_ref(), Shutdown::Write)
    }
}

impl traits::tokio::RecvHalf for RecvHalf {
    type Stream = Stream;
}

impl traits::tokio::SendHalf for SendHalf {
    type Stream = Stream;
}

/// As for a [`Stream`].
impl AsyncRead for &RecvHalf {
    fn poll_read(
        self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        buf: &mut ReadBuf<'_>,
    ) -> Poll<io::Result<()>> {
        readiness::poll_read(self.half.as_ref(), self.is_suspect(), cx, buf)
    }
}

forward! {
    /// As for a [`Stream`].
    impl AsyncRead for RecvHalf => |half| half
}

/// As for a [`Stream`].
impl AsyncWrite for &SendHalf {
    fn poll_write(
        self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        buf: &[u8],
    ) -> Poll<io::Result<usize>> {
        readiness::poll_write(self.half.as_ref(), cx, buf)
    }

    fn poll_write_vectored(
        self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        bufs: &[IoSlice<'_>],
    ) -> Poll<io::Result<usize>> {
        readiness::poll_write_vectored(self.half.as_ref(), cx, bufs)
    }

    fn is_write_vectored(&self) -> bool {
        true
    }

    fn poll_flush(self: Pin<&mut Self>, _cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        Poll::Ready(Ok(()))
    }

    fn poll_shutdown(self: Pin<&mut Self>, _cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        readiness::poll_shutdown(self.half.as_ref())
    }
}

forward! {
    /// As for a [`Stream`].
    impl AsyncWrite for SendHalf => |half| half
}
