//! From a checked name to the address that the kernel takes.

use crate::{error::NameError, name::Name};
use rustix::net::SocketAddrUnix;
use std::{ffi::OsStr, io};

/// The address of the name; without one an error, since an empty address would be bound to a
/// random abstract name on Linux.
pub(super) fn of(name: Option<&Name<'_>>) -> io::Result<SocketAddrUnix> {
    let name = name.ok_or(NameError::Missing)?;
    match (name.as_path(), name.as_namespaced()) {
        (Some(path), _) => Ok(SocketAddrUnix::new(path)?),
        (None, Some(id)) => of_abstract(id),
        (None, None) => Err(NameError::Missing.into()),
    }
}

#[cfg(any(target_os = "linux", target_os = "android"))]
fn of_abstract(id: &OsStr) -> io::Result<SocketAddrUnix> {
    use std::os::unix::ffi::OsStrExt;
    Ok(SocketAddrUnix::new_abstract_name(id.as_bytes())?)
}

#[cfg(not(any(target_os = "linux", target_os = "android")))]
fn of_abstract(_id: &OsStr) -> io::Result<SocketAddrUnix> {
    Err(io::ErrorKind::Unsupported.into())
}
