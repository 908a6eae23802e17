//! From a descriptor that somebody else opened to a socket that listens.

use super::{bind::Bound, descriptors, guarded::Guarded, listen::listen, own_name};
use crate::{
    error::{CannotListen, ConversionError, DescriptorError, FromFdError},
    name::Name,
    options::{ListenerOptions, StaleName},
};
use rustix::{
    io::{Errno, FdFlags, fcntl_getfd, fcntl_setfd, ioctl_fionbio},
    net::{AddressFamily, SocketType, getpeername, getsockname, sockopt::socket_type},
};
use std::{
    io,
    os::{
        fd::{AsFd, BorrowedFd, OwnedFd},
        unix::net::UnixListener,
    },
};

/// Has the descriptor listen, all by the options; what of it doesn't block is their accepting.
/// Gives what listens and the name that it has, if that can be written as one.
pub(super) fn adopt(
    fd: OwnedFd,
    options: &ListenerOptions<'_>,
) -> Result<(Bound, Option<Name<'static>>), FromFdError<CannotListen>> {
    if let Err(cause) = prepare(fd.as_fd(), options) {
        return Err(ConversionError::from_source_and_cause(fd, cause));
    }
    let name = own_name::of(fd.as_fd());
    // A client that connected before descriptors were refused, such as the one for which the
    // program was started, may have sent some: they are in the queue, and closed with the socket.
    let suspect = !options.receive_descriptors;
    let socket = Guarded::new(UnixListener::from(fd), suspect).holding_a_name();
    Ok((Bound { reclaim: None, socket }, name))
}

fn prepare(fd: BorrowedFd<'_>, options: &ListenerOptions<'_>) -> io::Result<()> {
    if let Some(option) = name_option(options) {
        return Err(DescriptorError::NameOption { option }.into());
    }
    options.admission.check()?;
    check(fd)?;
    if !options.receive_descriptors {
        descriptors::refuse(fd)?;
    }
    // Also where it listens already: clients see who called listen(2) last.
    listen(fd, options)?;
    fcntl_setfd(fd, fcntl_getfd(fd)? | FdFlags::CLOEXEC)?;
    Ok(ioctl_fionbio(fd, options.nonblocking.accept_nonblocking())?)
}

/// An option that says how to make a name, or what becomes of it.
fn name_option(options: &ListenerOptions<'_>) -> Option<&'static str> {
    [
        ("name", options.name.is_some()),
        ("reclaim_name", !options.reclaim_name),
        ("try_overwrite", options.try_overwrite),
        ("max_spin_time", options.max_spin_time.is_some()),
        ("mode", options.mode.is_some()),
        ("stale", options.stale != StaleName::default()),
        ("create_folders", options.create_folders),
        ("check_folders", options.check_folders),
    ]
    .into_iter()
    .find_map(|(option, is_set)| is_set.then_some(option))
}

/// Whether it listens, or could.
pub(crate) fn check(fd: BorrowedFd<'_>) -> io::Result<()> {
    let address = match getsockname(fd) {
        Err(Errno::NOTSOCK) => return Err(DescriptorError::NotASocket.into()),
        address => address?,
    };
    if address.address_family() != AddressFamily::UNIX {
        return Err(DescriptorError::NotLocal.into());
    }
    if socket_type(fd)? != SocketType::STREAM {
        return Err(DescriptorError::NotAStream.into());
    }
    if imp::listens(fd)? {
        return Ok(());
    }
    if getpeername(fd).is_ok() {
        return Err(DescriptorError::Connected.into());
    }
    if own_name::is_missing(fd) {
        return Err(DescriptorError::Unnamed.into());
    }
    Ok(())
}

/// Whether it listens already, as far as the system tells.
pub(crate) fn is_listener(fd: BorrowedFd<'_>) -> bool {
    check(fd).is_ok() && imp::listens(fd).is_ok_and(|listens| listens || imp::CANT_TELL)
}

#[cfg(not(target_vendor = "apple"))]
mod imp {
    use super::*;

    pub(super) const CANT_TELL: bool = false;

    pub(super) fn listens(fd: BorrowedFd<'_>) -> io::Result<bool> {
        Ok(rustix::net::sockopt::socket_acceptconn(fd)?)
    }
}

/// SO_ACCEPTCONN is declared there, and not implemented.
#[cfg(target_vendor = "apple")]
mod imp {
    use super::*;

    pub(super) const CANT_TELL: bool = true;

    pub(super) fn listens(_fd: BorrowedFd<'_>) -> io::Result<bool> {
        Ok(false)
    }
}
