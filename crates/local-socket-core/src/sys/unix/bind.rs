//! Taking a name: from options to a socket that listens.

use super::{
    address::{self, Address},
    descriptors,
    guarded::Guarded,
    listen::{listen, listen_at},
    mode, overwrite, parents,
    place::Place,
    reclaim::Reclaim,
    shared_folder, socket,
};
use crate::{
    error::{AddressError, NameError, Operation},
    name::Name,
    options::ListenerOptions,
};
use rustix::io::Errno;
use std::{
    io,
    os::{
        fd::{AsFd, BorrowedFd},
        unix::net::UnixListener,
    },
    path::{Path, absolute},
};

/// A socket that listens, and the file that it made.
pub(super) struct Bound {
    // First, because it must be dropped before the socket is closed.
    pub(super) reclaim: Option<Reclaim>,
    pub(super) socket: Guarded<UnixListener>,
}

/// Takes the name and listens, all by the options; what of it doesn't block is their accepting. If
/// that fails, no file of ours is left.
pub(super) fn bind(options: &ListenerOptions<'_>) -> io::Result<Bound> {
    let name = options.name.as_ref().ok_or(NameError::Missing)?;
    take(name, options).map_err(|cause| {
        let own = cause.kind() == io::ErrorKind::TimedOut && cause.raw_os_error().is_none();
        let limit = own.then(|| overwrite::patience(options));
        AddressError::wrap(Operation::Listen, name, limit, cause)
    })
}

fn take(name: &Name<'_>, options: &ListenerOptions<'_>) -> io::Result<Bound> {
    let address = address::of(Some(name))?;
    let path = name.as_path();
    if let Some(path) = path {
        parents::prepare(path, name.is_special(), options)?;
    }
    if let Some(path) = path.filter(|_| name.is_special()) {
        shared_folder::prepare_to_listen(path)?;
    }
    let fd = socket::new(options.nonblocking.accept_nonblocking())?;
    let suspect = !options.receive_descriptors && !descriptors::refuse(fd.as_fd())?;
    let socket = Guarded::new(UnixListener::from(fd), suspect).holding_a_name();
    let mut reclaim = match path {
        Some(path) => at_path(socket.as_fd(), &address, path, options)?,
        None => {
            let mode = options.mode.map(mode::from_bits);
            mode::bind(socket.as_fd(), &address, None, mode)?;
            listen(socket.as_fd(), options)?;
            None
        }
    };
    if !options.reclaim_name {
        if let Some(reclaim) = reclaim.take() {
            reclaim.forget();
        }
    }
    Ok(Bound { reclaim, socket })
}

/// Makes the file and listens there. The file is given back, unless nobody can say where it is.
fn at_path(
    socket: BorrowedFd<'_>,
    address: &Address<'_>,
    path: &Path,
    options: &ListenerOptions<'_>,
) -> io::Result<Option<Reclaim>> {
    let place = Place::of(path);
    let before = absolute(path)?;
    let mode = options.mode.map(mode::from_bits);
    let reclaim = match mode::bind(socket, address, Some(place), mode) {
        Err(Errno::ADDRINUSE) if options.try_overwrite => {
            overwrite::replace(socket, path, &before, options)?
        }
        result => {
            result?;
            listen_at(socket, place, before.clone(), options)?
        }
    };
    // Another thread changed the folder that the path is relative to, before it was bound or after:
    // then a file that isn't ours may have been remembered.
    if absolute(path)? != before {
        reclaim.forget();
        return Ok(None);
    }
    Ok(Some(reclaim))
}
