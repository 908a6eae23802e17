//! Names: what a listener is found by.

mod convert;
mod text;
mod types;

pub use convert::{ToFsName, ToNsName};
#[cfg(unix)]
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
/// # #[cfg(unix)] {
/// let name = "/run/my-app.sock".to_fs_name::<GenericFilePath>()?;
/// assert_eq!(name.to_string(), "/run/my-app.sock");
/// assert_eq!("/run/my-app.sock".parse::<Name>(), Ok(name));
/// # }
/// # #[cfg(windows)] {
/// # let name = r"\\.\pipe\my-app".to_fs_name::<GenericFilePath>()?;
/// # assert_eq!(r"\\.\pipe\my-app".parse::<Name>(), Ok(name));
/// # }
/// # Ok::<(), std::io::Error>(())
/// ```
///
/// Two names are equal if they are written alike. Several spellings may lead to the same socket all
/// the same: paths through a symlink on Unix; on Windows, names that differ in upper and lower case
/// only, which it compares by a table of its own.
#[derive(Clone, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct Name<'s> {
    kind: Kind,
    text: Cow<'s, OsStr>,
}

/// What the text of a name is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
enum Kind {
    /// A path in the file system.
    #[cfg(unix)]
    Path,
    /// An id in the abstract namespace.
    #[cfg(any(target_os = "linux", target_os = "android"))]
    Namespaced,
    /// The whole path of a file in the folder that everybody shares, written as an id.
    #[cfg(unix)]
    Special,
    /// The whole path of a pipe, however it was written.
    #[cfg(windows)]
    Pipe,
}

impl<'s> Name<'s> {
    /// A path that the system's rules have been checked for.
    #[cfg(unix)]
    pub(crate) const fn checked_path(path: Cow<'s, OsStr>) -> Self {
        Self { kind: Kind::Path, text: path }
    }

    /// An id that the system's rules have been checked for.
    #[cfg(any(target_os = "linux", target_os = "android"))]
    pub(crate) const fn checked_namespaced(id: Cow<'s, OsStr>) -> Self {
        Self { kind: Kind::Namespaced, text: id }
    }

    /// The path of a file in the folder that everybody shares, made of an id that the system's rules
    /// have been checked for. Whoever listens or connects there must look at the files first.
    #[cfg(unix)]
    pub(crate) const fn checked_special(path: Cow<'s, OsStr>) -> Self {
        Self { kind: Kind::Special, text: path }
    }

    /// The path of a pipe that the system's rules have been checked for.
    #[cfg(windows)]
    pub(crate) const fn checked_pipe(path: Cow<'s, OsStr>) -> Self {
        Self { kind: Kind::Pipe, text: path }
    }

    /// Whether the name is a file in the folder that everybody shares, written as an id.
    #[cfg(unix)]
    pub(crate) fn is_special(&self) -> bool {
        matches!(self.kind, Kind::Special)
    }

    /// Whether the name lives in a namespace that isn't the file system: the abstract one of
    /// Linux, or that of pipes on Windows, so always there. Namespaced names are files on other Unix
    /// systems, and `false` there.
    #[must_use]
    pub fn is_namespaced(&self) -> bool {
        match self.kind {
            #[cfg(any(target_os = "linux", target_os = "android"))]
            Kind::Namespaced => true,
            #[cfg(unix)]
            Kind::Path | Kind::Special => false,
            #[cfg(windows)]
            Kind::Pipe => true,
        }
    }

    /// Whether the name was written as a path in the file system. `false` for a namespaced name that
    /// is a file on the system at hand, whose path [`as_path`](Self::as_path) gives all the same.
    /// Always `true` on Windows, where every pipe has a path.
    #[must_use]
    pub const fn is_path(&self) -> bool {
        match self.kind {
            #[cfg(any(target_os = "linux", target_os = "android"))]
            Kind::Namespaced => false,
            #[cfg(unix)]
            Kind::Special => false,
            #[cfg(unix)]
            Kind::Path => true,
            #[cfg(windows)]
            Kind::Pipe => true,
        }
    }

    /// The path of the socket file, if there is one; relative if it was written so. The whole path of
    /// the pipe on Windows, `\\.\pipe\` included.
    #[must_use]
    pub fn as_path(&self) -> Option<&Path> {
        match self.kind {
            #[cfg(any(target_os = "linux", target_os = "android"))]
            Kind::Namespaced => None,
            #[cfg(unix)]
            Kind::Path | Kind::Special => Some(Path::new(&self.text)),
            #[cfg(windows)]
            Kind::Pipe => Some(Path::new(&self.text)),
        }
    }

    /// The id without any prefix, if the name lives in a namespace of its own. On Windows, what
    /// follows `\\.\pipe\`, however the name was written.
    #[must_use]
    pub fn as_namespaced(&self) -> Option<&OsStr> {
        match self.kind {
            #[cfg(any(target_os = "linux", target_os = "android"))]
            Kind::Namespaced => Some(&self.text),
            #[cfg(unix)]
            Kind::Path | Kind::Special => None,
            #[cfg(windows)]
            Kind::Pipe => crate::sys::windows::pipe_name(&self.text),
        }
    }

    /// The same name, borrowed from this one; copies nothing.
    #[must_use]
    pub fn borrow(&self) -> Name<'_> {
        Name { kind: self.kind, text: Cow::Borrowed(&self.text) }
    }

    /// The same name, borrowing from nobody; copies only what was borrowed.
    #[must_use]
    pub fn into_owned(self) -> Name<'static> {
        Name { kind: self.kind, text: Cow::Owned(self.text.into_owned()) }
    }
}
