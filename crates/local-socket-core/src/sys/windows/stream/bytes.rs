//! Streams as readers and writers.

use super::{Stream, limits::Wait};
use std::io::{self, IoSlice, IoSliceMut, Read, Write};

/// The kind that sockets have for it (SO_RCVTIMEO, SO_SNDTIMEO).
fn expiry_would_block(error: io::Error) -> io::Error {
    match error.kind() {
        io::ErrorKind::TimedOut => io::ErrorKind::WouldBlock.into(),
        _ => error,
    }
}

impl Read for &Stream {
    fn read(&mut self, buf: &mut [u8]) -> io::Result<usize> {
        match self.limits.reading() {
            Wait::Never => self.pipe.try_read(buf),
            Wait::UpTo(limit) => self.pipe.read(buf, limit).map_err(expiry_would_block),
        }
    }

    fn read_vectored(&mut self, bufs: &mut [IoSliceMut<'_>]) -> io::Result<usize> {
        match self.limits.reading() {
            Wait::Never => self.pipe.try_read_vectored(bufs),
            Wait::UpTo(limit) => self.pipe.read_vectored(bufs, limit).map_err(expiry_would_block),
        }
    }
}

/// `flush` waits until what was taken is the system's, which then hands it over even when this
/// process ends. It doesn't wait until the peer has read it.
impl Write for &Stream {
    fn write(&mut self, buf: &[u8]) -> io::Result<usize> {
        match self.limits.writing() {
            Wait::Never => self.pipe.try_write(buf),
            Wait::UpTo(limit) => self.pipe.write(buf, limit).map_err(expiry_would_block),
        }
    }

    fn write_vectored(&mut self, bufs: &[IoSlice<'_>]) -> io::Result<usize> {
        match self.limits.writing() {
            Wait::Never => self.pipe.try_write_vectored(bufs),
            Wait::UpTo(limit) => self.pipe.write_vectored(bufs, limit).map_err(expiry_would_block),
        }
    }

    fn flush(&mut self) -> io::Result<()> {
        match self.limits.writing() {
            Wait::Never => self.pipe.try_flush(),
            Wait::UpTo(limit) => self.pipe.flush(limit).map_err(expiry_would_block),
        }
    }
}

impl Read for Stream {
    fn read(&mut self, buf: &mut [u8]) -> io::Result<usize> {
        (&*self).read(buf)
    }

    fn read_vectored(&mut self, bufs: &mut [IoSliceMut<'_>]) -> io::Result<usize> {
        (&*self).read_vectored(bufs)
    }
}

impl Write for Stream {
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
