//! Streams as readers and writers.

use super::Stream;
use crate::sys::unix::io::{self as sys_io, Wait};
use std::{
    io::{self, IoSlice, IoSliceMut, Read, Write},
    os::fd::AsFd,
};

impl Read for &Stream {
    fn read(&mut self, buf: &mut [u8]) -> io::Result<usize> {
        sys_io::recv(self.as_fd(), self.socket.is_suspect(), buf, Wait::AsModeSays)
    }

    fn read_vectored(&mut self, bufs: &mut [IoSliceMut<'_>]) -> io::Result<usize> {
        sys_io::recv_vectored(self.as_fd(), self.socket.is_suspect(), bufs, Wait::AsModeSays)
    }
}

/// Nothing is buffered here, so there is nothing to flush. SIGPIPE is not raised.
impl Write for &Stream {
    fn write(&mut self, buf: &[u8]) -> io::Result<usize> {
        sys_io::send(self.as_fd(), buf, Wait::AsModeSays)
    }

    fn write_vectored(&mut self, bufs: &[IoSlice<'_>]) -> io::Result<usize> {
        sys_io::send_vectored(self.as_fd(), bufs, Wait::AsModeSays)
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
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
        Ok(())
    }
}
