//! One end of a pipe: reading, writing and waiting, for every kind of stream.
//!
//! See [`reading`](super::reading) and [`writing`](super::writing) for the two directions, which know
//! nothing of each other, and [`port`] for what goes on when nobody waits.

#[cfg(test)]
mod tests;

use super::{
    handle::{self, ReadMode, set_read_mode},
    port,
    reading::Reading,
    sid::Sid,
    vectored::{gather, scatter},
    writing::Writing,
};
use crate::{connections::Ticket, creds::PeerCreds};
use std::{
    fmt,
    io::{self, IoSlice, IoSliceMut},
    os::windows::io::{AsHandle, BorrowedHandle, OwnedHandle},
    sync::{
        Arc, Mutex, OnceLock, PoisonError,
        atomic::{AtomicBool, Ordering},
    },
    time::{Duration, Instant},
};
use windows_sys::Win32::Foundation::ERROR_INVALID_PARAMETER;

/// What became possible on a stream or listener that was watched.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Readiness(u8);

impl Readiness {
    /// A read that would have blocked may be tried again: bytes, the end or an error.
    pub(crate) const READABLE: Self = Self(1);
    /// A write that would have blocked may be tried again.
    pub(crate) const WRITABLE: Self = Self(2);

    /// Reading, or accepting, may be tried again: there is something, the end or an error.
    #[must_use]
    pub fn is_readable(self) -> bool {
        self.0 & Self::READABLE.0 != 0
    }

    /// Writing may be tried again: there is room or an error.
    #[must_use]
    pub fn is_writable(self) -> bool {
        self.0 & Self::WRITABLE.0 != 0
    }
}

/// Who wants to know. Called with no lock of this crate held, so it may call the pipe; it must be
/// quick. On the port's thread, but for one case: a thread that waited in a read or write tells
/// those whose calls would have blocked meanwhile.
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
///
/// Dropping it closes it, once what was written before is the system's.
pub(crate) struct Pipe(Arc<Shared>);

/// What operations under way need: those that write keep it, and with it the handle.
pub(super) struct Shared {
    pub(super) handle: OwnedHandle,
    pub(super) end: End,
    /// The pipe keeps messages apart (PIPE_TYPE_MESSAGE).
    pub(super) is_message_type: bool,
    /// Reads of this end give one message at most (PIPE_READMODE_MESSAGE).
    pub(super) reads_messages: bool,
    pub(super) reading: Reading,
    pub(super) writing: Writing,
    watcher: Mutex<Option<Arc<dyn Watch>>>,
    /// Somebody has watched, so the handle is bound.
    is_watched: AtomicBool,
    /// Counts it among its listener's connections.
    ticket: OnceLock<Arc<Ticket<Sid>>>,
    /// The pipe was dropped.
    pub(super) is_left: AtomicBool,
    /// Whether it could be bound to the port; the system's number if not.
    bound: OnceLock<Result<(), i32>>,
}

impl Pipe {
    /// Of a connected end, opened with FILE_FLAG_OVERLAPPED. Asks what type of pipe it is, and sets
    /// the read mode accordingly.
    pub(crate) fn new(handle: OwnedHandle, end: End) -> io::Result<Arc<Self>> {
        Self::with_binding(handle, end, OnceLock::new())
    }

    /// As [`new`](Self::new), of a handle that has been bound to the port.
    pub(crate) fn of_bound(handle: OwnedHandle, end: End) -> io::Result<Arc<Self>> {
        Self::with_binding(handle, end, OnceLock::from(Ok(())))
    }

    fn with_binding(
        handle: OwnedHandle,
        end: End,
        bound: OnceLock<Result<(), i32>>,
    ) -> io::Result<Arc<Self>> {
        let is_message_type = handle::kind(handle.as_handle())?.is_message_type;
        // Without the right to set it (FILE_WRITE_ATTRIBUTES) reads go over the bounds of messages.
        let reads_messages =
            is_message_type && set_read_mode(handle.as_handle(), ReadMode::Messages).is_ok();
        Ok(Arc::new(Self(Arc::new(Shared {
            handle,
            end,
            is_message_type,
            reads_messages,
            reading: Reading::default(),
            writing: Writing::default(),
            watcher: Mutex::default(),
            is_watched: AtomicBool::new(false),
            ticket: OnceLock::new(),
            is_left: AtomicBool::new(false),
            bound,
        }))))
    }

    /// Has it count among its listener's connections until its handle is closed.
    pub(super) fn count(&self, ticket: Arc<Ticket<Sid>>) {
        let _ = self.0.ticket.set(ticket);
    }

    /// Which end this is.
    pub(crate) fn end(&self) -> End {
        self.0.end
    }

    /// Whether the pipe keeps messages apart, so that an end of stream can be told.
    #[cfg(test)]
    pub(crate) fn can_half_close(&self) -> bool {
        self.0.is_message_type
    }

    /// Reads what is there. `WouldBlock`: nothing. `Ok(0)` with a non-empty buffer: the end.
    pub(crate) fn try_read(&self, buf: &mut [u8]) -> io::Result<usize> {
        self.0.try_read(buf)
    }

    /// Whether a read would give bytes, the end or an error. `WouldBlock`: nothing.
    pub(crate) fn try_readable(&self) -> io::Result<()> {
        self.0.try_readable()
    }

    /// As [`try_read`](Self::try_read), into several buffers.
    pub(crate) fn try_read_vectored(&self, bufs: &mut [IoSliceMut<'_>]) -> io::Result<usize> {
        scatter(bufs, |buf| self.0.try_read(buf))
    }

    /// Hands bytes to the system, some at most. `WouldBlock`: those before are still on their way.
    pub(crate) fn try_write(&self, buf: &[u8]) -> io::Result<usize> {
        self.0.try_write(buf)
    }

    /// As [`try_write`](Self::try_write), from several buffers.
    pub(crate) fn try_write_vectored(&self, bufs: &[IoSlice<'_>]) -> io::Result<usize> {
        gather(bufs, |buf| self.0.try_write(buf))
    }

    /// Waits for bytes; `None` waits for ever; expiry is `TimedOut`.
    pub(crate) fn read(&self, buf: &mut [u8], limit: Option<Duration>) -> io::Result<usize> {
        self.0.read(buf, deadline(limit))
    }

    /// As [`read`](Self::read), into several buffers.
    pub(crate) fn read_vectored(
        &self,
        bufs: &mut [IoSliceMut<'_>],
        limit: Option<Duration>,
    ) -> io::Result<usize> {
        scatter(bufs, |buf| self.0.read(buf, deadline(limit)))
    }

    /// Waits until the system has taken some; `None` waits for ever; expiry is `TimedOut`, and
    /// nothing of `buf` was taken.
    pub(crate) fn write(&self, buf: &[u8], limit: Option<Duration>) -> io::Result<usize> {
        self.0.write(buf, deadline(limit))
    }

    /// As [`write`](Self::write), from several buffers.
    pub(crate) fn write_vectored(
        &self,
        bufs: &[IoSlice<'_>],
        limit: Option<Duration>,
    ) -> io::Result<usize> {
        gather(bufs, |buf| self.0.write(buf, deadline(limit)))
    }

    /// Waits until nothing that was issued is still on its way. The error of a write that failed
    /// on its way.
    pub(crate) fn flush(&self, limit: Option<Duration>) -> io::Result<()> {
        self.0.flush(deadline(limit))
    }

    /// As [`flush`](Self::flush), without waiting. `WouldBlock`: a write is on its way.
    pub(crate) fn try_flush(&self) -> io::Result<()> {
        self.0.try_flush()
    }

    /// Whether a write would be taken, or fail at once. `WouldBlock`: one is on its way.
    #[cfg(feature = "tokio")]
    pub(crate) fn try_writable(&self) -> io::Result<()> {
        self.0.try_writable()
    }

    /// Whether a write is on its way.
    pub(crate) fn is_writing(&self) -> bool {
        self.0.is_writing()
    }

    /// The error of a write that failed on its way, which then isn't told again.
    pub(crate) fn take_error(&self) -> Option<io::Error> {
        self.0.take_write_error()
    }

    /// Tells the peer that nothing more comes, after what was written. Never waits.
    pub(crate) fn shutdown_write(&self) -> io::Result<()> {
        self.0.shutdown_write()
    }

    /// Reads give the end from now on.
    pub(crate) fn shutdown_read(&self) -> io::Result<()> {
        self.0.shutdown_read();
        Ok(())
    }

    /// From now on, `watcher` is told; one at most at a time, the next replaces it.
    pub(crate) fn watch(&self, watcher: Arc<dyn Watch>) -> io::Result<()> {
        self.0.bind()?;
        self.0.set_watcher(Some(watcher));
        self.0.is_watched.store(true, Ordering::Release);
        Ok(())
    }

    /// Who is on the other end.
    pub(crate) fn peer_creds(&self) -> io::Result<PeerCreds> {
        super::creds::peer_creds(self.as_handle(), self.end())
    }

    /// Another handle of this end, for those who don't know of this crate: reads go over the bounds
    /// of messages, and it isn't bound to the port, as far as the system can be told.
    ///
    /// # Errors
    /// It can't be duplicated.
    pub(super) fn give_away(&self) -> io::Result<OwnedHandle> {
        let handle = self.as_handle().try_clone_to_owned()?;
        self.0.stop_probing();
        let _ = set_read_mode(handle.as_handle(), ReadMode::Bytes);
        // The port has yet to tell of what is under way.
        if !self.is_writing() && !self.0.is_watched() {
            handle::unbind(handle.as_handle());
        }
        Ok(handle)
    }
}

impl AsHandle for Pipe {
    fn as_handle(&self) -> BorrowedHandle<'_> {
        self.0.handle.as_handle()
    }
}

impl fmt::Debug for Pipe {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Pipe")
            .field("handle", &self.0.handle)
            .field("end", &self.end())
            .finish_non_exhaustive()
    }
}

impl Drop for Pipe {
    fn drop(&mut self) {
        self.0.set_watcher(None);
        self.0.linger();
    }
}

impl Shared {
    /// Binds the handle to the port, so that something can go on when nobody waits.
    ///
    /// # Errors
    /// The handle is bound to another port, or none could be made.
    pub(super) fn bind(&self) -> io::Result<()> {
        let bound = self.bound.get_or_init(|| {
            port::bind(self.handle.as_handle())
                .map_err(|error| error.raw_os_error().unwrap_or_default())
        });
        bound.map_err(|code| match u32::try_from(code) {
            Ok(ERROR_INVALID_PARAMETER) => io::Error::new(io::ErrorKind::Unsupported, BOUND),
            _ => io::Error::from_raw_os_error(code),
        })
    }

    pub(super) fn is_watched(&self) -> bool {
        self.is_watched.load(Ordering::Acquire)
    }

    /// Tells whoever watches; with no lock held.
    pub(super) fn tell(&self, ready: Readiness) {
        let watcher = self.watcher.lock().unwrap_or_else(PoisonError::into_inner).clone();
        if let Some(watcher) = watcher {
            watcher.ready(ready);
        }
    }

    fn set_watcher(&self, watcher: Option<Arc<dyn Watch>>) {
        let mut place = self.watcher.lock().unwrap_or_else(PoisonError::into_inner);
        let before = std::mem::replace(&mut *place, watcher);
        drop(place);
        drop(before);
    }
}

const BOUND: &str = "the pipe's handle is bound to another completion port, or was not opened for \
                     overlapped operations, so nothing can be learnt of it in the background";

/// `None` is for ever, and so is what is beyond the clock's reach.
fn deadline(limit: Option<Duration>) -> Option<Instant> {
    Instant::now().checked_add(limit?)
}
