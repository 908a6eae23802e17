//! From a checked name to what the kernel takes.

use super::long_path;
use crate::{error::NameError, name::Name};
use rustix::{io::Errno, net::SocketAddrUnix};
use std::{
    ffi::OsStr,
    io,
    mem::{offset_of, size_of},
    os::fd::BorrowedFd,
    path::Path,
};

/// The bytes that fit into an address: all of `sun_path` but one, which a path needs for its
/// terminator and an abstract name for the NUL in front. 107 on Linux, 103 on macOS and the BSDs.
/// Linux would take a path of 108 bytes without a terminator, but then hardly anybody else could
/// connect to it; see unix(7).
pub(super) const LIMIT: usize =
    size_of::<libc::sockaddr_un>() - offset_of!(libc::sockaddr_un, sun_path) - 1;

/// How the kernel is told which socket is meant.
pub(super) enum Address<'n> {
    /// By its path or abstract id, which fit into a socket address.
    Whole(SocketAddrUnix),
    /// By way of descriptors, since its path is longer.
    Long(&'n Path),
}

/// The address of the name.
pub(super) fn of<'n>(name: &'n Name<'_>) -> io::Result<Address<'n>> {
    match (name.as_path(), name.as_namespaced()) {
        (Some(path), _) => Ok(of_path(path)?),
        (None, Some(id)) => of_abstract(id),
        (None, None) => Err(NameError::Missing.into()),
    }
}

/// The address of a path.
pub(super) fn of_path(path: &Path) -> Result<Address<'_>, Errno> {
    if path.as_os_str().len() > LIMIT {
        return Ok(Address::Long(path));
    }
    SocketAddrUnix::new(path).map(Address::Whole)
}

impl Address<'_> {
    /// Connects to whom it leads to now.
    pub(super) fn connect(&self, socket: BorrowedFd<'_>) -> Result<(), Errno> {
        match self {
            Self::Whole(address) => rustix::net::connect(socket, address),
            Self::Long(path) => long_path::connect(socket, path),
        }
    }
}

#[cfg(any(target_os = "linux", target_os = "android"))]
fn of_abstract(id: &OsStr) -> io::Result<Address<'static>> {
    use std::os::unix::ffi::OsStrExt;
    Ok(Address::Whole(SocketAddrUnix::new_abstract_name(id.as_bytes())?))
}

#[cfg(not(any(target_os = "linux", target_os = "android")))]
fn of_abstract(_id: &OsStr) -> io::Result<Address<'static>> {
    Err(io::ErrorKind::Unsupported.into())
}
