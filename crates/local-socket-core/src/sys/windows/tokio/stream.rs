//! Streams on tokio.

mod bytes;
mod conversions;
mod peer;

use super::{
    RecvHalf, SendHalf, connect,
    waiters::{Direction, Waiters},
};
use crate::{
    creds::PeerCreds,
    options::ConnectOptions,
    sealed::Sealed,
    sys::windows::pipe::Pipe,
    traits::{self, tokio::ReuniteResult},
};
use std::{
    future::poll_fn,
    io::{self, ErrorKind, IoSlice, IoSliceMut},
    sync::Arc,
};

/// A stream over a named pipe on tokio: what
/// [`local_socket::tokio::Stream`](crate::tokio::Stream) holds.
///
/// It needs no runtime's driver, and so may be made, used and dropped anywhere. Tokio's or
/// interprocess's pipes can't be made of it, nor it of them: a handle belongs for good to the
/// completion port that waits for it, and what those have read ahead would be lost.
///
/// # Cancelling
/// As for [`local_socket::tokio::Stream`](crate::tokio::Stream#cancelling).
#[derive(Debug)]
pub struct Stream {
    pub(super) pipe: Arc<Pipe>,
    pub(super) waiters: Arc<Waiters>,
}

impl Stream {
    /// Has those who will wait be told of a connected pipe.
    pub(super) fn new(pipe: Arc<Pipe>) -> io::Result<Self> {
        let waiters = Arc::<Waiters>::default();
        pipe.watch(waiters.clone())?;
        Ok(Self { pipe, waiters })
    }

    /// Reads what is there, up to the size of `buf`, and never waits.
    ///
    /// `Ok(0)` is the end, if `buf` isn't empty.
    ///
    /// # Errors
    /// [`WouldBlock`](io::ErrorKind::WouldBlock) if there is nothing yet:
    /// [`readable`](Self::readable) waits for it.
    pub fn try_read(&self, buf: &mut [u8]) -> io::Result<usize> {
        self.pipe.try_read(buf)
    }

    /// As [`try_read`](Self::try_read), into several buffers, one after the other. Of more than
    /// 1024 buffers the first 1024 are filled, with 65,536 bytes at most.
    ///
    /// # Errors
    /// As for [`try_read`](Self::try_read).
    pub fn try_read_vectored(&self, bufs: &mut [IoSliceMut<'_>]) -> io::Result<usize> {
        self.pipe.try_read_vectored(bufs)
    }

    /// Hands bytes to the system and never waits. Gives the number of bytes taken, 65,536 at most.
    ///
    /// The bytes are copied, and what was taken goes on its way also where the peer doesn't read
    /// yet: flushing waits until the system has all of it.
    ///
    /// # Errors
    /// [`WouldBlock`](io::ErrorKind::WouldBlock) if what was taken before is still on its way:
    /// [`writable`](Self::writable) waits for it. [`BrokenPipe`](io::ErrorKind::BrokenPipe) if
    /// nobody will read it, also for bytes that were taken before.
    pub fn try_write(&self, buf: &[u8]) -> io::Result<usize> {
        self.pipe.try_write(buf)
    }

    /// As [`try_write`](Self::try_write), from several buffers with one system call. Of more than
    /// 1024 buffers, the first 1024 are looked at.
    ///
    /// # Errors
    /// As for [`try_write`](Self::try_write).
    pub fn try_write_vectored(&self, bufs: &[IoSlice<'_>]) -> io::Result<usize> {
        self.pipe.try_write_vectored(bufs)
    }

    /// Waits until there is something to read: bytes, the end, or an error. It can be done although
    /// there is nothing, so call it again when [`try_read`](Self::try_read) says
    /// [`WouldBlock`](io::ErrorKind::WouldBlock).
    ///
    /// Several tasks may wait. If the future is dropped, nothing is lost: the next one is done at
    /// once.
    ///
    /// # Errors
    /// Those of asking the system; none is known.
    pub async fn readable(&self) -> io::Result<()> {
        let ask = || self.pipe.try_readable();
        poll_fn(|cx| self.waiters.poll(Direction::Read, cx, ask)).await
    }

    /// Waits until what was taken before is no longer on its way, or an error. It can be done
    /// although that isn't so, so call it again when [`try_write`](Self::try_write) says
    /// [`WouldBlock`](io::ErrorKind::WouldBlock).
    ///
    /// Several tasks may wait. If the future is dropped, nothing is lost: the next one is done at
    /// once.
    ///
    /// # Errors
    /// Those of asking the system; none is known.
    pub async fn writable(&self) -> io::Result<()> {
        let ask = || self.pipe.try_writable();
        poll_fn(|cx| self.waiters.poll(Direction::Write, cx, ask)).await
    }

    /// Says that nothing more will be written: the peer reads what was taken, then its end, and can
    /// still answer. May be called again. Writes fail with
    /// [`BrokenPipe`](io::ErrorKind::BrokenPipe) from then on.
    ///
    /// As `AsyncWriteExt::shutdown`, without a future and with the error. There is no `shutdown` as
    /// on blocking streams, since it would stand before that one.
    ///
    /// # Errors
    /// [`Unsupported`](io::ErrorKind::Unsupported): the server's pipe is one of plain bytes, which
    /// can't tell an end, such as one of Node's `net`. The peer reads to its end when the stream is
    /// dropped.
    pub fn shutdown_write(&self) -> io::Result<()> {
        let result = self.pipe.shutdown_write();
        self.waiters.wake(Direction::Write);
        result
    }

    /// Says that nothing more will be read. May be called again. Whoever waits for bytes is woken
    /// and reads the end.
    ///
    /// # Errors
    /// Those of asking the system; none is known.
    pub fn shutdown_read(&self) -> io::Result<()> {
        let result = self.pipe.shutdown_read();
        self.waiters.wake(Direction::Read);
        result
    }

    /// Ends writing as far as the pipe can: the peer of one that can't reads its end later.
    pub(super) fn end_writing(&self) -> io::Result<()> {
        match self.shutdown_write() {
            Err(error)
                if matches!(error.kind(), ErrorKind::Unsupported | ErrorKind::BrokenPipe) =>
            {
                Ok(())
            }
            result => result,
        }
    }
}

impl Sealed for Stream {}

impl traits::StreamCommon for Stream {
    fn take_error(&self) -> io::Result<Option<io::Error>> {
        Ok(self.pipe.take_error())
    }

    fn peer_creds(&self) -> io::Result<PeerCreds> {
        self.pipe.peer_creds()
    }
}

impl traits::tokio::Stream for Stream {
    type RecvHalf = RecvHalf;
    type SendHalf = SendHalf;

    fn split(self) -> (RecvHalf, SendHalf) {
        let stream = Arc::new(self);
        (RecvHalf::new(stream.clone()), SendHalf::new(stream))
    }

    fn reunite(rh: RecvHalf, sh: SendHalf) -> ReuniteResult<Self> {
        RecvHalf::reunite(rh, sh)
    }

    async fn from_options(options: &ConnectOptions<'_>) -> io::Result<Self> {
        connect::connect(options).await
    }
}
