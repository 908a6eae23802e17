//! Taking a name: from options to a socket that listens.

use super::{
    address::{self, Address},
    descriptors,
    folder::{Deadline, Folder, Lock, NoLock},
    guarded::Guarded,
    listen::{listen, listen_at},
    mode, overwrite, parents,
    place::Inode,
    reclaim::Reclaim,
    shared_folder, socket,
    stale::{self, Kept},
};
use crate::{
    error::{AddressError, NameError, Operation},
    name::Name,
    options::{ListenerOptions, StaleName},
};
use rustix::io::Errno;
use std::{
    io,
    os::{
        fd::{AsFd, BorrowedFd},
        unix::net::UnixListener,
    },
    path::{Path, absolute},
    time::Duration,
};

/// How long others may keep the folder locked unless [`ListenerOptions::max_spin_time`] says
/// otherwise. They do so for less than a millisecond each.
const DEFAULT_PATIENCE: Duration = Duration::from_secs(2);

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
        let limit = own.then(|| patience(options));
        AddressError::wrap(Operation::Listen, name, limit, cause)
    })
}

fn patience(options: &ListenerOptions<'_>) -> Duration {
    options.max_spin_time.unwrap_or(DEFAULT_PATIENCE)
}

fn take(name: &Name<'_>, options: &ListenerOptions<'_>) -> io::Result<Bound> {
    let address = address::of(name)?;
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
    let before = absolute(path)?;
    let inode = make_file(socket, address, path, options)?;
    let reclaim = Reclaim::new(before.clone(), inode);
    // Another thread changed the folder that the path is relative to, before it was bound or after:
    // then a file that isn't ours may have been remembered.
    if absolute(path)? != before {
        reclaim.forget();
        return Ok(None);
    }
    Ok(Some(reclaim))
}

/// Makes the file and listens there, under the lock of its folder: only so is the file that is
/// found after binding known to be the one that was made, and a socket that is being bound isn't
/// taken for a stale one.
fn make_file(
    socket: BorrowedFd<'_>,
    address: &Address<'_>,
    path: &Path,
    options: &ListenerOptions<'_>,
) -> io::Result<Inode> {
    let deadline = Deadline::after(patience(options));
    let folder = Folder::of(path)?;
    let lock = folder.lock(deadline)?;
    let place = folder.place(folder.name_in_it());
    let bind = || mode::bind(socket, address, Some(place), options.mode.map(mode::from_bits));
    match bind() {
        Err(Errno::ADDRINUSE) => {
            let lock = lock_for_taking(&lock, options)?;
            match stale::remove(&folder, folder.name_in_it(), lock) {
                Ok(()) => bind()?,
                Err(kept) if options.try_overwrite && kept.can_be_displaced() => {
                    return overwrite::replace(socket, &folder, lock, options, deadline);
                }
                Err(kept) => return Err(kept.into()),
            }
        }
        result => result?,
    }
    let made = listen_at(socket, place, options)?;
    if let (Ok(lock), true) = (&lock, takes_over(options)) {
        overwrite::remove_left_over(&folder, lock);
    }
    Ok(made.keep())
}

/// Whether the name may be taken from a socket that is there.
fn takes_over(options: &ListenerOptions<'_>) -> bool {
    options.try_overwrite || options.stale == StaleName::Reclaim
}

/// The lock, without which a name is never taken from a socket that is there.
fn lock_for_taking<'l, 'f>(
    lock: &'l Result<Lock<'f>, NoLock>,
    options: &ListenerOptions<'_>,
) -> io::Result<&'l Lock<'f>> {
    if !takes_over(options) {
        return Err(Errno::ADDRINUSE.into());
    }
    lock.as_ref().map_err(|why| Kept::Unlocked(*why).into())
}
