//! How a program waits for its peer.

use std::{
    hint,
    io::{self, ErrorKind, Read, Write},
    os::unix::net::UnixStream,
};

#[derive(Copy, Clone, PartialEq, Eq)]
pub enum Waiting {
    /// In the kernel, which wakes it.
    Sleeps,
    /// By asking again and again.
    Spins,
}

/// A socket whose reads and writes wait in one way or the other.
pub struct Socket {
    stream: UnixStream,
}

impl Socket {
    pub fn new(stream: UnixStream, waiting: Waiting) -> io::Result<Self> {
        stream.set_nonblocking(waiting == Waiting::Spins)?;
        Ok(Self { stream })
    }
}

impl Read for Socket {
    fn read(&mut self, buf: &mut [u8]) -> io::Result<usize> {
        spinning(|| self.stream.read(buf))
    }
}

impl Write for Socket {
    fn write(&mut self, buf: &[u8]) -> io::Result<usize> {
        spinning(|| self.stream.write(buf))
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

/// A blocking socket never says that it would block, so that this asks it once.
fn spinning(mut call: impl FnMut() -> io::Result<usize>) -> io::Result<usize> {
    loop {
        match call() {
            Err(error) if error.kind() == ErrorKind::WouldBlock => hint::spin_loop(),
            result => return result,
        }
    }
}
