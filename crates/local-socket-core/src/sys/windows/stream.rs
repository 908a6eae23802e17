//! Streams.

mod bytes;
mod conversions;
mod limits;
mod peer;
mod watching;

use super::{
    connect,
    halves::{RecvHalf, SendHalf},
    pipe::Pipe,
};
use crate::{
    creds::PeerCreds,
    options::ConnectOptions,
    sealed::Sealed,
    traits::{self, ReuniteResult},
    try_clone::TryClone,
};
use conversions::Inner;
pub(super) use conversions::interprocess_stream;
use limits::Limits;
use std::{
    io::{self, IoSlice, IoSliceMut},
    net::Shutdown,
    sync::Arc,
    time::Duration,
};

/// A stream over a named pipe: what [`local_socket::Stream`](crate::Stream) holds.
///
/// A clone is the same stream, with its modes and time limits. When the last one is dropped it is
/// closed, without waiting: what [`try_write`](Self::try_write) and writes with a time limit have
/// taken is still handed over, as long as this process runs and the peer doesn't send more than
/// 16 MiB that nobody reads. [`flush`](std::io::Write::flush) waits for it.
#[derive(Debug)]
pub struct Stream {
    pipe: Arc<Pipe>,
    limits: Arc<Limits>,
    inner: Inner,
}

impl Stream {
    /// Of a pipe that a listener has let in, or that was connected to.
    pub(super) fn new(pipe: Arc<Pipe>, nonblocking: bool) -> Self {
        Self { pipe, limits: Arc::new(Limits::new(nonblocking)), inner: Inner::default() }
    }

    /// The pipe, for those on other event loops.
    #[cfg(feature = "tokio")]
    pub(super) fn into_pipe(self) -> Arc<Pipe> {
        self.pipe
    }

    /// Reads what is there, up to the size of `buf`, and never waits, whatever the mode.
    ///
    /// `Ok(0)` is the end, if `buf` isn't empty.
    ///
    /// # Errors
    /// [`WouldBlock`](io::ErrorKind::WouldBlock) if there is nothing yet.
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

    /// Hands up to 65,536 bytes to the system and never waits, whatever the mode. Gives the number
    /// of bytes taken.
    ///
    /// If the system has no room for them, they stay on their way, in this process's memory, until
    /// the peer reads; nothing more is taken until then.
    ///
    /// # Errors
    /// [`WouldBlock`](io::ErrorKind::WouldBlock) if there are bytes on their way;
    /// [`BrokenPipe`](io::ErrorKind::BrokenPipe) if nobody will read it, or nobody has read what was
    /// taken before.
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

    /// Whether bytes that were taken are still on their way, because the system has no room for
    /// them. [`flush`](std::io::Write::flush) waits for them.
    #[must_use]
    pub fn is_writing(&self) -> bool {
        self.pipe.is_writing()
    }

    /// As [`flush`](std::io::Write::flush), without waiting.
    ///
    /// # Errors
    /// [`WouldBlock`](io::ErrorKind::WouldBlock) while bytes are on their way, and who watches
    /// ([`on_ready`](Self::on_ready)) is told of room afterwards. Otherwise that of a write that
    /// failed on its way, once.
    pub fn try_flush(&self) -> io::Result<()> {
        self.pipe.try_flush()
    }

    /// Whether a read would give bytes, the end or an error at once. To find out, it reads up to 4096
    /// bytes ahead.
    ///
    /// # Errors
    /// [`WouldBlock`](io::ErrorKind::WouldBlock) if not, and who watches
    /// ([`on_ready`](Self::on_ready)) is told once it would. `Unsupported` as there.
    pub fn try_readable(&self) -> io::Result<()> {
        self.pipe.try_readable()
    }

    /// Says that nothing more will be written: the peer reads to its end and can still answer. It
    /// doesn't wait, and comes after everything that was written.
    ///
    /// Windows' pipes have no such thing; it is told by messages of no bytes, which peers other than
    /// this crate's may not understand. One that reads a stream of bytes (PIPE_READMODE_BYTE) may
    /// see reads of no bytes, and whether it takes them for the end is up to it: Node's `net` doesn't,
    /// and sees the end when the stream is dropped. Before libuv 1.49 (Node 20, and 22 at first) it
    /// may ask for bytes in a loop from then on, until more are written or the stream is dropped.
    ///
    /// # Errors
    /// [`Unsupported`](io::ErrorKind::Unsupported) if the pipe keeps no messages apart, as when a
    /// server of another kind made it (PIPE_TYPE_BYTE): the peer sees the end when the stream is
    /// dropped.
    pub fn shutdown_write(&self) -> io::Result<()> {
        self.pipe.shutdown_write()
    }

    /// Ends one direction or both. May be called again. It holds for every clone and half of the
    /// stream.
    ///
    /// Of reading: reads give the end from now on, and those that wait are woken. The peer isn't
    /// told: it can write until the system's buffer is full.
    ///
    /// # Errors
    /// As for [`shutdown_write`](Self::shutdown_write).
    pub fn shutdown(&self, how: Shutdown) -> io::Result<()> {
        if how != Shutdown::Write {
            self.pipe.shutdown_read()?;
        }
        if how == Shutdown::Read { Ok(()) } else { self.pipe.shutdown_write() }
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

impl traits::Stream for Stream {
    type RecvHalf = RecvHalf;
    type SendHalf = SendHalf;

    fn set_nonblocking(&self, nonblocking: bool) -> io::Result<()> {
        self.limits.set_nonblocking(nonblocking);
        Ok(())
    }

    fn set_recv_timeout(&self, timeout: Option<Duration>) -> io::Result<()> {
        self.limits.set_reading(timeout)
    }

    fn set_send_timeout(&self, timeout: Option<Duration>) -> io::Result<()> {
        self.limits.set_writing(timeout)
    }

    fn split(self) -> (RecvHalf, SendHalf) {
        let stream = Arc::new(self);
        (RecvHalf::new(stream.clone()), SendHalf::new(stream))
    }

    fn reunite(rh: RecvHalf, sh: SendHalf) -> ReuniteResult<Self> {
        RecvHalf::reunite(rh, sh)
    }

    fn from_options(options: &ConnectOptions<'_>) -> io::Result<Self> {
        Ok(Self::new(connect::connect(options)?, options.nonblocking_stream))
    }
}

impl TryClone for Stream {
    fn try_clone(&self) -> io::Result<Self> {
        Ok(Self { pipe: self.pipe.clone(), limits: self.limits.clone(), inner: Inner::default() })
    }
}
