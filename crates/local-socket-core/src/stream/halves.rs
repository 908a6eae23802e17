//! The halves as programs use them.

use super::Stream;
use crate::{sealed::Sealed, sys::current as sys, traits};
use std::{
    io::{self, IoSlice, IoSliceMut, Read, Write},
    time::Duration,
};

/// The half of a [`Stream`] that reads, made by [`traits::Stream::split`].
#[derive(Debug)]
pub enum RecvHalf {
    /// A Unix domain socket's.
    UdSocket(sys::RecvHalf),
}

/// The half of a [`Stream`] that writes, made by [`traits::Stream::split`].
#[derive(Debug)]
pub enum SendHalf {
    /// A Unix domain socket's.
    UdSocket(sys::SendHalf),
}

impl RecvHalf {
    fn os(&self) -> &sys::RecvHalf {
        let Self::UdSocket(half) = self;
        half
    }
}

impl SendHalf {
    fn os(&self) -> &sys::SendHalf {
        let Self::UdSocket(half) = self;
        half
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
        Self::UdSocket(half)
    }
}

impl From<sys::SendHalf> for SendHalf {
    fn from(half: sys::SendHalf) -> Self {
        Self::UdSocket(half)
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
        Ok(())
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
        Ok(())
    }
}
