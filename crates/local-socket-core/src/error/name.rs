//! What can be wrong with a name.

use std::{error::Error, fmt, io};

/// What is wrong with a name, and what to write instead.
///
/// It arrives inside an [`io::Error`] of kind [`InvalidInput`](io::ErrorKind::InvalidInput):
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
    /// There is a NUL byte in it, where the system would stop reading.
    InteriorNul {
        /// Where the first one is, in bytes from the start.
        position: usize,
    },
    /// It doesn't fit into a socket address.
    TooLong {
        /// How long it is, in bytes.
        length: usize,
        /// How long it may be on this system, in bytes.
        limit: usize,
    },
    /// A namespaced name has a slash in it on a system where such names are files in one folder.
    Slash {
        /// Where the first one is, in bytes from the start.
        position: usize,
    },
    /// A part between slashes is empty, `.` or `..`, in a name that is a file in a shared folder.
    Component {
        /// Where it begins, in bytes from the start.
        position: usize,
    },
    /// No name was given to the options of a listener or a connection.
    Missing,
}

impl fmt::Display for NameError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Empty => f.write_str("the name is empty; write at least one character"),
            Self::InteriorNul { position } => {
                write!(f, "the name has a NUL byte at position {position}; leave it out")
            }
            Self::TooLong { length, limit } => write!(
                f,
                "the name is {length} bytes long and may be {limit} at most here; write a shorter one"
            ),
            Self::Slash { position } => write!(
                f,
                "the namespaced name has a slash at position {position}, and such names are files \
                 in one folder here; write it without, or use a path"
            ),
            Self::Component { position } => write!(
                f,
                "the part of the name at position {position} is empty, . or ..; write a word there"
            ),
            Self::Missing => f.write_str("no name was given; call .name(…) on the options"),
        }
    }
}

impl Error for NameError {}

impl From<NameError> for io::Error {
    fn from(error: NameError) -> Self {
        io::Error::new(io::ErrorKind::InvalidInput, error)
    }
}
