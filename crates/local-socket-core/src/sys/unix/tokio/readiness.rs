//! Calls on tokio's sockets: once the runtime says that they are ready, and without asking it.
//!
//! The calls are those of blocking streams and not tokio's, which can raise SIGPIPE and close
//! descriptors on the spot. Nor is a short read taken for an empty socket, as tokio does: the
//! kernel ends a read behind bytes that descriptors came with, and what is behind those would lie
//! there until still more arrived. The drawback: one more call that says EAGAIN before each wait.

use crate::sys::unix::io::{self as sys_io, Wait};
use ::tokio::{
    io::{Interest, ReadBuf},
    net::UnixStream,
};
use rustix::net::Shutdown;
use std::{
    io::{self, ErrorKind, IoSlice, IoSliceMut},
    os::fd::AsFd,
    task::{Context, Poll, ready},
};

/// How much memory that holds nothing yet is zeroed for one read, in bytes. More of it is left for
/// the next read, so that a few bytes that arrive in a large buffer don't cost all of it.
const MOST_ZEROED: usize = 64 * 1024;

/// Reads into what is not filled yet. Where there is no room, that is done at once.
pub(super) fn poll_read(
    socket: &UnixStream,
    suspect: bool,
    cx: &mut Context<'_>,
    buf: &mut ReadBuf<'_>,
) -> Poll<io::Result<()>> {
    if buf.remaining() == 0 {
        return Poll::Ready(Ok(()));
    }
    let count = ready!(poll(socket, Interest::READABLE, cx, || {
        let zeroed = buf.initialized().len() - buf.filled().len();
        let length = buf.remaining().min(zeroed.max(MOST_ZEROED));
        sys_io::recv(socket.as_fd(), suspect, buf.initialize_unfilled_to(length), Wait::Never)
    }))?;
    buf.advance(count);
    Poll::Ready(Ok(()))
}

pub(super) fn poll_write(
    socket: &UnixStream,
    cx: &mut Context<'_>,
    buf: &[u8],
) -> Poll<io::Result<usize>> {
    poll(socket, Interest::WRITABLE, cx, || sys_io::send(socket.as_fd(), buf, Wait::Never))
}

pub(super) fn poll_write_vectored(
    socket: &UnixStream,
    cx: &mut Context<'_>,
    bufs: &[IoSlice<'_>],
) -> Poll<io::Result<usize>> {
    poll(socket, Interest::WRITABLE, cx, || {
        sys_io::send_vectored(socket.as_fd(), bufs, Wait::Never)
    })
}

/// Ends the direction. That it has ended already is no error here, since this is what was asked
/// for: macOS says so about a socket whose peer has closed, Linux doesn't.
pub(super) fn poll_shutdown(socket: &UnixStream) -> Poll<io::Result<()>> {
    match shutdown(socket, Shutdown::Write) {
        Err(error) if error.kind() == ErrorKind::NotConnected => Poll::Ready(Ok(())),
        result => Poll::Ready(result),
    }
}

pub(super) fn try_read(socket: &UnixStream, suspect: bool, buf: &mut [u8]) -> io::Result<usize> {
    attempt(socket, Interest::READABLE, || sys_io::recv(socket.as_fd(), suspect, buf, Wait::Never))
}

pub(super) fn try_read_vectored(
    socket: &UnixStream,
    suspect: bool,
    bufs: &mut [IoSliceMut<'_>],
) -> io::Result<usize> {
    attempt(socket, Interest::READABLE, || {
        sys_io::recv_vectored(socket.as_fd(), suspect, bufs, Wait::Never)
    })
}

pub(super) fn try_write(socket: &UnixStream, buf: &[u8]) -> io::Result<usize> {
    attempt(socket, Interest::WRITABLE, || sys_io::send(socket.as_fd(), buf, Wait::Never))
}

pub(super) fn try_write_vectored(socket: &UnixStream, bufs: &[IoSlice<'_>]) -> io::Result<usize> {
    attempt(socket, Interest::WRITABLE, || sys_io::send_vectored(socket.as_fd(), bufs, Wait::Never))
}

/// See shutdown(2).
pub(super) fn shutdown(socket: &UnixStream, how: Shutdown) -> io::Result<()> {
    Ok(rustix::net::shutdown(socket, how)?)
}

/// Calls once the runtime says that the socket is ready, and waits on if it is not after all. Of
/// those that wait for one direction, the last is woken.
fn poll<T>(
    socket: &UnixStream,
    interest: Interest,
    cx: &mut Context<'_>,
    mut call: impl FnMut() -> io::Result<T>,
) -> Poll<io::Result<T>> {
    loop {
        if interest.is_readable() {
            ready!(socket.poll_read_ready(cx))?;
        } else {
            ready!(socket.poll_write_ready(cx))?;
        }
        match socket.try_io(interest, &mut call) {
            Err(error) if error.kind() == ErrorKind::WouldBlock => {}
            result => return Poll::Ready(result),
        }
    }
}

/// Calls once, whether or not the runtime has heard that the socket is ready, and tells it when the
/// socket is not, so that who waits next does wait.
fn attempt<T>(
    socket: &UnixStream,
    interest: Interest,
    mut call: impl FnMut() -> io::Result<T>,
) -> io::Result<T> {
    let mut result = None;
    // What it gives says less: it calls only where it believes in the call, and it drops the number
    // of the error.
    let _ = socket.try_io(interest, || match result.insert(call()) {
        Err(error) if error.kind() == ErrorKind::WouldBlock => Err(ErrorKind::WouldBlock.into()),
        _ => Ok(()),
    });
    result.unwrap_or_else(call)
}
