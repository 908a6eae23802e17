//! Listeners on tokio from and to what programs have.

use super::{Keeper, Listener};
use crate::{
    sys::unix::{
        admission::Admission,
        bind::Bound,
        guarded::Guarded,
        listener::{self, Parts},
    },
    traits,
};
use ::tokio::net::UnixListener;
use std::{
    io,
    os::{
        fd::{AsFd, BorrowedFd, OwnedFd},
        unix::net::UnixListener as StdUnixListener,
    },
};

impl AsFd for Listener {
    fn as_fd(&self) -> BorrowedFd<'_> {
        self.socket.as_fd()
    }
}

/// The socket is made nonblocking. The name, if there is one, is given back by the new listener.
///
/// # Errors
/// Those of fcntl(2) and of registering with the runtime. The listener is dropped then.
///
/// # Panics
/// Outside a tokio runtime with I/O enabled. The listener is dropped then.
impl TryFrom<listener::Listener> for Listener {
    type Error = io::Error;

    fn try_from(listener: listener::Listener) -> io::Result<Self> {
        let Parts { reclaim, socket, suspect, admission, name } = listener.into_parts();
        let bound = Bound { reclaim, socket: Guarded::new(socket, suspect).holding_a_name() };
        bound.socket.set_nonblocking(true)?;
        Ok(Self { admission, name, ..Self::register(bound)? })
    }
}

/// The socket is made nonblocking. It has no name to give back, its streams receive descriptors as
/// any socket does, and everybody is let in.
///
/// # Errors
/// Those of fcntl(2) and of registering with the runtime. The descriptor is closed then.
///
/// # Panics
/// Outside a tokio runtime with I/O enabled. The descriptor is closed then.
impl TryFrom<OwnedFd> for Listener {
    type Error = io::Error;

    fn try_from(fd: OwnedFd) -> io::Result<Self> {
        let socket = StdUnixListener::from(fd);
        socket.set_nonblocking(true)?;
        let socket = UnixListener::from_std(socket)?;
        let keeper = Keeper::default();
        Ok(Self { reclaim: None, socket, keeper, admission: Admission::default(), name: None })
    }
}

/// The socket stays nonblocking, and its file where it is. Everybody is let in.
///
/// # Errors
/// Those of leaving the runtime; none is known.
impl TryFrom<Listener> for OwnedFd {
    type Error = io::Error;

    fn try_from(mut listener: Listener) -> io::Result<Self> {
        traits::tokio::Listener::do_not_reclaim_name_on_drop(&mut listener);
        Ok(listener.socket.into_std()?.into())
    }
}
