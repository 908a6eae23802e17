//! Taking a name: from options to a socket that listens.

use super::{address, descriptors, guarded::Guarded, reclaim::Reclaim, shared_folder, socket};
use crate::{name::Name, options::ListenerOptions};
use std::{
    io,
    os::{fd::AsFd, unix::net::UnixListener},
};

/// A socket that listens, and the file that it made.
pub(super) struct Bound {
    // First, because it must be dropped before the socket is closed.
    pub(super) reclaim: Option<Reclaim>,
    pub(super) socket: Guarded<UnixListener>,
}

/// Takes the name and listens, all by the options; what of it doesn't block is their accepting.
pub(super) fn bind(options: &ListenerOptions<'_>) -> io::Result<Bound> {
    let name = options.name.as_ref();
    let address = address::of(name)?;
    if options.try_overwrite || options.max_spin_time.is_some() || options.mode.is_some() {
        unimplemented!()
    }
    let path = name.and_then(Name::as_path);
    if let Some(path) = path.filter(|_| name.is_some_and(Name::is_special)) {
        shared_folder::prepare_to_listen(path)?;
    }
    let fd = socket::new(options.nonblocking.accept_nonblocking())?;
    let suspect = !options.receive_descriptors && !descriptors::refuse(fd.as_fd())?;
    let socket = Guarded::new(UnixListener::from(fd), suspect).holding_a_name();
    rustix::net::bind(&*socket, &address)?;
    // Dropped, and so the file removed, if listening fails.
    let mut reclaim = path.map(Reclaim::remember).transpose()?;
    rustix::net::listen(&*socket, i32::try_from(options.backlog).unwrap_or(i32::MAX))?;
    if !options.reclaim_name {
        if let Some(reclaim) = reclaim.take() {
            reclaim.forget();
        }
    }
    Ok(Bound { reclaim, socket })
}
