//! Streams from and to what programs have.

use super::Stream;
use crate::{
    error::{ConversionError, FromHandleError},
    sys::windows::{
        handle::{self, Kind, ReadMode},
        pipe::Pipe,
    },
};
use interprocess::os::windows::named_pipe::{DuplexPipeStream, pipe_mode::Bytes};
use std::{
    io,
    os::windows::io::{AsHandle, BorrowedHandle, OwnedHandle},
    sync::OnceLock,
};

/// Made when it is first asked for.
pub(super) type Inner = OnceLock<Box<DuplexPipeStream<Bytes>>>;

const NOT_OVERLAPPED: &str = "the handle was opened without FILE_FLAG_OVERLAPPED";

impl Stream {
    /// interprocess's stream over a duplicate of the handle, made when it is first asked for.
    ///
    /// It is for what interprocess has on top, such as the sessions of the peer or impersonating a
    /// client. Don't read from it or write to it: what this stream has under way it doesn't know of,
    /// it takes messages that don't fit for errors, and for accepted and watched streams the system
    /// refuses it (they are bound to a completion port). [`From`] gives one that can be read from.
    ///
    /// # Panics
    /// The system has no handles left.
    #[must_use]
    pub fn inner(&self) -> &DuplexPipeStream<Bytes> {
        self.inner.get_or_init(|| {
            let handle = self.as_handle().try_clone_to_owned().expect(NO_HANDLES);
            Box::new(interprocess_stream(handle))
        })
    }

    /// As [`inner`](Self::inner), mutably.
    ///
    /// # Panics
    /// As for [`inner`](Self::inner).
    pub fn inner_mut(&mut self) -> &mut DuplexPipeStream<Bytes> {
        let _ = self.inner();
        self.inner.get_mut().expect("it was just made")
    }

    /// A handle for others; see the conversion.
    pub(in crate::sys::windows) fn give_away(&self) -> io::Result<OwnedHandle> {
        self.pipe.give_away()
    }

    /// Of an overlapped handle; reads and writes that would wait don't if those of the handle didn't.
    fn of_handle(handle: OwnedHandle, kind: Kind) -> io::Result<Self> {
        let nonblocking = handle::is_nowait(handle.as_handle());
        if nonblocking {
            handle::set_read_mode(handle.as_handle(), ReadMode::Bytes)?;
        }
        Ok(Self::new(Pipe::new(handle, kind.end)?, nonblocking))
    }
}

const NO_HANDLES: &str = "a handle can be duplicated";

/// One that closes its handle when it is dropped, rather than to have a thread flush it.
pub(in crate::sys::windows) fn interprocess_stream(handle: OwnedHandle) -> DuplexPipeStream<Bytes> {
    let stream = DuplexPipeStream::try_from(handle).expect("it is a pipe's handle");
    stream.assume_flushed();
    stream
}

impl AsHandle for Stream {
    fn as_handle(&self) -> BorrowedHandle<'_> {
        self.pipe.as_handle()
    }
}

impl AsRef<DuplexPipeStream<Bytes>> for Stream {
    fn as_ref(&self) -> &DuplexPipeStream<Bytes> {
        self.inner()
    }
}

impl AsMut<DuplexPipeStream<Bytes>> for Stream {
    fn as_mut(&mut self) -> &mut DuplexPipeStream<Bytes> {
        self.inner_mut()
    }
}

/// Of either end of a pipe that was opened with FILE_FLAG_OVERLAPPED. One whose reads and writes don't
/// wait (PIPE_NOWAIT) makes a nonblocking stream. If it is bound to somebody's completion port,
/// [`on_ready`](Stream::on_ready), [`try_write`](Stream::try_write), writes with a time limit and
/// [`shutdown_write`](Stream::shutdown_write) are `Unsupported`.
///
/// # Errors
/// With the handle back: it is no pipe's, or it isn't overlapped.
impl TryFrom<OwnedHandle> for Stream {
    type Error = FromHandleError;

    fn try_from(handle: OwnedHandle) -> Result<Self, FromHandleError> {
        let checked =
            handle::kind(handle.as_handle()).and_then(|kind| {
                match handle::is_overlapped(handle.as_handle())? {
                    true => Ok(kind),
                    false => Err(io::Error::new(io::ErrorKind::InvalidInput, NOT_OVERLAPPED)),
                }
            });
        match checked {
            Ok(kind) => Self::of_handle(handle, kind).map_err(ConversionError::from_cause),
            Err(cause) => Err(ConversionError::from_source_and_cause(handle, cause)),
        }
    }
}

/// The handle as others expect it: its reads give bytes, whatever messages they came in. Of a stream
/// that somebody watched ([`on_ready`](Stream::on_ready), tokio), up to 4096 bytes may have been read
/// ahead, which are lost; and it stays bound to this crate's completion port, as an accepted one
/// does before Windows 8.1. From then on it no longer counts as a connection of its listener.
///
/// A stream that was bound tells a completion port of operations that take their time, never of
/// those that are done at once (FILE_SKIP_COMPLETION_PORT_ON_SUCCESS, which can't be taken back:
/// MSDN, SetFileCompletionNotificationModes). Tokio's and mio's pipes wait for either; use blocking
/// or APC calls, or another handle.
///
/// # Panics
/// The system has no handles left.
impl From<Stream> for OwnedHandle {
    fn from(stream: Stream) -> Self {
        stream.pipe.give_away().expect(NO_HANDLES)
    }
}

/// See the conversion to [`OwnedHandle`]. A stream that was nonblocking blocks.
///
/// # Panics
/// As there.
impl From<Stream> for DuplexPipeStream<Bytes> {
    fn from(stream: Stream) -> Self {
        interprocess_stream(stream.into())
    }
}

/// See the conversion from [`OwnedHandle`]; of a handle that isn't overlapped it makes a stream whose
/// operations wait for one another, `try_read` too.
///
/// # Panics
/// The system has no handles left.
impl From<DuplexPipeStream<Bytes>> for Stream {
    fn from(stream: DuplexPipeStream<Bytes>) -> Self {
        let handle = OwnedHandle::try_from(stream).unwrap_or_else(|shared| {
            let handle = shared.as_handle().try_clone_to_owned().expect(NO_HANDLES);
            shared.assume_flushed();
            handle
        });
        let kind = handle::kind(handle.as_handle()).expect("it is a pipe's handle");
        Self::of_handle(handle, kind).expect("it is a pipe's handle")
    }
}
