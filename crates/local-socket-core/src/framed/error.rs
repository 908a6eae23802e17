//! What can be wrong with a format, with a message that is to be sent, and with what arrives.

use std::{error::Error, fmt, io};

/// What is wrong with a format, and what to write instead. In an [`io::Error`] its kind is
/// [`InvalidInput`](io::ErrorKind::InvalidInput).
#[derive(Copy, Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum FormatError {
    /// A length takes one to eight bytes.
    LengthBytes {
        /// How many were asked for.
        given: usize,
    },
    /// The length's bytes, or this machine's memory, can't express the longest message asked for.
    MaxLength {
        /// The longest message that was asked for, in bytes.
        given: usize,
        /// The longest that is possible with so many bytes of length, in bytes.
        limit: usize,
        /// How many bytes of length would do, if any would.
        length_bytes: Option<usize>,
    },
}

impl fmt::Display for FormatError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match *self {
            Self::LengthBytes { given } => {
                write!(f, "a length can't take {given} bytes; write .length_bytes(n) with 1 to 8")
            }
            Self::MaxLength { given, limit, length_bytes } => {
                write!(
                    f,
                    "a message of {given} bytes can't be expressed; write .max_length({limit})"
                )?;
                match length_bytes {
                    Some(bytes) => write!(f, " or less, or .length_bytes({bytes}) or more"),
                    None => f.write_str(" or less"),
                }
            }
        }
    }
}

impl Error for FormatError {}

impl From<FormatError> for io::Error {
    fn from(error: FormatError) -> Self {
        io::Error::new(io::ErrorKind::InvalidInput, error)
    }
}

/// A message that is to be sent is longer than the format allows. Nothing of it was sent or kept.
/// In an [`io::Error`] its kind is [`InvalidInput`](io::ErrorKind::InvalidInput).
#[derive(Copy, Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct MessageTooLong {
    /// How long it is, in bytes.
    pub length: usize,
    /// How long it may be, in bytes: [`Format::max_length`](super::Format::max_length).
    pub limit: usize,
}

impl fmt::Display for MessageTooLong {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { length, limit } = self;
        write!(
            f,
            "the message is {length} bytes long and may be {limit} at most; send it in parts, or \
             raise .max_length(…) on both ends"
        )
    }
}

impl Error for MessageTooLong {}

impl From<MessageTooLong> for io::Error {
    fn from(error: MessageTooLong) -> Self {
        io::Error::new(io::ErrorKind::InvalidInput, error)
    }
}

/// Why no further message can be told from what arrived. It stays so: every later call on the
/// same decoder gives the same again.
///
/// It arrives inside an [`io::Error`], of kind [`InvalidData`](io::ErrorKind::InvalidData) for
/// [`TooLong`](Self::TooLong) and [`UnexpectedEof`](io::ErrorKind::UnexpectedEof) for the others:
///
/// ```
/// use local_socket::framed::{DecodeError, FramedReader};
///
/// let mut messages = FramedReader::new(&[0, 0, 0, 9, b'h', b'i'][..]);
/// let error = messages.recv().unwrap_err();
/// let cause = error.get_ref().and_then(|e| e.downcast_ref::<DecodeError>());
/// assert_eq!(cause, Some(&DecodeError::CutMessage { received: 2, expected: 9 }));
/// ```
#[derive(Copy, Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum DecodeError {
    /// A length was announced that is more than the format allows, or the bytes are of another
    /// format.
    TooLong {
        /// The length that was announced, in bytes.
        length: u64,
        /// How long a message may be, in bytes: [`Format::max_length`](super::Format::max_length).
        limit: usize,
    },
    /// The stream ended within a length.
    CutLength {
        /// How many of the length's bytes had arrived; at least one.
        received: usize,
        /// How many bytes a length has: [`Format::length_bytes`](super::Format::length_bytes).
        expected: usize,
    },
    /// The stream ended within a message.
    CutMessage {
        /// How many of the message's bytes had arrived, without its length's.
        received: usize,
        /// How many bytes were announced.
        expected: usize,
    },
}

impl fmt::Display for DecodeError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::TooLong { length, limit } => write!(
                f,
                "a message of {length} bytes was announced, and {limit} are allowed; check that \
                 both ends use one format, or raise .max_length(…)"
            ),
            Self::CutLength { received, expected } => {
                write!(f, "the stream ended after {received} of the {expected} bytes of a length")
            }
            Self::CutMessage { received, expected } => {
                write!(f, "the stream ended after {received} of the {expected} bytes of a message")
            }
        }
    }
}

impl Error for DecodeError {}

impl From<DecodeError> for io::Error {
    fn from(error: DecodeError) -> Self {
        let kind = match error {
            DecodeError::TooLong { .. } => io::ErrorKind::InvalidData,
            DecodeError::CutLength { .. } | DecodeError::CutMessage { .. } => {
                io::ErrorKind::UnexpectedEof
            }
        };
        io::Error::new(kind, error)
    }
}
