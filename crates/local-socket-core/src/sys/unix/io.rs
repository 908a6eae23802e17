//! Bytes in and out of a socket. No call here raises SIGPIPE.

use super::{descriptors, guarded::Guarded};
use rustix::{
    io::Errno,
    net::{RecvFlags, SendAncillaryBuffer, SendFlags},
};
use std::{
    io::{self, IoSlice, IoSliceMut},
    os::{
        fd::{AsFd, BorrowedFd},
        unix::net::UnixStream,
    },
};

/// How many buffers one call takes (`IOV_MAX`, 1024 on Linux, macOS and the BSDs); more are left
/// for the next call, as a short write.
const MAX_BUFFERS: usize = 1024;

#[cfg(not(target_vendor = "apple"))]
const NO_SIGNAL: SendFlags = SendFlags::NOSIGNAL;
/// The socket itself has been told there.
#[cfg(target_vendor = "apple")]
const NO_SIGNAL: SendFlags = SendFlags::empty();

/// Whether a call may wait.
#[derive(Copy, Clone, PartialEq, Eq)]
pub(super) enum Wait {
    /// As the descriptor's mode says.
    AsModeSays,
    /// Never, and a signal doesn't show.
    Never,
}

pub(super) fn recv(socket: &Guarded<UnixStream>, buf: &mut [u8], wait: Wait) -> io::Result<usize> {
    let flags = if wait == Wait::Never { RecvFlags::DONTWAIT } else { RecvFlags::empty() };
    attempt(wait, || {
        if socket.is_suspect() {
            descriptors::recv(socket.as_fd(), &mut [IoSliceMut::new(buf)], flags)
        } else {
            rustix::net::recv(socket.as_fd(), &mut *buf, flags).map(|(_, length)| length)
        }
    })
}

pub(super) fn recv_vectored(
    socket: &Guarded<UnixStream>,
    bufs: &mut [IoSliceMut<'_>],
) -> io::Result<usize> {
    if socket.is_suspect() {
        let count = bufs.len().min(MAX_BUFFERS);
        let bufs = &mut bufs[..count];
        attempt(Wait::AsModeSays, || descriptors::recv(socket.as_fd(), bufs, RecvFlags::empty()))
    } else {
        io::Read::read_vectored(&mut &**socket, bufs)
    }
}

pub(super) fn send(socket: BorrowedFd<'_>, buf: &[u8], wait: Wait) -> io::Result<usize> {
    attempt(wait, || rustix::net::send(socket, buf, send_flags(wait)))
}

pub(super) fn send_vectored(
    socket: BorrowedFd<'_>,
    bufs: &[IoSlice<'_>],
    wait: Wait,
) -> io::Result<usize> {
    let bufs = &bufs[..bufs.len().min(MAX_BUFFERS)];
    attempt(wait, || {
        let mut control = SendAncillaryBuffer::default();
        rustix::net::sendmsg(socket, bufs, &mut control, send_flags(wait))
    })
}

fn send_flags(wait: Wait) -> SendFlags {
    if wait == Wait::Never { NO_SIGNAL | SendFlags::DONTWAIT } else { NO_SIGNAL }
}

/// A call that never waits is repeated when a signal interrupts it. One that waits says so, as
/// the standard library's do, which lets a program act upon the signal.
fn attempt(wait: Wait, mut call: impl FnMut() -> Result<usize, Errno>) -> io::Result<usize> {
    loop {
        match call() {
            Err(Errno::INTR) if wait == Wait::Never => {}
            result => return Ok(result?),
        }
    }
}
