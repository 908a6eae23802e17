//! The halves as programs use them.

use super::Stream;
use crate::{sealed::Sealed, sys::current as sys, traits};
#[cfg(windows)]
pub(super) use RecvHalf::NamedPipe as OsRecv;
#[cfg(unix)]
pub(super) use RecvHalf::UdSocket as OsRecv;
#[cfg(windows)]
pub(super) use SendHalf::NamedPipe as OsSend;
#[cfg(unix)]
pub(super) use SendHalf::UdSocket as OsSend;
use std::{
    io::{self, IoSlice, IoSliceMut, Read, Write},
    time::Duration,
};

/// The half of a [`Stream`] that reads, made by [`traits::Stream::split`].
#[derive(Debug)]
pub enum RecvHalf {
    /// A Unix domain socket's.
    #[cfg(unix)]
    UdSocket(sys::RecvHalf),
    /// A named pipe.
    #[cfg(windows)]
    NamedPipe(sys::RecvHalf),
}

/// The half of a [`Stream`] that writes, made by [`traits::Stream::split`].
#[derive(Debug)]
pub enum SendHalf {
    /// A Unix domain socket's.
    #[cfg(unix)]
    UdSocket(sys::SendHalf),
    /// A named pipe.
    #[cfg(windows)]
    NamedPipe(sys::SendHalf),
}

impl RecvHalf {
    fn os(&self) -> &sys::RecvHalf {
        let OsRecv(half) = self;
        half
    }

    /// As [`Stream::try_read`]: what is there, without waiting.
    ///
    /// # Errors
    /// As for [`Stream::try_read`].
    pub fn try_read(&self, buf: &mut [u8]) -> io::Result<usize> {
        self.os().try_read(buf)
    }

    /// As [`Stream::try_read_vectored`]: what is there, into several buffers, without waiting.
    ///
    /// # Errors
    /// As for [`Stream::try_read`].
    pub fn try_read_vectored(&self, bufs: &mut [IoSliceMut<'_>]) -> io::Result<usize> {
        self.os().try_read_vectored(bufs)
    }

    /// Ends the direction of this half; the other goes on. See [`Stream::shutdown`].
    ///
    /// # Errors
    /// As for [`Stream::shutdown_write`].
    pub fn shutdown_read(&self) -> io::Result<()> {
        self.os().shutdown_read()
    }
}

impl SendHalf {
    fn os(&self) -> &sys::SendHalf {
        let OsSend(half) = self;
        half
    }

    /// As [`Stream::try_write`]: as much as there is room for, without waiting.
    ///
    /// # Errors
    /// As for [`Stream::try_write`].
    pub fn try_write(&self, buf: &[u8]) -> io::Result<usize> {
        self.os().try_write(buf)
    }

    /// As [`Stream::try_write_vectored`]: from several buffers, without waiting.
    ///
    /// # Errors
    /// As for [`Stream::try_write`].
    pub fn try_write_vectored(&self, bufs: &[IoSlice<'_>]) -> io::Result<usize> {
        self.os().try_write_vectored(bufs)
    }

    /// Says that nothing more will be written: the peer reads to its end and can still answer.
    /// Dropping the half doesn't say so.
    ///
    /// # Errors
    /// As for [`Stream::shutdown_write`].
    pub fn shutdown_write(&self) -> io::Result<()> {
        self.os().shutdown_write()
    }
}

impl Sealed for RecvHalf {}
impl Sealed for SendHalf {}

impl traits::RecvHalf for RecvHalf {
    type Stream = Stream;

    fn set_timeout(&self, timeout: Option<Duration>) -> io::Result<()> {
        self.os().set_timeout(timeout)
    }
}

impl traits::SendHalf for SendHalf {
    type Stream = Stream;

    fn set_timeout(&self, timeout: Option<Duration>) -> io::Result<()> {
        self.os().set_timeout(timeout)
    }
}

impl From<sys::RecvHalf> for RecvHalf {
    fn from(half: sys::RecvHalf) -> Self {
        OsRecv(half)
    }
}

impl From<sys::SendHalf> for SendHalf {
    fn from(half: sys::SendHalf) -> Self {
        OsSend(half)
    }
}

impl Read for &RecvHalf {
    fn read(&mut self, buf: &mut [u8]) -> io::Result<usize> {
        self.os().read(buf)
    }

    fn read_vectored(&mut self, bufs: &mut [IoSliceMut<'_>]) -> io::Result<usize> {
        self.os().read_vectored(bufs)
    }
}

impl Read for RecvHalf {
    fn read(&mut self, buf: &mut [u8]) -> io::Result<usize> {
        self.os().read(buf)
    }

    fn read_vectored(&mut self, bufs: &mut [IoSliceMut<'_>]) -> io::Result<usize> {
        self.os().read_vectored(bufs)
    }
}

impl Write for &SendHalf {
    fn write(&mut self, buf: &[u8]) -> io::Result<usize> {
        self.os().write(buf)
    }

    fn write_vectored(&mut self, bufs: &[IoSlice<'_>]) -> io::Result<usize> {
        self.os().write_vectored(bufs)
    }

    fn flush(&mut self) -> io::Result<()> {
        self.os().flush()
    }
}

impl Write for SendHalf {
    fn write(&mut self, buf: &[u8]) -> io::Result<usize> {
        self.os().write(buf)
    }

    fn write_vectored(&mut self, bufs: &[IoSlice<'_>]) -> io::Result<usize> {
        self.os().write_vectored(bufs)
    }

    fn flush(&mut self) -> io::Result<()> {
        self.os().flush()
    }
}
