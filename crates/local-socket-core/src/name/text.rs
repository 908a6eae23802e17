//! Names as text: what prints, reads back.
//!
//! `@` in front stands for the abstract namespace of Linux, so a path that begins with one is
//! written `./@…`, which is the same file. A path that is written so already gets one more `./`, and
//! reading takes one away. Thus no two paths print alike, and every one reads back as it was; the
//! drawback is that `./@x`, read from a file or a command line, becomes the path `@x`.
//!
//! On Windows the text of a name is the path of the pipe, and there are no marks.

use super::{Kind, Name};
use crate::error::NameError;
use std::{
    ffi::{OsStr, OsString},
    fmt,
    path::Path,
    str::FromStr,
};

/// Whether the path is `@…` with any number of `./` in front.
#[cfg(unix)]
pub(crate) fn begins_with_a_mark(mut path: &[u8]) -> bool {
    while let Some(rest) = path.strip_prefix(b"./") {
        path = rest;
    }
    path.first() == Some(&b'@')
}

impl Name<'_> {
    /// What is written in front, and the rest as the system takes it.
    fn text(&self) -> (&'static str, &OsStr) {
        let front = match self.kind {
            #[cfg(any(target_os = "linux", target_os = "android"))]
            Kind::Namespaced => "@",
            #[cfg(unix)]
            Kind::Path if begins_with_a_mark(self.text.as_encoded_bytes()) => "./",
            #[cfg(unix)]
            Kind::Path | Kind::Special => "",
            #[cfg(windows)]
            Kind::Pipe => "",
        };
        (front, &self.text)
    }

    /// What [`Display`](fmt::Display) prints, with nothing lost where it isn't UTF-8.
    /// [`from_os_string`](Name::from_os_string) reads it.
    #[must_use]
    pub fn to_os_string(&self) -> OsString {
        let (front, rest) = self.text();
        let mut text = OsString::from(front);
        text.push(rest);
        text
    }
}

impl Name<'static> {
    /// Reads what a name prints: `@id` is in the abstract namespace of Linux, everything else is a
    /// path. A path that begins with `@` is written `./@…`. On Windows it is the path of a pipe.
    ///
    /// What [`to_os_string`](Name::to_os_string) gives reads back as an equal name. Only a
    /// namespaced name that is a file in `/tmp` (on systems without an abstract namespace) reads back
    /// as the path of that file, which is used without the checks of the namespace.
    ///
    /// # Errors
    /// What is wrong with it, as for [`to_fs_name`](crate::ToFsName::to_fs_name) and
    /// [`to_ns_name`](crate::ToNsName::to_ns_name). `@id` is
    /// [`NoAbstractNamespace`](NameError::NoAbstractNamespace) where there is none: anywhere but on
    /// Linux and Android.
    pub fn from_os_string(text: OsString) -> Result<Self, NameError> {
        Self::read(text)
    }
}

/// As [`Name::from_os_string`].
impl FromStr for Name<'static> {
    type Err = NameError;

    fn from_str(text: &str) -> Result<Self, NameError> {
        Self::read(text.into())
    }
}

/// The path, or `@id` for the abstract namespace; `./` in front of a path that begins with `@`.
/// On Windows the path of the pipe.
///
/// What isn't Unicode shows as U+FFFD, where [`to_os_string`](Name::to_os_string) keeps them.
impl fmt::Display for Name<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.text() {
            ("", path) => fmt::Display::fmt(&Path::new(path).display(), f),
            (front, rest) => f.pad(&format!("{front}{}", Path::new(rest).display())),
        }
    }
}
