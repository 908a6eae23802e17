//! Names of pipes.

use crate::error::NameError;
use crate::{
    name::{GenericFilePath, GenericNamespaced, Name, NameType, NamespacedNameType, PathNameType},
    sealed::Sealed,
};
use std::{
    borrow::Cow,
    ffi::{CStr, OsStr, OsString},
    io,
};

/// A pipe by its path.
#[derive(Copy, Clone, Debug, PartialEq, Eq)]
pub enum NamedPipe {}

impl Sealed for NamedPipe {}

impl NameType for NamedPipe {
    fn is_supported() -> bool {
        true
    }
}

impl PathNameType<OsStr> for NamedPipe {
    fn map(_path: Cow<'_, OsStr>) -> io::Result<Name<'_>> {
        unimplemented!()
    }
}

impl NameType for GenericFilePath {
    fn is_supported() -> bool {
        true
    }
}

impl PathNameType<OsStr> for GenericFilePath {
    fn map(path: Cow<'_, OsStr>) -> io::Result<Name<'_>> {
        NamedPipe::map(path)
    }
}

impl PathNameType<CStr> for GenericFilePath {
    fn map(_path: Cow<'_, CStr>) -> io::Result<Name<'_>> {
        unimplemented!()
    }
}

impl NameType for GenericNamespaced {
    fn is_supported() -> bool {
        true
    }
}

impl NamespacedNameType<OsStr> for GenericNamespaced {
    fn map(_id: Cow<'_, OsStr>) -> io::Result<Name<'_>> {
        unimplemented!()
    }
}

impl NamespacedNameType<CStr> for GenericNamespaced {
    fn map(_id: Cow<'_, CStr>) -> io::Result<Name<'_>> {
        unimplemented!()
    }
}

/// What CreateNamedPipeW and CreateFileW take: the whole path with a NUL at the end.
pub(super) fn wide(_name: &Name<'_>) -> io::Result<Vec<u16>> {
    unimplemented!()
}

impl Name<'static> {
    /// Reads what printing gives.
    pub(crate) fn read(_text: OsString) -> Result<Self, NameError> {
        unimplemented!()
    }
}
