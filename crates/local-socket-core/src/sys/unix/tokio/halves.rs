//! Halves of streams on tokio.

use super::{Keeper, stream::Stream};
use crate::{
    error::ReuniteError,
    sealed::Sealed,
    traits::{self, tokio::ReuniteResult},
};
use ::tokio::{
    io::{AsyncRead, AsyncWrite, ReadBuf},
    net::unix::{OwnedReadHalf, OwnedWriteHalf},
};
use std::{
    io::{self, IoSlice},
    os::fd::{AsFd, BorrowedFd},
    pin::Pin,
    task::{Context, Poll},
};

/// The half of a stream on tokio that reads.
#[derive(Debug)]
pub struct RecvHalf {
    half: OwnedReadHalf,
    // Last, because it must be the last to be closed.
    keeper: Keeper,
}

/// The half of a stream on tokio that writes. Dropping it ends its direction, so that the peer
/// reads to its end, unlike dropping [the blocking one](crate::os::unix::uds_local_socket::SendHalf).
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

            /// Tokio's half within.
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

impl AsyncRead for RecvHalf {
    fn poll_read(
        self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        buf: &mut ReadBuf<'_>,
    ) -> Poll<io::Result<()>> {
        Pin::new(&mut &*self).poll_read(cx, buf)
    }
}

/// As for a [`Stream`].
impl AsyncWrite for &SendHalf {
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

/// As for a [`Stream`].
impl AsyncWrite for SendHalf {
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
