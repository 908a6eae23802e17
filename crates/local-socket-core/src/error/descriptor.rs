//! What can be wrong with a descriptor that is to listen.

use std::{error::Error, fmt, io};

/// Why a descriptor can't be made a listener.
///
/// It arrives inside an [`io::Error`] of kind [`InvalidInput`](io::ErrorKind::InvalidInput).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum DescriptorError {
    /// It is no socket: a file, a pipe, a terminal.
    NotASocket,
    /// It is a socket of another address family, such as TCP's.
    NotLocal,
    /// It is a Unix domain socket, but one for datagrams or sequenced packets.
    NotAStream,
    /// It is connected. That is a stream rather than a listener.
    Connected,
    /// It has no name, so that nobody could connect.
    Unnamed,
    /// An option was set that says how to make a name. The socket has one already, which stays as
    /// it is.
    NameOption {
        /// The option, as its method is called.
        option: &'static str,
    },
}

impl fmt::Display for DescriptorError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::NotASocket => f.write_str("it is no socket"),
            Self::NotLocal => f.write_str("it is no Unix domain socket (AF_UNIX)"),
            Self::NotAStream => f.write_str("it is no stream socket (SOCK_STREAM)"),
            Self::Connected => f.write_str("it is connected; a stream can be made of it"),
            Self::Unnamed => f.write_str("it has no name that anybody could connect to; bind it"),
            Self::NameOption { option } => write!(
                f,
                "the option {option} is about making a name, and the socket has one already; leave \
                 it out"
            ),
        }
    }
}

impl Error for DescriptorError {}

impl From<DescriptorError> for io::Error {
    fn from(error: DescriptorError) -> Self {
        io::Error::new(io::ErrorKind::InvalidInput, error)
    }
}

/// What failed when a descriptor was to be made a listener; the cause says why.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct CannotListen;

impl fmt::Display for CannotListen {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("can't listen on the descriptor")
    }
}
