//! From bound to listening.

use super::{made::Made, mode, place::Place};
use crate::options::ListenerOptions;
use std::{io, os::fd::BorrowedFd};

/// Has the bound socket listen.
pub(super) fn listen(socket: BorrowedFd<'_>, options: &ListenerOptions<'_>) -> io::Result<()> {
    Ok(rustix::net::listen(socket, i32::try_from(options.backlog).unwrap_or(i32::MAX))?)
}

/// Has the socket listen whose file is at `place`, with the mode of the options. If that fails, the
/// file is removed.
pub(super) fn listen_at<'p>(
    socket: BorrowedFd<'_>,
    place: Place<'p>,
    options: &ListenerOptions<'_>,
) -> io::Result<Made<'p>> {
    let made = Made::at(place)?;
    if let Some(bits) = options.mode {
        mode::complete(place, mode::from_bits(bits))?;
    }
    listen(socket, options)?;
    Ok(made)
}
