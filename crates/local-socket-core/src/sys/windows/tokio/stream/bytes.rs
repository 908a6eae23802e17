//! Streams on tokio as readers and writers.

use super::{Direction, Stream};
use crate::tokio::forward;
use ::tokio::io::{AsyncRead, AsyncWrite, ReadBuf};
use std::{
    io::{self, IoSlice},
    pin::Pin,
    task::{Context, Poll, ready},
};

/// How much memory that holds nothing yet is zeroed for one read, in bytes. More of it is left for
/// the next read, so that a few bytes that arrive in a large buffer don't cost all of it.
const MOST_ZEROED: usize = 64 * 1024;

/// Of several tasks that wait for bytes, all are woken. An empty buffer is filled at once.
impl AsyncRead for &Stream {
    fn poll_read(
        self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        buf: &mut ReadBuf<'_>,
    ) -> Poll<io::Result<()>> {
        if buf.remaining() == 0 {
            return Poll::Ready(Ok(()));
        }
        let count = ready!(self.waiters.poll(Direction::Read, cx, || {
            let zeroed = buf.initialized().len() - buf.filled().len();
            let length = buf.remaining().min(zeroed.max(MOST_ZEROED));
            self.pipe.try_read(buf.initialize_unfilled_to(length))
        }))?;
        buf.advance(count);
        Poll::Ready(Ok(()))
    }
}

forward! {
    /// As for a reference.
    impl AsyncRead for Stream => |stream| stream
}

/// Of several tasks that wait for room, all are woken.
///
/// A write is done when the bytes are copied, 65,536 at most. Flushing waits until the system has
/// them; an error that they met on their way is that of the flush or the next write. Shutting down
/// flushes and ends the direction: the peer reads to its end and can still answer. It may be done
/// again, and is no error when the peer has closed, nor where the server's pipe is one of plain
/// bytes, which can't tell an end: its reader sees it when the stream is dropped.
impl AsyncWrite for &Stream {
    fn poll_write(
        self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        buf: &[u8],
    ) -> Poll<io::Result<usize>> {
        self.waiters.poll(Direction::Write, cx, || self.pipe.try_write(buf))
    }

    fn poll_write_vectored(
        self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        bufs: &[IoSlice<'_>],
    ) -> Poll<io::Result<usize>> {
        self.waiters.poll(Direction::Write, cx, || self.pipe.try_write_vectored(bufs))
    }

    fn is_write_vectored(&self) -> bool {
        true
    }

    fn poll_flush(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        self.waiters.poll(Direction::Write, cx, || self.pipe.try_flush())
    }

    fn poll_shutdown(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        ready!(self.waiters.poll(Direction::Write, cx, || self.pipe.try_flush()))?;
        Poll::Ready(self.end_writing())
    }
}

forward! {
    /// As for a reference.
    impl AsyncWrite for Stream => |stream| stream
}
