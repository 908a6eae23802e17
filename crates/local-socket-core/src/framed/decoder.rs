//! Messages out of bytes, without any I/O.
//!
//! All that has arrived and wasn't taken yet lies in one piece, `start..end` of the buffer, so that
//! a message is a slice of it and nothing is copied for it. The drawback: a message of which only
//! the beginning arrived must be moved to the front when its rest would not fit behind it. That is
//! one move for a whole buffer of messages, and none where the buffer was emptied, as it is between
//! messages that come one by one.

use super::{error::DecodeError, format::Format};
use std::{fmt, iter::FusedIterator, ops::Range};

/// How large the buffer is unless a message needs more: what a sender's socket buffer holds on
/// Linux by default (212,992 bytes) fits. Memory that is never reached is never touched, so that a
/// stream of small messages that come one by one uses a page or two of it.
const BASE: usize = 256 * 1024;

/// Less room than this is not worth a system call, if more can be had by a cheap move.
const GOOD_ROOM: usize = BASE / 4;

/// Moving so many bytes costs less than a system call.
const CHEAP_MOVE: usize = 4096;

/// A buffer that has grown goes back to [`BASE`] after so many reads that didn't need more. A
/// stream of large messages never comes to that.
const CALM_READS: u32 = 16;

/// Tells messages from the bytes that arrive, wherever these come from: give it memory to fill by
/// [`spare`](Self::spare), say how much was [`filled`](Self::filled), and take what is there.
///
/// [`FramedReader`](super::FramedReader) does that for whatever can be read.
///
/// Memory: none at first, then 256 KiB, and more only for a message that is longer: it doubles
/// when it is full, so that it is never more than twice what has arrived, whatever length was
/// announced. It goes back to 256 KiB after sixteen rounds that didn't need more, and stays as it
/// is while nothing arrives.
///
/// ```
/// use local_socket::framed::{Decoder, Format};
///
/// # fn main() -> Result<(), local_socket::framed::DecodeError> {
/// let mut decoder = Decoder::new(Format::default());
/// for piece in [&b"\x00\x00\x00\x05he"[..], b"llo\x00\x00\x00\x00\x00"] {
///     decoder.spare()[..piece.len()].copy_from_slice(piece);
///     decoder.filled(piece.len());
/// }
/// assert_eq!(decoder.next_message()?, Some(&b"hello"[..]));
/// assert_eq!(decoder.next_message()?, Some(&b""[..]));
/// assert_eq!(decoder.next_message()?, None);
/// assert!(decoder.end().is_err(), "one byte of a length has arrived");
/// # Ok(())
/// # }
/// ```
pub struct Decoder {
    format: Format,
    buffer: Vec<u8>,
    start: usize,
    end: usize,
    /// How often something has arrived since more than [`BASE`] was needed.
    calm_reads: u32,
    failure: Option<DecodeError>,
}

/// What the bytes begin with.
enum Frame {
    /// A message, of which this is the range.
    Whole(Range<usize>),
    /// Part of a length or of a message, which are of this size together.
    Part { size: usize },
    /// A length that isn't allowed.
    TooLong { length: u64 },
}

impl Frame {
    #[inline]
    fn of(bytes: &[u8], format: Format) -> Self {
        let start = format.length_bytes();
        let Some(length) = format.length(bytes) else { return Self::Part { size: start } };
        if length > format.max_length() as u64 {
            return Self::TooLong { length };
        }
        // Can't overflow: a format leaves room for the length.
        let end = start + length as usize;
        if end <= bytes.len() { Self::Whole(start..end) } else { Self::Part { size: end } }
    }
}

impl Decoder {
    /// A decoder to which nothing has arrived.
    pub fn new(format: Format) -> Self {
        Self { format, buffer: Vec::new(), start: 0, end: 0, calm_reads: 0, failure: None }
    }

    /// The format it was made with.
    pub fn format(&self) -> Format {
        self.format
    }

    /// Memory for what arrives next; never empty. What is written to it counts once
    /// [`filled`](Self::filled) says so. Take the messages that are there first: as long as they
    /// aren't, the memory grows.
    pub fn spare(&mut self) -> &mut [u8] {
        self.make_room();
        &mut self.buffer[self.end..]
    }

    /// Says that the first `count` bytes of [`spare`](Self::spare) have arrived.
    ///
    /// # Panics
    /// If `spare` wasn't that long.
    pub fn filled(&mut self, count: usize) {
        assert!(count <= self.buffer.len() - self.end, "more was filled than there was room for");
        self.end += count;
        self.calm_reads = self.calm_reads.saturating_add(1);
    }

    /// The next message, borrowed until the next call, or `None` if it isn't there as a whole.
    ///
    /// # Errors
    /// [`DecodeError`]; from then on always the same.
    #[inline]
    pub fn next_message(&mut self) -> Result<Option<&[u8]>, DecodeError> {
        Ok(self.find()?.map(|found| self.take(found)))
    }

    /// All messages that are there as a whole. They may be kept side by side until the decoder is
    /// used again, and those that weren't taken stay for the next call. What comes after them and
    /// isn't a message is told by [`next_message`](Self::next_message).
    #[inline]
    pub fn messages(&mut self) -> Messages<'_> {
        let rest = match self.failure {
            None => &self.buffer[self.start..self.end],
            Some(_) => &[],
        };
        Messages { format: self.format, rest, start: &mut self.start }
    }

    /// Says that nothing more will arrive. Take the messages that are there first.
    ///
    /// # Errors
    /// [`DecodeError::CutLength`] or [`DecodeError::CutMessage`] if that cuts a message short, and
    /// what [`next_message`](Self::next_message) would say of a length that isn't allowed.
    pub fn end(&mut self) -> Result<(), DecodeError> {
        if self.find()?.is_some() || self.start == self.end {
            return Ok(());
        }
        let arrived = self.end - self.start;
        let header = self.format.length_bytes();
        let cut = match Frame::of(&self.buffer[self.start..self.end], self.format) {
            Frame::Part { size } if arrived >= header => {
                DecodeError::CutMessage { received: arrived - header, expected: size - header }
            }
            _ => DecodeError::CutLength { received: arrived, expected: header },
        };
        Err(self.fail(cut))
    }

    /// Where the next message is, without taking it.
    #[inline]
    pub(super) fn find(&mut self) -> Result<Option<Range<usize>>, DecodeError> {
        if let Some(failure) = self.failure {
            return Err(failure);
        }
        match Frame::of(&self.buffer[self.start..self.end], self.format) {
            Frame::Whole(Range { start, end }) => Ok(Some(self.start + start..self.start + end)),
            Frame::Part { .. } => Ok(None),
            Frame::TooLong { length } => Err(self.too_long(length)),
        }
    }

    /// Takes what was found.
    #[inline]
    pub(super) fn take(&mut self, found: Range<usize>) -> &[u8] {
        self.start = found.end;
        &self.buffer[found]
    }

    #[cold]
    fn too_long(&mut self, length: u64) -> DecodeError {
        let limit = self.format.max_length();
        self.fail(DecodeError::TooLong { length, limit })
    }

    fn fail(&mut self, failure: DecodeError) -> DecodeError {
        self.failure = Some(failure);
        self.buffer = Vec::new();
        (self.start, self.end) = (0, 0);
        failure
    }

    fn make_room(&mut self) {
        if self.failure.is_some() {
            (self.start, self.end) = (0, 0);
        }
        let pending = self.end - self.start;
        let size = match Frame::of(&self.buffer[self.start..self.end], self.format) {
            Frame::Part { size } => size,
            // They should have been taken: make room for as much again.
            Frame::Whole(_) => pending + pending.max(BASE),
            // Whatever arrives can't be told apart any more.
            Frame::TooLong { length } => {
                self.too_long(length);
                self.format.length_bytes()
            }
        };
        if size > BASE {
            self.calm_reads = 0;
        } else if self.calm_reads >= CALM_READS && self.buffer.len() > BASE {
            self.shrink();
        }
        let room = self.buffer.len() - self.end;
        if self.start == self.end
            || self.start + size > self.buffer.len()
            || (room < GOOD_ROOM && pending <= CHEAP_MOVE)
        {
            self.move_to_front();
        }
        if self.end == self.buffer.len() {
            self.grow(size);
        }
    }

    fn move_to_front(&mut self) {
        if self.start > 0 {
            self.buffer.copy_within(self.start..self.end, 0);
            self.end -= self.start;
            self.start = 0;
        }
    }

    /// Doubles the memory, but not beyond `size`, so that the message fills it exactly and the
    /// next one begins at the front.
    fn grow(&mut self, size: usize) {
        if self.buffer.is_empty() {
            self.buffer = vec![0; BASE];
        } else {
            let length = size.min(self.buffer.len() * 2);
            self.buffer.reserve_exact(length - self.buffer.len());
            self.buffer.resize(length, 0);
        }
    }

    /// Gives the memory back that large messages needed.
    fn shrink(&mut self) {
        let mut smaller = vec![0; BASE];
        let pending = self.end - self.start;
        smaller[..pending].copy_from_slice(&self.buffer[self.start..self.end]);
        self.buffer = smaller;
        (self.start, self.end) = (0, pending);
    }
}

impl fmt::Debug for Decoder {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Decoder")
            .field("format", &self.format)
            .field("pending", &(self.end - self.start))
            .field("memory", &self.buffer.len())
            .field("failure", &self.failure)
            .finish()
    }
}

/// All messages that have arrived as a whole, in order. Those that aren't taken from it stay for
/// the next call. Made by [`Decoder::messages`] and the readers' `recv_batch`.
pub struct Messages<'a> {
    format: Format,
    rest: &'a [u8],
    start: &'a mut usize,
}

impl<'a> Iterator for Messages<'a> {
    type Item = &'a [u8];

    #[inline]
    fn next(&mut self) -> Option<&'a [u8]> {
        let Frame::Whole(range) = Frame::of(self.rest, self.format) else { return None };
        let (taken, rest) = self.rest.split_at(range.end);
        self.rest = rest;
        *self.start += range.end;
        Some(&taken[range.start..])
    }
}

impl FusedIterator for Messages<'_> {}

impl fmt::Debug for Messages<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Messages").field("bytes", &self.rest.len()).finish_non_exhaustive()
    }
}
