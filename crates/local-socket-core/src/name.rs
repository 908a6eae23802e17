//! Names: what a listener is found by.

mod convert;
mod text;
mod types;

pub use convert::{ToFsName, ToNsName};
pub(crate) use text::begins_with_a_mark;
pub use types::{GenericFilePath, GenericNamespaced, NameType, NamespacedNameType, PathNameType};

use std::{borrow::Cow, ffi::OsStr, path::Path};

/// The name of a local socket: a path, or an id in a namespace of its own.
///
/// Made by [`ToFsName::to_fs_name`] and [`ToNsName::to_ns_name`], which check it, so a `Name` that
/// exists is one that the system takes. It prints as the system sees it: the path, or `@id` for
/// the abstract namespace of Linux, as in `/proc/net/unix`. What prints reads back:
///
/// ```
/// use local_socket::{GenericFilePath, Name, ToFsName};
///
/// let name = "/run/my-app.sock".to_fs_name::<GenericFilePath>()?;
/// assert_eq!(name.to_string(), "/run/my-app.sock");
/// assert_eq!("/run/my-app.sock".parse::<Name>(), Ok(name));
/// # Ok::<(), std::io::Error>(())
/// ```
#[derive(Clone, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct Name<'s>(Inner<'s>);

#[derive(Clone, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
enum Inner<'s> {
    Path(Cow<'s, OsStr>),
    Namespaced(Cow<'s, OsStr>),
    /// The whole path of a file in the folder that everybody shares, written as an id.
    Special(Cow<'s, OsStr>),
}

impl<'s> Name<'s> {
    /// A path that the system's rules have been checked for.
    pub(crate) const fn checked_path(path: Cow<'s, OsStr>) -> Self {
        Self(Inner::Path(path))
    }

    /// An id that the system's rules have been checked for.
    #[cfg_attr(not(any(target_os = "linux", target_os = "android")), expect(dead_code))]
    pub(crate) const fn checked_namespaced(id: Cow<'s, OsStr>) -> Self {
        Self(Inner::Namespaced(id))
    }

    /// The path of a file in the folder that everybody shares, made of an id that the system's rules
    /// have been checked for. Whoever listens or connects there must look at the files first.
    pub(crate) const fn checked_special(path: Cow<'s, OsStr>) -> Self {
        Self(Inner::Special(path))
    }

    /// Whether the name is a file in the folder that everybody shares, written as an id.
    pub(crate) fn is_special(&self) -> bool {
        matches!(self.0, Inner::Special(_))
    }

    /// Whether the name lives in a namespace that isn't the file system: the abstract one of
    /// Linux. Namespaced names are files on other Unix systems, and `false` there.
    #[must_use]
    pub fn is_namespaced(&self) -> bool {
        matches!(self.0, Inner::Namespaced(_))
    }

    /// Whether the name was written as a path in the file system. `false` for a namespaced name that
    /// is a file on the system at hand, whose path [`as_path`](Self::as_path) gives all the same.
    #[must_use]
    pub const fn is_path(&self) -> bool {
        matches!(self.0, Inner::Path(_))
    }

    /// The path of the socket file, if there is one; relative if it was written so.
    #[must_use]
    pub fn as_path(&self) -> Option<&Path> {
        match &self.0 {
            Inner::Path(path) | Inner::Special(path) => Some(Path::new(path)),
            Inner::Namespaced(_) => None,
        }
    }

    /// The id without any prefix, if the name lives in a namespace of its own.
    #[must_use]
    pub fn as_namespaced(&self) -> Option<&OsStr> {
        match &self.0 {
            Inner::Path(_) | Inner::Special(_) => None,
            Inner::Namespaced(id) => Some(id),
        }
    }

    /// The same name, borrowed from this one; copies nothing.
    #[must_use]
    pub fn borrow(&self) -> Name<'_> {
        Name(match &self.0 {
            Inner::Path(path) => Inner::Path(Cow::Borrowed(path)),
            Inner::Namespaced(id) => Inner::Namespaced(Cow::Borrowed(id)),
            Inner::Special(path) => Inner::Special(Cow::Borrowed(path)),
        })
    }

    /// The same name, borrowing from nobody; copies only what was borrowed.
    #[must_use]
    pub fn into_owned(self) -> Name<'static> {
        Name(match self.0 {
            Inner::Path(path) => Inner::Path(Cow::Owned(path.into_owned())),
            Inner::Namespaced(id) => Inner::Namespaced(Cow::Owned(id.into_owned())),
            Inner::Special(path) => Inner::Special(Cow::Owned(path.into_owned())),
        })
    }
}
