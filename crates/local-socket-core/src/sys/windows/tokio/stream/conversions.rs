//! Streams on tokio from and to what programs have.

use super::Stream;
use crate::{
    error::{ConversionError, FromHandleError},
    sys::windows::stream,
};
use std::{
    io,
    os::windows::io::{AsHandle, BorrowedHandle, OwnedHandle},
};

impl AsHandle for Stream {
    fn as_handle(&self) -> BorrowedHandle<'_> {
        self.pipe.as_handle()
    }
}

/// Time limits and what [`set_nonblocking`](crate::traits::Stream::set_nonblocking) said are
/// forgotten.
///
/// # Errors
/// Those of being told what the system has for the pipe. The stream is dropped then.
impl TryFrom<stream::Stream> for Stream {
    type Error = io::Error;

    fn try_from(stream: stream::Stream) -> io::Result<Self> {
        Self::new(stream.into_pipe())
    }
}

/// A stream that blocks, without time limits.
impl From<Stream> for stream::Stream {
    fn from(stream: Stream) -> Self {
        Self::new(stream.pipe, false)
    }
}

/// Of either end of a pipe that was opened with FILE_FLAG_OVERLAPPED and isn't bound to anybody's
/// completion port: not of a handle that tokio or interprocess's types on tokio had.
///
/// # Errors
/// With the handle back: it is no pipe's, or it isn't overlapped. If it is bound, the error holds no
/// handle, which is closed then.
impl TryFrom<OwnedHandle> for Stream {
    type Error = FromHandleError;

    fn try_from(handle: OwnedHandle) -> Result<Self, FromHandleError> {
        let pipe = stream::Stream::try_from(handle)?.into_pipe();
        Self::new(pipe).map_err(ConversionError::from_cause)
    }
}

/// Up to 4096 bytes may have been read ahead, which are lost, and it stays bound to this crate's
/// completion port; otherwise as [the blocking
/// one](crate::os::windows::named_pipe::local_socket::Stream) becomes a handle.
///
/// # Panics
/// The system has no handles left.
impl From<Stream> for OwnedHandle {
    fn from(stream: Stream) -> Self {
        stream::Stream::from(stream).into()
    }
}
