//! Connecting, with and without a time limit.
//!
//! Connecting to a Unix socket is done at once, or waits only for room in the listener's backlog.
//! Linux says EAGAIN, not EINPROGRESS, to a nonblocking socket then, forgets the attempt, and has
//! no event for when to try again (connect(2)). So a time limit is a blocking connect under
//! SO_SNDTIMEO, which wakes the moment there is room. Its drawback is that it holds a thread.

use super::{
    address::{self, Address},
    admission, descriptors,
    guarded::Guarded,
    shared_folder, socket,
};
use crate::{
    error::{AddressError, NameError, Operation},
    name::Name,
    options::{ConnectOptions, ConnectWaitMode},
};
use rustix::{
    io::Errno,
    net::sockopt::{Timeout, set_socket_timeout},
};
use std::{
    io,
    os::{
        fd::{AsFd, BorrowedFd},
        unix::net::UnixStream,
    },
    time::{Duration, Instant},
};

/// The longest limit that all systems take as SO_SNDTIMEO: some count seconds in 32 bits.
const LONGEST: Duration = Duration::from_secs(i32::MAX as u64);

/// The shortest limit that isn't taken for none.
const SHORTEST: Duration = Duration::from_micros(1);

/// Connects as the options say.
pub(super) fn connect(options: &ConnectOptions<'_>) -> io::Result<Guarded<UnixStream>> {
    let name = options.name.as_ref().ok_or(NameError::Missing)?;
    open(name, options).map_err(|cause| failed(name, options, cause))
}

/// The error that says whom, and how long it was waited for if in vain.
pub(super) fn failed(name: &Name<'_>, options: &ConnectOptions<'_>, cause: io::Error) -> io::Error {
    let limit = match options.wait_mode {
        ConnectWaitMode::Timeout(limit) => Some(limit),
        _ => None,
    };
    AddressError::wrap(Operation::Connect, name, limit, cause)
}

fn open(name: &Name<'_>, options: &ConnectOptions<'_>) -> io::Result<Guarded<UnixStream>> {
    let address = address::of(name)?;
    let special = name.as_path().filter(|_| name.is_special());
    let seen = special.map(shared_folder::look).transpose()?;
    let limit = match options.wait_mode {
        ConnectWaitMode::Unbounded => None,
        ConnectWaitMode::Timeout(limit) => Some(limit),
        ConnectWaitMode::Deferred => Some(Duration::ZERO),
    };
    let at_once = limit == Some(Duration::ZERO);
    let fd = socket::new(at_once)?;
    let suspect = !options.receive_descriptors && !descriptors::refuse(fd.as_fd())?;
    match limit {
        Some(limit) if !at_once => within(fd.as_fd(), &address, limit)?,
        _ => attempt(fd.as_fd(), &address).map_err(|error| explain(error, options.wait_mode))?,
    }
    let fd = match seen {
        Some(seen) => seen.confirm(fd)?,
        None => fd,
    };
    let stream = UnixStream::from(admission::check_server(fd, options.server.as_ref())?);
    if at_once != options.nonblocking_stream {
        stream.set_nonblocking(options.nonblocking_stream)?;
    }
    Ok(Guarded::new(stream, suspect))
}

fn explain(error: Errno, mode: ConnectWaitMode) -> io::Error {
    match mode {
        ConnectWaitMode::Timeout(_) if error == Errno::AGAIN => Errno::TIMEDOUT.into(),
        _ => error.into(),
    }
}

/// As the socket's mode says. A signal interrupts the wait and leaves nothing behind, so that the
/// attempt is simply repeated.
pub(super) fn attempt(socket: BorrowedFd<'_>, address: &Address<'_>) -> Result<(), Errno> {
    rustix::io::retry_on_intr(|| address.connect(socket))
}

fn within(socket: BorrowedFd<'_>, address: &Address<'_>, limit: Duration) -> io::Result<()> {
    let start = Instant::now();
    loop {
        let left = limit.saturating_sub(start.elapsed()).clamp(SHORTEST, LONGEST);
        set_socket_timeout(socket, Timeout::Send, Some(left))?;
        match address.connect(socket) {
            Ok(()) => break,
            Err(Errno::INTR) if start.elapsed() < limit => {}
            Err(Errno::AGAIN | Errno::INTR) => return Err(Errno::TIMEDOUT.into()),
            Err(error) => return Err(error.into()),
        }
    }
    Ok(set_socket_timeout(socket, Timeout::Send, None)?)
}
