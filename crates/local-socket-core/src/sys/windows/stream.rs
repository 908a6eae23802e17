//! Streams.

use super::{
    admission::Ticket,
    connect,
    halves::{RecvHalf, SendHalf},
    pipe::{Pipe, Watch},
};
use crate::{
    creds::PeerCreds,
    options::ConnectOptions,
    sealed::Sealed,
    traits::{self, ReuniteResult},
    try_clone::TryClone,
};
use std::{
    io::{self, IoSlice, IoSliceMut, Read, Write},
    net::Shutdown,
    sync::Arc,
    time::Duration,
};

/// A connected pipe.
#[derive(Debug)]
pub struct Stream {
    pipe: Arc<Pipe>,
    ticket: Option<Arc<Ticket>>,
}

impl Stream {
    /// Of a pipe that a listener has let in, or that was connected to.
    pub(super) fn new(pipe: Arc<Pipe>, nonblocking: bool, ticket: Option<Arc<Ticket>>) -> Self {
        let _ = nonblocking;
        Self { pipe, ticket }
    }

    /// The pipe, for those on other event loops.
    pub(super) fn into_pipe(self) -> (Arc<Pipe>, Option<Arc<Ticket>>) {
        (self.pipe, self.ticket)
    }

    /// From now on, `watcher` is told what became possible.
    pub(crate) fn watch(&self, watcher: Arc<dyn Watch>) -> io::Result<()> {
        self.pipe.watch(watcher)
    }

    /// Reads what is there.
    ///
    /// # Errors
    /// `WouldBlock`: nothing.
    pub fn try_read(&self, buf: &mut [u8]) -> io::Result<usize> {
        self.pipe.try_read(buf)
    }

    /// As [`try_read`](Self::try_read), into several buffers.
    ///
    /// # Errors
    /// As there.
    pub fn try_read_vectored(&self, bufs: &mut [IoSliceMut<'_>]) -> io::Result<usize> {
        self.pipe.try_read_vectored(bufs)
    }

    /// Hands bytes to the system.
    ///
    /// # Errors
    /// `WouldBlock`: no room.
    pub fn try_write(&self, buf: &[u8]) -> io::Result<usize> {
        self.pipe.try_write(buf)
    }

    /// As [`try_write`](Self::try_write), from several buffers.
    ///
    /// # Errors
    /// As there.
    pub fn try_write_vectored(&self, bufs: &[IoSlice<'_>]) -> io::Result<usize> {
        self.pipe.try_write_vectored(bufs)
    }

    /// Ends writing.
    ///
    /// # Errors
    /// `Unsupported`: the peer's pipe can't tell it.
    pub fn shutdown_write(&self) -> io::Result<()> {
        self.pipe.shutdown_write()
    }

    /// Ends one direction or both.
    ///
    /// # Errors
    /// As [`shutdown_write`](Self::shutdown_write).
    pub fn shutdown(&self, _how: Shutdown) -> io::Result<()> {
        unimplemented!()
    }
}

impl Sealed for Stream {}

impl traits::StreamCommon for Stream {
    fn take_error(&self) -> io::Result<Option<io::Error>> {
        Ok(None)
    }

    fn peer_creds(&self) -> io::Result<PeerCreds> {
        self.pipe.peer_creds()
    }
}

impl traits::Stream for Stream {
    type RecvHalf = RecvHalf;
    type SendHalf = SendHalf;

    fn set_nonblocking(&self, _nonblocking: bool) -> io::Result<()> {
        unimplemented!()
    }

    fn set_recv_timeout(&self, _timeout: Option<Duration>) -> io::Result<()> {
        unimplemented!()
    }

    fn set_send_timeout(&self, _timeout: Option<Duration>) -> io::Result<()> {
        unimplemented!()
    }

    fn split(self) -> (RecvHalf, SendHalf) {
        let stream = Arc::new(self);
        (RecvHalf::new(stream.clone()), SendHalf::new(stream))
    }

    fn reunite(rh: RecvHalf, sh: SendHalf) -> ReuniteResult<Self> {
        RecvHalf::reunite(rh, sh)
    }

    fn from_options(options: &ConnectOptions<'_>) -> io::Result<Self> {
        Ok(Self::new(connect::connect(options)?, options.nonblocking_stream, None))
    }
}

impl TryClone for Stream {
    fn try_clone(&self) -> io::Result<Self> {
        unimplemented!()
    }
}

impl Read for &Stream {
    fn read(&mut self, _buf: &mut [u8]) -> io::Result<usize> {
        unimplemented!()
    }
}

impl Read for Stream {
    fn read(&mut self, buf: &mut [u8]) -> io::Result<usize> {
        (&*self).read(buf)
    }
}

impl Write for &Stream {
    fn write(&mut self, _buf: &[u8]) -> io::Result<usize> {
        unimplemented!()
    }

    fn flush(&mut self) -> io::Result<()> {
        self.pipe.flush(None)
    }
}

impl Write for Stream {
    fn write(&mut self, buf: &[u8]) -> io::Result<usize> {
        (&*self).write(buf)
    }

    fn flush(&mut self) -> io::Result<()> {
        (&*self).flush()
    }
}
