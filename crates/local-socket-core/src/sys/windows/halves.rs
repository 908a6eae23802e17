//! Halves of streams.

mod conversions;

use super::stream::Stream;
use crate::{
    error::ReuniteError,
    sealed::Sealed,
    traits::{self, ReuniteResult, Stream as _},
};
use interprocess::os::windows::named_pipe::{RecvPipeStream, SendPipeStream, pipe_mode::Bytes};
use std::{
    fmt,
    io::{self, IoSlice, IoSliceMut, Read, Write},
    net::Shutdown,
    sync::{Arc, OnceLock},
    time::Duration,
};

/// The half of a stream that reads. A clone reads from the same stream.
pub struct RecvHalf {
    stream: Arc<Stream>,
    inner: OnceLock<Box<RecvPipeStream<Bytes>>>,
}

/// The half of a stream that writes. A clone writes to the same stream.
pub struct SendHalf {
    stream: Arc<Stream>,
    inner: OnceLock<Box<SendPipeStream<Bytes>>>,
}

macro_rules! half {
    ($half:ident) => {
        impl $half {
            pub(super) fn new(stream: Arc<Stream>) -> Self {
                Self { stream, inner: OnceLock::new() }
            }

            /// The stream that this is a half of.
            #[must_use]
            pub fn as_stream(&self) -> &Stream {
                &self.stream
            }

            /// The shared stream that this is a half of.
            #[must_use]
            pub fn as_arc(&self) -> &Arc<Stream> {
                &self.stream
            }

            /// Gives up the half for the shared stream.
            #[must_use]
            pub fn into_arc(self) -> Arc<Stream> {
                self.stream
            }
        }

        impl Clone for $half {
            fn clone(&self) -> Self {
                Self::new(self.stream.clone())
            }
        }

        impl fmt::Debug for $half {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.debug_tuple(stringify!($half)).field(&self.stream).finish()
            }
        }

        impl Sealed for $half {}
    };
}

half!(RecvHalf);
half!(SendHalf);

impl RecvHalf {
    /// Puts the halves together; any further reference to the stream makes it fail.
    pub(super) fn reunite(rh: Self, sh: SendHalf) -> ReuniteResult<Stream> {
        if !Arc::ptr_eq(&rh.stream, &sh.stream) {
            return Err(ReuniteError { rh, sh });
        }
        drop(sh);
        Arc::try_unwrap(rh.stream).map_err(|stream| ReuniteError {
            rh: Self::new(stream.clone()),
            sh: SendHalf::new(stream),
        })
    }

    /// As [`Stream::try_read`]: what is there, without waiting.
    ///
    /// # Errors
    /// As for [`Stream::try_read`].
    pub fn try_read(&self, buf: &mut [u8]) -> io::Result<usize> {
        self.stream.try_read(buf)
    }

    /// As [`Stream::try_read_vectored`]: what is there, into several buffers, without waiting.
    ///
    /// # Errors
    /// As for [`Stream::try_read`].
    pub fn try_read_vectored(&self, bufs: &mut [IoSliceMut<'_>]) -> io::Result<usize> {
        self.stream.try_read_vectored(bufs)
    }

    /// Ends the direction of this half and its clones; the other goes on. See [`Stream::shutdown`].
    ///
    /// # Errors
    /// As for [`Stream::shutdown_write`].
    pub fn shutdown_read(&self) -> io::Result<()> {
        self.stream.shutdown(Shutdown::Read)
    }
}

impl SendHalf {
    /// As [`Stream::try_write`]: as much as there is room for, without waiting.
    ///
    /// # Errors
    /// As for [`Stream::try_write`].
    pub fn try_write(&self, buf: &[u8]) -> io::Result<usize> {
        self.stream.try_write(buf)
    }

    /// As [`Stream::try_write_vectored`]: from several buffers, without waiting.
    ///
    /// # Errors
    /// As for [`Stream::try_write`].
    pub fn try_write_vectored(&self, bufs: &[IoSlice<'_>]) -> io::Result<usize> {
        self.stream.try_write_vectored(bufs)
    }

    /// Says that nothing more will be written, by this half or a clone of it: the peer reads to its
    /// end and can still answer. Dropping the half doesn't say so.
    ///
    /// # Errors
    /// As for [`Stream::shutdown_write`].
    pub fn shutdown_write(&self) -> io::Result<()> {
        self.stream.shutdown_write()
    }
}

impl traits::RecvHalf for RecvHalf {
    type Stream = Stream;

    fn set_timeout(&self, timeout: Option<Duration>) -> io::Result<()> {
        self.stream.set_recv_timeout(timeout)
    }
}

impl traits::SendHalf for SendHalf {
    type Stream = Stream;

    fn set_timeout(&self, timeout: Option<Duration>) -> io::Result<()> {
        self.stream.set_send_timeout(timeout)
    }
}

impl Read for &RecvHalf {
    fn read(&mut self, buf: &mut [u8]) -> io::Result<usize> {
        (&*self.stream).read(buf)
    }

    fn read_vectored(&mut self, bufs: &mut [IoSliceMut<'_>]) -> io::Result<usize> {
        (&*self.stream).read_vectored(bufs)
    }
}

impl Read for RecvHalf {
    fn read(&mut self, buf: &mut [u8]) -> io::Result<usize> {
        (&*self).read(buf)
    }

    fn read_vectored(&mut self, bufs: &mut [IoSliceMut<'_>]) -> io::Result<usize> {
        (&*self).read_vectored(bufs)
    }
}

impl Write for &SendHalf {
    fn write(&mut self, buf: &[u8]) -> io::Result<usize> {
        (&*self.stream).write(buf)
    }

    fn write_vectored(&mut self, bufs: &[IoSlice<'_>]) -> io::Result<usize> {
        (&*self.stream).write_vectored(bufs)
    }

    fn flush(&mut self) -> io::Result<()> {
        (&*self.stream).flush()
    }
}

impl Write for SendHalf {
    fn write(&mut self, buf: &[u8]) -> io::Result<usize> {
        (&*self).write(buf)
    }

    fn write_vectored(&mut self, bufs: &[IoSlice<'_>]) -> io::Result<usize> {
        (&*self).write_vectored(bufs)
    }

    fn flush(&mut self) -> io::Result<()> {
        (&*self).flush()
    }
}
