//! Halves of streams.

use super::stream::Stream;
use crate::{
    error::ReuniteError,
    sealed::Sealed,
    traits::{self, ReuniteResult, Stream as _},
};
use std::{
    io::{self, IoSlice, IoSliceMut, Read, Write},
    net::Shutdown,
    sync::Arc,
    time::Duration,
};

/// The half of a stream that reads. A clone reads from the same stream.
#[derive(Clone, Debug)]
pub struct RecvHalf(Arc<Stream>);

/// The half of a stream that writes. A clone writes to the same stream.
#[derive(Clone, Debug)]
pub struct SendHalf(Arc<Stream>);

macro_rules! half {
    ($half:ident) => {
        impl $half {
            pub(super) fn new(stream: Arc<Stream>) -> Self {
                Self(stream)
            }

            /// The stream that this is a half of.
            #[must_use]
            pub fn as_stream(&self) -> &Stream {
                &self.0
            }

            /// The shared stream that this is a half of.
            #[must_use]
            pub fn as_arc(&self) -> &Arc<Stream> {
                &self.0
            }

            /// Gives up the half for the shared stream.
            #[must_use]
            pub fn into_arc(self) -> Arc<Stream> {
                self.0
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
        if !Arc::ptr_eq(&rh.0, &sh.0) {
            return Err(ReuniteError { rh, sh });
        }
        drop(sh);
        Arc::try_unwrap(rh.0)
            .map_err(|stream| ReuniteError { rh: Self(stream.clone()), sh: SendHalf(stream) })
    }

    /// As [`Stream::try_read`]: what is there, without waiting.
    ///
    /// # Errors
    /// As for [`Stream::try_read`].
    pub fn try_read(&self, buf: &mut [u8]) -> io::Result<usize> {
        self.0.try_read(buf)
    }

    /// As [`Stream::try_read_vectored`]: what is there, into several buffers, without waiting.
    ///
    /// # Errors
    /// As for [`Stream::try_read`].
    pub fn try_read_vectored(&self, bufs: &mut [IoSliceMut<'_>]) -> io::Result<usize> {
        self.0.try_read_vectored(bufs)
    }

    /// Ends the direction of this half and its clones; the other goes on. See [`Stream::shutdown`].
    ///
    /// # Errors
    /// As for [`Stream::shutdown_write`].
    pub fn shutdown_read(&self) -> io::Result<()> {
        self.0.shutdown(Shutdown::Read)
    }
}

impl SendHalf {
    /// As [`Stream::try_write`]: as much as there is room for, without waiting.
    ///
    /// # Errors
    /// As for [`Stream::try_write`].
    pub fn try_write(&self, buf: &[u8]) -> io::Result<usize> {
        self.0.try_write(buf)
    }

    /// As [`Stream::try_write_vectored`]: from several buffers, without waiting.
    ///
    /// # Errors
    /// As for [`Stream::try_write`].
    pub fn try_write_vectored(&self, bufs: &[IoSlice<'_>]) -> io::Result<usize> {
        self.0.try_write_vectored(bufs)
    }

    /// Says that nothing more will be written, by this half or a clone of it: the peer reads to its
    /// end and can still answer. Dropping the half doesn't say so.
    ///
    /// # Errors
    /// As for [`Stream::shutdown_write`].
    pub fn shutdown_write(&self) -> io::Result<()> {
        self.0.shutdown_write()
    }
}

impl traits::RecvHalf for RecvHalf {
    type Stream = Stream;

    fn set_timeout(&self, timeout: Option<Duration>) -> io::Result<()> {
        self.0.set_recv_timeout(timeout)
    }
}

impl traits::SendHalf for SendHalf {
    type Stream = Stream;

    fn set_timeout(&self, timeout: Option<Duration>) -> io::Result<()> {
        self.0.set_send_timeout(timeout)
    }
}

impl Read for &RecvHalf {
    fn read(&mut self, buf: &mut [u8]) -> io::Result<usize> {
        (&*self.0).read(buf)
    }

    fn read_vectored(&mut self, bufs: &mut [IoSliceMut<'_>]) -> io::Result<usize> {
        (&*self.0).read_vectored(bufs)
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
        (&*self.0).write(buf)
    }

    fn write_vectored(&mut self, bufs: &[IoSlice<'_>]) -> io::Result<usize> {
        (&*self.0).write_vectored(bufs)
    }

    fn flush(&mut self) -> io::Result<()> {
        (&*self.0).flush()
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
