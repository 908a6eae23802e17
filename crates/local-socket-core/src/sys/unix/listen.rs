//! From bound to listening.

use super::{mode, place::Place, reclaim::Reclaim};
use crate::options::ListenerOptions;
use std::{io, os::fd::BorrowedFd, path::PathBuf};

/// Has the bound socket listen.
pub(super) fn listen(socket: BorrowedFd<'_>, options: &ListenerOptions<'_>) -> io::Result<()> {
    Ok(rustix::net::listen(socket, i32::try_from(options.backlog).unwrap_or(i32::MAX))?)
}

/// Has the socket listen whose file is at `place`, which is `absolute`, with the mode of the
/// options. If that fails, the file is removed.
pub(super) fn listen_at(
    socket: BorrowedFd<'_>,
    place: Place<'_>,
    absolute: PathBuf,
    options: &ListenerOptions<'_>,
) -> io::Result<Reclaim> {
    let reclaim = Reclaim::remember(absolute, place)?;
    if let Some(bits) = options.mode {
        mode::complete(place, mode::from_bits(bits))?;
    }
    listen(socket, options)?;
    Ok(reclaim)
}
