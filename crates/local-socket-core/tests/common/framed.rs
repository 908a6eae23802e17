//! Messages, and sources and targets that follow a script.

use local_socket::framed::{Decoder, Format};
use std::{
    collections::VecDeque,
    io::{self, ErrorKind, IoSlice, Read, Write},
};

/// Numbers that look random and are the same each time (xorshift).
pub struct Random(u64);

impl Random {
    pub fn new(seed: u64) -> Self {
        Self(seed | 1)
    }

    /// A number below `limit`.
    pub fn below(&mut self, limit: usize) -> usize {
        self.0 ^= self.0 << 13;
        self.0 ^= self.0 >> 7;
        self.0 ^= self.0 << 17;
        (self.0 % limit as u64) as usize
    }
}

/// What messages are filled with, ready-made: Miri takes long over each byte that is computed.
const FILLING: [u8; 256] = {
    let mut filling = [0; 256];
    let mut i = 0;
    while i < filling.len() {
        filling[i] = (i * 31) as u8;
        i += 1;
    }
    filling
};

/// A message that no other number has, unless it is very short.
pub fn message(number: usize, length: usize) -> Vec<u8> {
    let mut message = (number as u64).to_le_bytes().to_vec();
    while message.len() < length {
        message.extend_from_slice(&FILLING);
    }
    message.truncate(length);
    message
}

/// Many lengths that are short, and a few that are longer than a reader's memory is at first.
pub fn random_length(random: &mut Random) -> usize {
    match random.below(40) {
        0 => random.below(600_000),
        1..=4 => random.below(40_000),
        _ => random.below(100),
    }
}

/// The bytes of messages as they must be in the stream.
pub fn wire(format: Format, messages: &[Vec<u8>]) -> Vec<u8> {
    let mut bytes = Vec::new();
    for message in messages {
        format.append(message, &mut bytes).expect("a message of the format");
    }
    bytes
}

/// Gives the decoder these bytes, in as few rounds as it takes.
pub fn feed(decoder: &mut Decoder, mut bytes: &[u8]) {
    while !bytes.is_empty() {
        let spare = decoder.spare();
        let length = spare.len().min(bytes.len());
        spare[..length].copy_from_slice(&bytes[..length]);
        decoder.filled(length);
        bytes = &bytes[length..];
    }
}

/// A source that gives bytes in pieces, or errors; then the end.
pub struct Script {
    pub steps: VecDeque<io::Result<Vec<u8>>>,
}

impl Script {
    /// Gives these pieces.
    pub fn of<'a>(pieces: impl IntoIterator<Item = &'a [u8]>) -> Self {
        Self { steps: pieces.into_iter().map(|piece| Ok(piece.to_vec())).collect() }
    }
}

impl Read for Script {
    fn read(&mut self, buf: &mut [u8]) -> io::Result<usize> {
        match self.steps.pop_front() {
            None => Ok(0),
            Some(Err(error)) => Err(error),
            Some(Ok(mut piece)) => {
                let count = piece.len().min(buf.len());
                buf[..count].copy_from_slice(&piece[..count]);
                if count < piece.len() {
                    self.steps.push_front(Ok(piece.split_off(count)));
                }
                Ok(count)
            }
        }
    }
}

/// A target that takes so many bytes at each call, or gives an error; then as many as come.
#[derive(Default)]
pub struct Taker {
    pub steps: VecDeque<Result<usize, ErrorKind>>,
    pub taken: Vec<u8>,
    pub calls: usize,
}

impl Write for Taker {
    fn write(&mut self, buf: &[u8]) -> io::Result<usize> {
        self.write_vectored(&[IoSlice::new(buf)])
    }

    fn write_vectored(&mut self, bufs: &[IoSlice<'_>]) -> io::Result<usize> {
        self.calls += 1;
        let room = self.steps.pop_front().unwrap_or(Ok(usize::MAX))?;
        let before = self.taken.len();
        for buf in bufs {
            let left = room - (self.taken.len() - before);
            self.taken.extend_from_slice(&buf[..buf.len().min(left)]);
        }
        Ok(self.taken.len() - before)
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}
