//! What can be wrong with what a service manager says that it passed.

use std::{error::Error, ffi::OsString, fmt, io};

/// What a service manager said of the descriptors that it passed makes no sense.
///
/// It arrives inside an [`io::Error`] of kind [`InvalidData`](io::ErrorKind::InvalidData), and
/// nothing was taken then.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum ActivationError {
    /// An environment variable is no number, or not one that is possible there.
    NotANumber {
        /// Which one: `LISTEN_PID`, `LISTEN_PIDFDID` or `LISTEN_FDS`.
        variable: &'static str,
        /// What it holds.
        value: OsString,
    },
    /// `LISTEN_FDNAMES` isn't UTF-8.
    NotText {
        /// What it holds.
        value: OsString,
    },
    /// `LISTEN_FDNAMES` has more names or fewer than there are descriptors.
    NameCount {
        /// How many names there are.
        names: usize,
        /// How many descriptors there are.
        descriptors: usize,
    },
    /// A descriptor that should have been passed isn't open.
    NotOpen {
        /// Its number.
        descriptor: i32,
    },
}

impl fmt::Display for ActivationError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::NotANumber { variable, value } => {
                write!(f, "the environment variable {variable} is {value:?}, ")?;
                f.write_str(match *variable {
                    "LISTEN_FDS" => "not a number of descriptors (1 or more)",
                    _ => "not a number",
                })
            }
            Self::NotText { value } => {
                write!(f, "the environment variable LISTEN_FDNAMES is {value:?}, which isn't UTF-8")
            }
            Self::NameCount { names, descriptors } => write!(
                f,
                "the environment variables LISTEN_FDS and LISTEN_FDNAMES disagree: {descriptors} \
                 descriptors and {names} names"
            ),
            Self::NotOpen { descriptor } => write!(
                f,
                "the environment variable LISTEN_FDS counts the descriptor {descriptor}, which \
                 isn't open"
            ),
        }
    }
}

impl Error for ActivationError {}

impl From<ActivationError> for io::Error {
    fn from(error: ActivationError) -> Self {
        io::Error::new(io::ErrorKind::InvalidData, error)
    }
}
