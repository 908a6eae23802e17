//! What can be wrong with a name.

use std::{error::Error, ffi::OsStr, fmt, io};

/// How many characters of a name a text shows: a few more than any system takes. The name in the
/// error is whole.
const SHOWN: usize = 120;

/// What is wrong with a name, and what to write instead.
///
/// It arrives inside an [`io::Error`] of kind [`InvalidInput`](io::ErrorKind::InvalidInput), or
/// [`Unsupported`](io::ErrorKind::Unsupported) for [`NotAPipe`](Self::NotAPipe) and
/// [`Remote`](Self::Remote). Lengths and positions are in bytes, on Windows in UTF-16 units:
///
/// ```
/// use local_socket::{GenericFilePath, ToFsName, error::NameError};
///
/// let error = "".to_fs_name::<GenericFilePath>().unwrap_err();
/// let cause = error.get_ref().and_then(|e| e.downcast_ref::<NameError>());
/// assert_eq!(cause, Some(&NameError::Empty));
/// ```
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum NameError {
    /// There is nothing in it. Linux would pick a random address, which nobody could find.
    Empty,
    /// There is a NUL in it, where the system would stop reading.
    InteriorNul {
        /// The path or id.
        name: Box<OsStr>,
        /// Where the first one is, from the start.
        position: usize,
    },
    /// It is longer than the system takes.
    TooLong {
        /// The path or id.
        name: Box<OsStr>,
        /// How long it is.
        length: usize,
        /// How long it may be on this system.
        limit: usize,
    },
    /// The last part of a path doesn't fit into a socket address. Linux can take a path that is
    /// longer than an address only by its last part, from within its folder.
    LastPartTooLong {
        /// The path.
        name: Box<OsStr>,
        /// How long what follows the last slash is.
        length: usize,
        /// How long it may be on this system.
        limit: usize,
    },
    /// A namespaced name has a slash in it on a system where such names are files in one folder, or a
    /// slash or backslash on Windows, where they separate the parts of a path.
    Slash {
        /// The id.
        name: Box<OsStr>,
        /// Where the first one is, from the start.
        position: usize,
    },
    /// A part between slashes is empty, `.` or `..`, in a name that is a file in a shared folder, or
    /// in that of a pipe.
    Component {
        /// The path or id.
        name: Box<OsStr>,
        /// Where the part begins, from the start.
        position: usize,
    },
    /// A part of the name of a pipe ends in a dot or a space, which Windows leaves out.
    EndCutOff {
        /// The path or id.
        name: Box<OsStr>,
        /// Where the part begins, from the start.
        position: usize,
    },
    /// The path isn't that of a pipe, on Windows, where local sockets are pipes.
    NotAPipe {
        /// The path.
        name: Box<OsStr>,
    },
    /// The path is that of a pipe of another machine (`\\HOST\pipe\…`), on Windows, where it would
    /// be reached over the network.
    Remote {
        /// The path.
        name: Box<OsStr>,
    },
    /// Text that means the abstract namespace, `@id`, was read on a system that has none.
    NoAbstractNamespace {
        /// The id, without the `@`.
        name: Box<OsStr>,
    },
    /// No name was given to the options of a listener or a connection.
    Missing,
}

/// What lengths are counted in.
const UNITS: &str = if cfg!(windows) { "characters" } else { "bytes" };

/// What is the matter with a slash in a namespaced name.
const SLASHES: &str = if cfg!(windows) {
    "slashes and backslashes separate the parts of a path here; write it without, or the path of a \
     pipe, which begins with \\\\.\\pipe\\"
} else {
    "such names are files in one folder here; write it without, or use a path"
};

/// What to write instead of a name in the abstract namespace.
const INSTEAD_OF_ABSTRACT: &str = if cfg!(windows) {
    "write the path of a pipe, which begins with \\\\.\\pipe\\"
} else {
    "write a path, with ./ in front if it is to begin with @"
};

/// A name in quotes and escaped, since there may be anything in it, and not at any length.
struct Shown<'a>(&'a OsStr);

impl fmt::Display for Shown<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let text = self.0.to_string_lossy();
        let shown = match text.char_indices().nth(SHOWN) {
            None => format!("{:?}", self.0),
            Some((end, _)) => format!("{:?}…", &text[..end]),
        };
        // Every path has backslashes there, and is read better as it is written.
        f.write_str(&if cfg!(windows) { shown.replace(r"\\", r"\") } else { shown })
    }
}

impl fmt::Display for NameError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Empty => f.write_str("the name is empty; write at least one character"),
            Self::InteriorNul { name, position } => {
                write!(f, "the name {} has a NUL at position {position}; leave it out", Shown(name))
            }
            Self::TooLong { name, length, limit } => write!(
                f,
                "the name {} is {length} {UNITS} long and may be {limit} at most here; write a \
                 shorter one",
                Shown(name)
            ),
            Self::LastPartTooLong { name, length, limit } => write!(
                f,
                "the last part of the path {} is {length} bytes long and may be {limit} at most \
                 here; write a shorter one",
                Shown(name)
            ),
            Self::Slash { name, position } => write!(
                f,
                "the name {} has a slash at position {position}, and {SLASHES}",
                Shown(name)
            ),
            Self::Component { name, position } => write!(
                f,
                "the part at position {position} of the name {} is empty, . or ..; write a word \
                 there",
                Shown(name)
            ),
            Self::EndCutOff { name, position } => write!(
                f,
                "the part at position {position} of the name {} ends in a dot or a space, which \
                 Windows leaves out; write it without",
                Shown(name)
            ),
            Self::NotAPipe { name } => write!(
                f,
                "the path {} isn't that of a pipe, and local sockets are pipes on Windows; write \
                 \\\\.\\pipe\\ and a name",
                Shown(name)
            ),
            Self::Remote { name } => write!(
                f,
                "the path {} leads to a pipe of another machine, and local sockets are on this \
                 one; write \\\\.\\pipe\\ and a name",
                Shown(name)
            ),
            Self::NoAbstractNamespace { name } => write!(
                f,
                "@ stands for the abstract namespace, which this system hasn't got, in front of \
                 {}; {INSTEAD_OF_ABSTRACT}",
                Shown(name)
            ),
            Self::Missing => f.write_str("no name was given; call .name(…) on the options"),
        }
    }
}

impl Error for NameError {}

impl From<NameError> for io::Error {
    fn from(error: NameError) -> Self {
        let kind = match error {
            NameError::NotAPipe { .. } | NameError::Remote { .. } => io::ErrorKind::Unsupported,
            _ => io::ErrorKind::InvalidInput,
        };
        io::Error::new(kind, error)
    }
}
