//! The kinds of name, as types without values that choose a rule.

use super::Name;
use crate::sealed::Sealed;
use std::{borrow::Cow, fmt::Debug, io};

/// A kind of name. Its types have no values and only choose how a string becomes a [`Name`].
pub trait NameType: Copy + Debug + Eq + Send + Sync + Unpin + Sealed {
    /// Whether this kind of name works on the system at hand.
    fn is_supported() -> bool;
}

/// A kind of name that is made from a path of type `S`.
pub trait PathNameType<S: ToOwned + ?Sized>: NameType {
    /// Checks the path and makes a name of it. What was borrowed stays borrowed.
    ///
    /// # Errors
    /// [`InvalidInput`](io::ErrorKind::InvalidInput) around a
    /// [`NameError`](crate::error::NameError), or [`Unsupported`](io::ErrorKind::Unsupported) around
    /// one where it isn't a path that this system has sockets at.
    fn map(path: Cow<'_, S>) -> io::Result<Name<'_>>;
}

/// A kind of name that is made from an id of type `S`.
pub trait NamespacedNameType<S: ToOwned + ?Sized>: NameType {
    /// Checks the id and makes a name of it. What was borrowed stays borrowed where the system
    /// takes the id as it is.
    ///
    /// # Errors
    /// [`InvalidInput`](io::ErrorKind::InvalidInput) around a
    /// [`NameError`](crate::error::NameError).
    fn map(name: Cow<'_, S>) -> io::Result<Name<'_>>;
}

/// A path, as every system understands it: on Unix a socket file at exactly that path, on Windows
/// the path of a pipe of this machine, `\\.\pipe\` and a name.
///
/// # Unix
/// At most 4,095 bytes on Linux and Android, 103 on macOS and the BSDs; no NUL. A relative path is
/// resolved against the current folder when the socket is bound or connected.
///
/// Linux puts 107 bytes into a socket address (unix(7)). A path that is longer works all the same if
/// what follows its last slash has at most 107: the socket is bound by that part alone, from within
/// its folder, and connected to through a descriptor of the file. Hence:
/// - Other programs can't connect by the path. They can by a symlink with a shorter path, or by the
///   last part from within the folder.
/// - getsockname(2), ss(8) and a client's getpeername(2) show the last part alone.
/// - Listening takes a short-lived thread, some tens of microseconds. Where a sandbox forbids
///   unshare(2), that address is `/proc/self/fd/`, a number, `/` and the last part; if this has more
///   than 107 bytes, or there is no `/proc`, listening fails with `ENAMETOOLONG`.
/// - Connecting needs `/proc`, and fails with `ENAMETOOLONG` without.
///
/// # Windows
/// At most 256 characters (UTF-16 units), `\\.\pipe\` included; no NUL. In front, upper and lower case,
/// slashes and backslashes, `\\.\` and `\\?\` are the same, and the name prints as `\\.\pipe\…`. After
/// it, there may be backslashes (`\\.\pipe\LOCAL\my-app`); slashes become backslashes, as Windows does.
/// - A path that isn't a pipe's, such as `C:\my.sock` or a relative one, and the pipe of another
///   machine, `\\HOST\pipe\…`, are [`Unsupported`](io::ErrorKind::Unsupported).
/// - No part may be empty, `.` or `..`, or end in a dot or a space: Windows would leave these out,
///   and the pipe would have another name than its listener gave it.
/// - Windows doesn't tell upper case from lower in names of pipes.
#[derive(Copy, Clone, Debug, PartialEq, Eq)]
pub enum GenericFilePath {}

/// An id in whatever the system has for names that aren't files.
///
/// | system | where it lives |
/// |---|---|
/// | Linux, Android | the abstract namespace: at most 107 bytes, exact, no file, gone with its listener |
/// | other Unix | the file `/tmp/` + id: at most 98 bytes, no slash, not `.` or `..` |
/// | Windows | the pipe `\\.\pipe\` + id: at most 247 characters (UTF-16 units), no slash or backslash, no dot or space at the end; case doesn't matter |
///
/// Anybody can take such a name first. In the abstract namespace no permissions guard it either: any
/// user can connect. A file in `/tmp` has permissions, and since anybody can make files there, it is
/// looked at before and after connecting: no symlink, no second link, and the process that answers
/// is of the user whom the file belongs to (or root's, where the file is this user's own);
/// [`PermissionDenied`](io::ErrorKind::PermissionDenied) otherwise. A pipe has a security descriptor
/// that says who may connect ([`allow`](crate::ListenerOptions::allow)); who serves,
/// [`server`](crate::ConnectOptions::server) checks.
#[derive(Copy, Clone, Debug, PartialEq, Eq)]
pub enum GenericNamespaced {}

impl Sealed for GenericFilePath {}
impl Sealed for GenericNamespaced {}
