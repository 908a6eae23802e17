//! One end of a pipe: reading, writing and waiting, for every kind of stream.

use crate::creds::PeerCreds;
use std::{
    io::{self, IoSlice, IoSliceMut},
    os::windows::io::{AsHandle, BorrowedHandle, OwnedHandle},
    sync::Arc,
    time::Duration,
};

/// What became possible.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Readiness(pub(crate) u8);

impl Readiness {
    /// A read that would have blocked may be tried again: bytes, the end or an error.
    pub(crate) const READABLE: Self = Self(1);
    /// A write that would have blocked may be tried again.
    pub(crate) const WRITABLE: Self = Self(2);

    /// Whether that is among it.
    pub(crate) fn contains(self, other: Self) -> bool {
        self.0 & other.0 == other.0
    }
}

/// Who wants to know. Called on the port's thread, with no lock of this crate held, so it may call
/// the pipe; it must be quick.
pub(crate) trait Watch: Send + Sync {
    /// Once after each call that would have blocked; spurious calls are allowed.
    fn ready(&self, ready: Readiness);
}

/// Which end of the pipe a handle is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum End {
    /// Made by CreateNamedPipeW.
    Server,
    /// Made by CreateFileW.
    Client,
}

/// An open end. Everything takes a shared reference, and may be called by several threads.
#[derive(Debug)]
pub(crate) struct Pipe {
    handle: OwnedHandle,
    end: End,
}

impl Pipe {
    /// Of a connected end, opened with FILE_FLAG_OVERLAPPED. Asks what type of pipe it is, and sets
    /// the read mode accordingly.
    pub(crate) fn new(handle: OwnedHandle, end: End) -> io::Result<Arc<Self>> {
        Ok(Arc::new(Self { handle, end }))
    }

    /// As [`new`](Self::new), of a handle that is bound to the port.
    pub(crate) fn new_on_port(handle: OwnedHandle, end: End) -> io::Result<Arc<Self>> {
        Self::new(handle, end)
    }

    /// Which end this is.
    pub(crate) fn end(&self) -> End {
        self.end
    }

    /// Whether the pipe keeps messages apart, so that an end of stream can be told.
    pub(crate) fn can_half_close(&self) -> bool {
        unimplemented!()
    }

    /// Reads what is there. `WouldBlock`: nothing. `Ok(0)` with a non-empty buffer: the end.
    pub(crate) fn try_read(&self, _buf: &mut [u8]) -> io::Result<usize> {
        unimplemented!()
    }

    /// As [`try_read`](Self::try_read), into several buffers.
    pub(crate) fn try_read_vectored(&self, _bufs: &mut [IoSliceMut<'_>]) -> io::Result<usize> {
        unimplemented!()
    }

    /// Hands bytes to the system, some at most. `WouldBlock`: those before are still on their way.
    pub(crate) fn try_write(&self, _buf: &[u8]) -> io::Result<usize> {
        unimplemented!()
    }

    /// As [`try_write`](Self::try_write), from several buffers.
    pub(crate) fn try_write_vectored(&self, _bufs: &[IoSlice<'_>]) -> io::Result<usize> {
        unimplemented!()
    }

    /// Waits for bytes; `None` waits for ever; expiry is `TimedOut`.
    pub(crate) fn read(&self, _buf: &mut [u8], _limit: Option<Duration>) -> io::Result<usize> {
        unimplemented!()
    }

    /// Waits until the system has taken some; `None` waits for ever; expiry is `TimedOut`, and
    /// nothing of `buf` was taken.
    pub(crate) fn write(&self, _buf: &[u8], _limit: Option<Duration>) -> io::Result<usize> {
        unimplemented!()
    }

    /// Waits until nothing that was issued is still on its way. The error of a write that failed
    /// on its way.
    pub(crate) fn flush(&self, _limit: Option<Duration>) -> io::Result<()> {
        unimplemented!()
    }

    /// Whether a write is on its way.
    pub(crate) fn is_writing(&self) -> bool {
        unimplemented!()
    }

    /// Tells the peer that nothing more comes, after what was written. Never waits.
    pub(crate) fn shutdown_write(&self) -> io::Result<()> {
        unimplemented!()
    }

    /// Reads give the end from now on.
    pub(crate) fn shutdown_read(&self) -> io::Result<()> {
        unimplemented!()
    }

    /// From now on, `watcher` is told; one at most at a time, the next replaces it.
    pub(crate) fn watch(&self, _watcher: Arc<dyn Watch>) -> io::Result<()> {
        unimplemented!()
    }

    /// Who is on the other end.
    pub(crate) fn peer_creds(&self) -> io::Result<PeerCreds> {
        super::creds::peer_creds(self.as_handle(), self.end)
    }
}

impl AsHandle for Pipe {
    fn as_handle(&self) -> BorrowedHandle<'_> {
        self.handle.as_handle()
    }
}
