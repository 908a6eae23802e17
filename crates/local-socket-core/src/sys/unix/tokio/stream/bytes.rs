//! Streams on tokio as readers and writers.

use super::{Stream, readiness};
use crate::tokio::forward;
use ::tokio::io::{AsyncRead, AsyncWrite, ReadBuf};
use std::{
    io::{self, IoSlice},
    pin::Pin,
    task::{Context, Poll},
};

/// Of several tasks that wait for bytes, the last is woken: each poll takes the place of the one
/// before. Where several are to wait, [`readable`](Stream::readable) serves them all. An empty
/// buffer is filled at once.
impl AsyncRead for &Stream {
    fn poll_read(
        self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        buf: &mut ReadBuf<'_>,
    ) -> Poll<io::Result<()>> {
        readiness::poll_read(&self.socket, self.is_suspect(), cx, buf)
    }
}

forward! {
    /// As for a reference.
    impl AsyncRead for Stream => |stream| stream
}

/// Of several tasks that wait for room, the last is woken: each poll takes the place of the one
/// before. Where several are to wait, [`writable`](Stream::writable) serves them all.
///
/// Nothing is buffered here, so there is nothing to flush. SIGPIPE is not raised. Shutting down
/// ends the direction: the peer reads to its end and can still answer. It is done at once, may be
/// done again, and is no error when the peer has closed. Many buffers leave by one system call, up
/// to 1024 of them.
impl AsyncWrite for &Stream {
    fn poll_write(
        self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        buf: &[u8],
    ) -> Poll<io::Result<usize>> {
        readiness::poll_write(&self.socket, cx, buf)
    }

    fn poll_write_vectored(
        self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        bufs: &[IoSlice<'_>],
    ) -> Poll<io::Result<usize>> {
        readiness::poll_write_vectored(&self.socket, cx, bufs)
    }

    fn is_write_vectored(&self) -> bool {
        true
    }

    fn poll_flush(self: Pin<&mut Self>, _cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        Poll::Ready(Ok(()))
    }

    fn poll_shutdown(self: Pin<&mut Self>, _cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        readiness::poll_shutdown(&self.socket)
    }
}

forward! {
    /// As for a reference.
    impl AsyncWrite for Stream => |stream| stream
}
