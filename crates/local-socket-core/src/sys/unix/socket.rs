//! Making, accepting and preparing sockets that no child process inherits.

use rustix::net::{AddressFamily, SocketType};
use std::{
    io,
    os::fd::{AsFd, BorrowedFd, OwnedFd},
};

/// A stream socket that is closed on exec.
pub(super) fn new(nonblocking: bool) -> io::Result<OwnedFd> {
    let socket = imp::socket(nonblocking)?;
    prepare(socket.as_fd());
    Ok(socket)
}

/// Accepts one connection, closed on exec. Clients that gave up in the queue are skipped.
pub(super) fn accept(listener: BorrowedFd<'_>, nonblocking: bool) -> io::Result<OwnedFd> {
    loop {
        match imp::accept(listener, nonblocking) {
            Err(error)
                if matches!(error.raw_os_error(), Some(libc::ECONNABORTED | libc::EINTR)) => {}
            Err(error) => return Err(error),
            Ok(socket) => {
                prepare(socket.as_fd());
                return Ok(socket);
            }
        }
    }
}

/// Keeps SIGPIPE from being raised where that is a property of the socket rather than of each
/// send. A socket that can't be told so is broken already and says it at the first use.
pub(super) fn prepare(_socket: BorrowedFd<'_>) {
    #[cfg(target_vendor = "apple")]
    let _ = rustix::net::sockopt::set_socket_nosigpipe(_socket, true);
}

/// Flags belong to the call, so that no fork can come between.
#[cfg(not(target_vendor = "apple"))]
mod imp {
    use super::*;
    use rustix::net::{SocketFlags, accept_with, socket_with};

    fn flags(nonblocking: bool) -> SocketFlags {
        let nonblock = if nonblocking { SocketFlags::NONBLOCK } else { SocketFlags::empty() };
        SocketFlags::CLOEXEC | nonblock
    }

    pub(super) fn socket(nonblocking: bool) -> io::Result<OwnedFd> {
        Ok(socket_with(AddressFamily::UNIX, SocketType::STREAM, flags(nonblocking), None)?)
    }

    pub(super) fn accept(listener: BorrowedFd<'_>, nonblocking: bool) -> io::Result<OwnedFd> {
        Ok(accept_with(listener, flags(nonblocking))?)
    }
}

/// There are no such flags: a fork and exec on another thread may inherit the socket in between.
#[cfg(target_vendor = "apple")]
mod imp {
    use super::*;
    use rustix::io::{FdFlags, fcntl_setfd, ioctl_fionbio};

    fn finish(socket: OwnedFd, nonblocking: bool) -> io::Result<OwnedFd> {
        fcntl_setfd(&socket, FdFlags::CLOEXEC)?;
        // An accepted socket has the listener's mode there, so this is said in both cases.
        ioctl_fionbio(&socket, nonblocking)?;
        Ok(socket)
    }

    pub(super) fn socket(nonblocking: bool) -> io::Result<OwnedFd> {
        finish(rustix::net::socket(AddressFamily::UNIX, SocketType::STREAM, None)?, nonblocking)
    }

    pub(super) fn accept(listener: BorrowedFd<'_>, nonblocking: bool) -> io::Result<OwnedFd> {
        finish(rustix::net::accept(listener)?, nonblocking)
    }
}
