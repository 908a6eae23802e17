//! What Unix systems take for a name.

use super::{address, long_path};
use crate::{
    error::NameError,
    name::{
        GenericFilePath, GenericNamespaced, Name, NameType, NamespacedNameType, PathNameType,
        begins_with_a_mark,
    },
    sealed::Sealed,
};
use std::{
    borrow::Cow,
    ffi::{CStr, OsStr, OsString},
    io,
    os::unix::ffi::{OsStrExt, OsStringExt},
    path::Path,
};

/// The most bytes of a path. Linux takes a longer one than fits into an address by its last part,
/// up to what it takes for a path at all, terminator included.
#[cfg(any(target_os = "linux", target_os = "android"))]
const PATH_LIMIT: usize = libc::PATH_MAX as usize - 1;
#[cfg(not(any(target_os = "linux", target_os = "android")))]
const PATH_LIMIT: usize = address::LIMIT;

/// A socket file at exactly the path given. The same as [`GenericFilePath`] on Unix systems.
#[derive(Copy, Clone, Debug, PartialEq, Eq)]
pub enum FilesystemUdSocket {}

/// An id in the abstract namespace of Linux: no file, no permissions, gone with its listener,
/// visible within the network namespace. At most 107 bytes, taken exactly, no NUL.
#[cfg(any(target_os = "linux", target_os = "android"))]
#[derive(Copy, Clone, Debug, PartialEq, Eq)]
pub enum AbstractNsUdSocket {}

/// A file in `/tmp`, where all users meet: `/tmp/` + id, with slashes for folders in between. At
/// most five bytes less than a path ([`GenericFilePath`] says how long ones work), no NUL, and no
/// part that is empty, `.` or `..`.
///
/// Anybody can make files in `/tmp`, and so take a name first or lead it elsewhere by a link. So
/// this kind of name is looked at, at the price of a few system calls, and refused with
/// [`PermissionDenied`](io::ErrorKind::PermissionDenied) if it isn't as it should be:
/// - Listening and connecting: every folder on the way is a folder and no symlink, belongs to this
///   user or root, and is sticky if anybody may write to it. Listening makes folders that are
///   missing, for its own user alone (0700), and leaves them there.
/// - Connecting: the socket is no symlink and has no second link; whoever answers has the effective
///   user id that the file belongs to, or is root where the file is this user's own.
///
/// A stranger who was there first is such an owner too: who must know whom it talks to, asks
/// [`peer_creds`](crate::traits::StreamCommon::peer_creds). Other than in interprocess, `/run/user`
/// has no part in it, since root and a user would not meet there.
#[deprecated = "a path in a folder of your own, or GenericNamespaced, needs no such checks"]
#[derive(Copy, Clone, Debug, PartialEq, Eq)]
pub enum SpecialDirUdSocket {}

fn check(name: &OsStr, limit: usize) -> Result<(), NameError> {
    let bytes = name.as_bytes();
    if bytes.is_empty() {
        return Err(NameError::Empty);
    }
    if let Some(position) = bytes.iter().position(|&byte| byte == 0) {
        return Err(NameError::InteriorNul { name: name.into(), position });
    }
    if bytes.len() > limit {
        return Err(NameError::TooLong { name: name.into(), length: bytes.len(), limit });
    }
    Ok(())
}

/// A path that fits into an address needs no more checks. `in_front` is how many bytes will be put
/// in front of it.
fn check_path(path: &OsStr, in_front: usize) -> Result<(), NameError> {
    check(path, PATH_LIMIT - in_front)?;
    let (_, last) = long_path::split(Path::new(path));
    if path.len() + in_front > address::LIMIT && last.len() > address::LIMIT {
        let name = path.into();
        return Err(NameError::LastPartTooLong { name, length: last.len(), limit: address::LIMIT });
    }
    Ok(())
}

fn path(path: Cow<'_, OsStr>) -> Result<Name<'_>, NameError> {
    check_path(&path, 0)?;
    Ok(Name::checked_path(path))
}

#[cfg(any(target_os = "linux", target_os = "android"))]
fn namespaced(id: Cow<'_, OsStr>) -> Result<Name<'_>, NameError> {
    check(&id, address::LIMIT)?;
    Ok(Name::checked_namespaced(id))
}

/// Where names that aren't written as paths are files. Not a folder of the user's: root and a user
/// must meet.
const SHARED_FOLDER: &str = "/tmp/";

fn special(id: Cow<'_, OsStr>) -> Result<Name<'_>, NameError> {
    check_path(&id, SHARED_FOLDER.len())?;
    let mut position = 0;
    for component in id.as_bytes().split(|&byte| byte == b'/') {
        if matches!(component, b"" | b"." | b"..") {
            return Err(NameError::Component { name: (&*id).into(), position });
        }
        position += component.len() + 1;
    }
    let mut path = OsString::from(SHARED_FOLDER);
    path.push(&id);
    Ok(Name::checked_special(Cow::Owned(path)))
}

#[cfg(not(any(target_os = "linux", target_os = "android")))]
fn namespaced(id: Cow<'_, OsStr>) -> Result<Name<'_>, NameError> {
    if let Some(position) = id.as_bytes().iter().position(|&byte| byte == b'/') {
        return Err(NameError::Slash { name: (&*id).into(), position });
    }
    special(id)
}

#[cfg(any(target_os = "linux", target_os = "android"))]
fn abstract_id(id: OsString) -> Result<Name<'static>, NameError> {
    namespaced(Cow::Owned(id))
}

#[cfg(not(any(target_os = "linux", target_os = "android")))]
fn abstract_id(id: OsString) -> Result<Name<'static>, NameError> {
    Err(NameError::NoAbstractNamespace { name: id.into() })
}

impl Name<'static> {
    /// Reads `@id` and paths; takes the `./` away that printing puts before an `@`.
    pub(crate) fn read(text: OsString) -> Result<Self, NameError> {
        if !begins_with_a_mark(text.as_bytes()) {
            return path(Cow::Owned(text));
        }
        let mut bytes = text.into_vec();
        if bytes.starts_with(b"@") {
            bytes.drain(..1);
            abstract_id(OsString::from_vec(bytes))
        } else {
            bytes.drain(..2);
            path(Cow::Owned(OsString::from_vec(bytes)))
        }
    }
}

fn without_terminator(text: Cow<'_, CStr>) -> Cow<'_, OsStr> {
    match text {
        Cow::Borrowed(text) => Cow::Borrowed(OsStr::from_bytes(text.to_bytes())),
        Cow::Owned(text) => Cow::Owned(OsString::from_vec(text.into_bytes())),
    }
}

macro_rules! name_type {
    ($(#[$attribute:meta])? $type:ident: $rule:ident by $map:path) => {
        $(#[$attribute])?
        impl NameType for $type {
            fn is_supported() -> bool {
                true
            }
        }
        $(#[$attribute])?
        impl $rule<OsStr> for $type {
            fn map(text: Cow<'_, OsStr>) -> io::Result<Name<'_>> {
                Ok($map(text)?)
            }
        }
        $(#[$attribute])?
        impl $rule<CStr> for $type {
            fn map(text: Cow<'_, CStr>) -> io::Result<Name<'_>> {
                Ok($map(without_terminator(text))?)
            }
        }
    };
}

impl Sealed for FilesystemUdSocket {}
#[expect(deprecated, reason = "it has to work for those who use it")]
impl Sealed for SpecialDirUdSocket {}
#[cfg(any(target_os = "linux", target_os = "android"))]
impl Sealed for AbstractNsUdSocket {}

name_type!(GenericFilePath: PathNameType by path);
name_type!(FilesystemUdSocket: PathNameType by path);
name_type!(
    #[expect(deprecated, reason = "it has to work for those who use it")]
    SpecialDirUdSocket: NamespacedNameType by special
);
name_type!(GenericNamespaced: NamespacedNameType by namespaced);
#[cfg(any(target_os = "linux", target_os = "android"))]
name_type!(AbstractNsUdSocket: NamespacedNameType by namespaced);
