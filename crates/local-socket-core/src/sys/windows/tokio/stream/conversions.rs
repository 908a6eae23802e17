//! Streams on tokio from and to what programs have.

use super::Stream;
use crate::sys::windows::stream;
use std::{
    io,
    os::windows::io::{AsHandle, BorrowedHandle},
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
        let (pipe, ticket) = stream.into_pipe();
        Self::new(pipe, ticket)
    }
}

/// A stream that blocks, without time limits.
impl From<Stream> for stream::Stream {
    fn from(stream: Stream) -> Self {
        Self::new(stream.pipe, false, stream.ticket)
    }
}
