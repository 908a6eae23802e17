//! Bytes in and out of a socket. No call here raises SIGPIPE.

use super::descriptors;
use rustix::{
    io::Errno,
    net::{RecvAncillaryBuffer, RecvFlags, SendAncillaryBuffer, SendFlags},
};
use std::{
    io::{self, IoSlice, IoSliceMut},
    os::fd::BorrowedFd,
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

/// Descriptors that come along with the bytes are dropped, by another thread if the socket is a
/// suspect.
pub(super) fn recv(
    socket: BorrowedFd<'_>,
    suspect: bool,
    buf: &mut [u8],
    wait: Wait,
) -> io::Result<usize> {
    attempt(wait, || {
        if suspect {
            descriptors::recv(socket, &mut [IoSliceMut::new(buf)], recv_flags(wait))
        } else {
            rustix::net::recv(socket, &mut *buf, recv_flags(wait)).map(|(_, length)| length)
        }
    })
}

/// As [`recv`], into several buffers.
pub(super) fn recv_vectored(
    socket: BorrowedFd<'_>,
    suspect: bool,
    bufs: &mut [IoSliceMut<'_>],
    wait: Wait,
) -> io::Result<usize> {
    let count = bufs.len().min(MAX_BUFFERS);
    let bufs = &mut bufs[..count];
    attempt(wait, || match wait {
        _ if suspect => descriptors::recv(socket, bufs, recv_flags(wait)),
        // The lighter of two calls that do the same; it takes no flags.
        Wait::AsModeSays => rustix::io::readv(socket, bufs),
        Wait::Never => {
            let mut control = RecvAncillaryBuffer::default();
            rustix::net::recvmsg(socket, bufs, &mut control, recv_flags(wait))
                .map(|message| message.bytes)
        }
    })
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

fn recv_flags(wait: Wait) -> RecvFlags {
    if wait == Wait::Never { RecvFlags::DONTWAIT } else { RecvFlags::empty() }
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
