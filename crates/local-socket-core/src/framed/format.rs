//! How a length is written, and how long a message may be.

use super::error::{FormatError, MessageTooLong};
use std::ops::Deref;

const DEFAULT_MAX_LENGTH: usize = 8 << 20;

/// The widest length. Lengths are read and written by eight bytes at once, whatever their width.
const WIDEST: usize = size_of::<u64>();

/// The order in which the bytes of a length are sent.
#[derive(Copy, Clone, Debug, Default, PartialEq, Eq, Hash)]
pub enum ByteOrder {
    /// The most significant first, which is the network's order. The default.
    #[default]
    Big,
    /// The least significant first.
    Little,
}

/// How messages are laid out in the stream: a length, and then as many bytes. Both ends must use
/// the same.
///
/// The default is a length of four bytes, big-endian, and messages of 8 MiB at most; so are those
/// of tokio-util's
/// [`LengthDelimitedCodec`](https://docs.rs/tokio-util/0.7/tokio_util/codec/length_delimited/).
///
/// ```
/// use local_socket::framed::{ByteOrder, Format};
///
/// # fn main() -> Result<(), local_socket::framed::FormatError> {
/// let format = Format::builder()
///     .length_bytes(2)
///     .byte_order(ByteOrder::Little)
///     .max_length(1000)
///     .build()?;
/// let mut bytes = Vec::new();
/// format.append(b"hello", &mut bytes).expect("five bytes are less than a thousand");
/// assert_eq!(bytes, b"\x05\x00hello");
/// # Ok(())
/// # }
/// ```
#[derive(Copy, Clone, Debug, PartialEq, Eq, Hash)]
pub struct Format {
    length_bytes: usize,
    byte_order: ByteOrder,
    max_length: usize,
}

/// Chooses a [`Format`]. Made by [`Format::builder`].
#[derive(Copy, Clone, Debug)]
#[must_use = "a format is what .build() gives"]
pub struct FormatBuilder {
    length_bytes: usize,
    byte_order: ByteOrder,
    max_length: Option<usize>,
}

impl FormatBuilder {
    /// How many bytes a length takes: 1 to 8. The default is 4.
    pub fn length_bytes(mut self, count: usize) -> Self {
        self.length_bytes = count;
        self
    }

    /// The order of the bytes of a length. The default is [`ByteOrder::Big`].
    pub fn byte_order(mut self, order: ByteOrder) -> Self {
        self.byte_order = order;
        self
    }

    /// How long a message may be, in bytes, without its length; 0 allows empty ones only. The
    /// default is 8 MiB, or what the length can express, if that is less.
    ///
    /// A reader never holds more memory than twice what has arrived (or its 256 KiB, if that is
    /// more), however high the limit, so that to turn it off, write what the length can express,
    /// `u32::MAX as usize` with four bytes. A peer that you don't trust can then make a reader
    /// hold as much, by sending as much.
    pub fn max_length(mut self, bytes: usize) -> Self {
        self.max_length = Some(bytes);
        self
    }

    /// The format.
    ///
    /// # Errors
    /// [`FormatError::LengthBytes`] unless a length takes 1 to 8 bytes; [`FormatError::MaxLength`]
    /// if the length can't express the [`max_length`](Self::max_length) that was asked for, or no
    /// memory of this machine could hold it.
    pub fn build(self) -> Result<Format, FormatError> {
        let Self { length_bytes, byte_order, max_length } = self;
        if !(1..=WIDEST).contains(&length_bytes) {
            return Err(FormatError::LengthBytes { given: length_bytes });
        }
        let limit = Format::longest(length_bytes);
        let max_length = match max_length {
            Some(given) if given > limit => {
                let length_bytes = Format::bytes_for(given);
                return Err(FormatError::MaxLength { given, limit, length_bytes });
            }
            Some(given) => given,
            None => DEFAULT_MAX_LENGTH.min(limit),
        };
        Ok(Format { length_bytes, byte_order, max_length })
    }
}

impl Default for Format {
    fn default() -> Self {
        Self { length_bytes: 4, byte_order: ByteOrder::Big, max_length: DEFAULT_MAX_LENGTH }
    }
}

impl Format {
    /// Begins with the defaults.
    pub fn builder() -> FormatBuilder {
        FormatBuilder { length_bytes: 4, byte_order: ByteOrder::Big, max_length: None }
    }

    /// How many bytes a length takes.
    pub fn length_bytes(&self) -> usize {
        self.length_bytes
    }

    /// The order of the bytes of a length.
    pub fn byte_order(&self) -> ByteOrder {
        self.byte_order
    }

    /// How long a message may be, in bytes, without its length.
    pub fn max_length(&self) -> usize {
        self.max_length
    }

    /// The bytes that precede a message of `length` bytes, for who brings the message to the
    /// stream without copying it. [`append`](Self::append) writes both.
    ///
    /// # Errors
    /// [`MessageTooLong`] if it is more than [`max_length`](Self::max_length).
    #[inline]
    pub fn header(&self, length: usize) -> Result<Header, MessageTooLong> {
        if length > self.max_length {
            return Err(MessageTooLong { length, limit: self.max_length });
        }
        let length = length as u64;
        let bytes = match self.byte_order {
            ByteOrder::Big => (length << self.unused_bits()).to_be_bytes(),
            ByteOrder::Little => length.to_le_bytes(),
        };
        Ok(Header { bytes, length: self.length_bytes })
    }

    /// Appends a message, its length first.
    ///
    /// # Errors
    /// [`MessageTooLong`] if it is more than [`max_length`](Self::max_length); nothing is appended.
    #[inline]
    pub fn append(&self, message: &[u8], to: &mut Vec<u8>) -> Result<(), MessageTooLong> {
        let header = self.header(message.len())?;
        to.reserve(WIDEST + message.len());
        // Eight bytes at once cost less than as many as there are.
        to.extend_from_slice(&header.bytes);
        to.truncate(to.len() - (WIDEST - header.length));
        to.extend_from_slice(message);
        Ok(())
    }

    /// Writes a message, its length first, to the beginning of `to`. Gives the number of bytes
    /// written, or `None`, with nothing written, if it doesn't fit.
    ///
    /// # Errors
    /// [`MessageTooLong`] if it is more than [`max_length`](Self::max_length); nothing is written.
    pub fn write(&self, message: &[u8], to: &mut [u8]) -> Result<Option<usize>, MessageTooLong> {
        let header = self.header(message.len())?;
        let size = header.len() + message.len();
        let Some(to) = to.get_mut(..size) else { return Ok(None) };
        let (first, rest) = to.split_at_mut(header.len());
        first.copy_from_slice(&header);
        rest.copy_from_slice(message);
        Ok(Some(size))
    }

    /// Reads a length, or `None` if it isn't there as a whole.
    #[inline]
    pub(super) fn length(&self, bytes: &[u8]) -> Option<u64> {
        let bytes = match bytes.first_chunk() {
            Some(bytes) => *bytes,
            None => padded(bytes.get(..self.length_bytes)?),
        };
        Some(match self.byte_order {
            ByteOrder::Big => u64::from_be_bytes(bytes) >> self.unused_bits(),
            ByteOrder::Little => {
                u64::from_le_bytes(bytes) << self.unused_bits() >> self.unused_bits()
            }
        })
    }

    /// What of eight bytes a length doesn't take, in bits: 0 to 56.
    #[inline]
    fn unused_bits(&self) -> u32 {
        u64::BITS - 8 * self.length_bytes as u32
    }

    /// The longest message that a length of so many bytes can express, and that can be held
    /// together with its length: no slice is longer than `isize::MAX` bytes.
    fn longest(length_bytes: usize) -> usize {
        let expressible = u64::MAX >> (u64::BITS - 8 * length_bytes as u32);
        let holdable = isize::MAX as usize - WIDEST;
        usize::try_from(expressible).map_or(holdable, |expressible| expressible.min(holdable))
    }

    /// How many bytes of length express a message of `length` bytes, if it can be held at all.
    fn bytes_for(length: usize) -> Option<usize> {
        (1..=WIDEST).find(|&bytes| length <= Self::longest(bytes))
    }
}

#[cold]
fn padded(bytes: &[u8]) -> [u8; WIDEST] {
    let mut padded = [0; WIDEST];
    padded[..bytes.len()].copy_from_slice(bytes);
    padded
}

/// The bytes that precede a message. Made by [`Format::header`]; a slice of bytes by `Deref`.
#[derive(Copy, Clone, Debug, PartialEq, Eq)]
pub struct Header {
    bytes: [u8; WIDEST],
    length: usize,
}

impl Deref for Header {
    type Target = [u8];

    #[inline]
    fn deref(&self) -> &[u8] {
        &self.bytes[..self.length]
    }
}

impl AsRef<[u8]> for Header {
    fn as_ref(&self) -> &[u8] {
        self
    }
}
