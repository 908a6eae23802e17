//! From a socket to the name that it has.

use crate::name::{GenericFilePath, Name, ToFsName};
use rustix::net::{SocketAddrUnix, getsockname};
use std::{
    ffi::OsString,
    os::{fd::BorrowedFd, unix::ffi::OsStringExt},
};

/// The name that a Unix domain socket has, if it has one that can be written as such: whoever bound
/// it may have taken what no other program could be told, such as an abstract name with NULs.
pub(super) fn of(socket: BorrowedFd<'_>) -> Option<Name<'static>> {
    let address = SocketAddrUnix::try_from(getsockname(socket).ok()?).ok()?;
    match (address.path_bytes(), abstract_id(&address)) {
        (Some(path), _) => OsString::from_vec(path.into()).to_fs_name::<GenericFilePath>().ok(),
        (None, Some(id)) => Name::from_os_string(OsString::from_vec([b"@", id].concat())).ok(),
        (None, None) => None,
    }
}

/// Whether the socket was never bound.
pub(super) fn is_missing(socket: BorrowedFd<'_>) -> bool {
    let address = getsockname(socket).and_then(SocketAddrUnix::try_from);
    address.is_ok_and(|address| {
        // An unnamed one reads as the abstract name without an id.
        [address.path_bytes(), abstract_id(&address)]
            .into_iter()
            .all(|bytes| bytes.is_none_or(<[u8]>::is_empty))
    })
}

#[cfg(any(target_os = "linux", target_os = "android"))]
fn abstract_id(address: &SocketAddrUnix) -> Option<&[u8]> {
    address.abstract_name()
}

#[cfg(not(any(target_os = "linux", target_os = "android")))]
fn abstract_id(_address: &SocketAddrUnix) -> Option<&[u8]> {
    None
}
