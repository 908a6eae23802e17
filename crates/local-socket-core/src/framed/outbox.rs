//! Messages that wait to be sent, without a word of what they are sent by.
//!
//! A message is either taken or not: `Err` means that not a byte of it has gone or will go, so that
//! it may be given again. If some of it has gone when the stream has no more room, its rest is kept
//! here, which makes it taken. An error that comes at such a moment is told by the next call.

use super::format::{Format, Header};
use std::io::{self, ErrorKind, IoSlice};

/// What is gathered before it is sent: a third of what a socket holds on Linux by default (212,992
/// bytes), so that the peer can read one part while the next is gathered.
const CAPACITY: usize = 64 * 1024;

/// A message of this size isn't copied: it goes at once, together with what has been gathered.
/// Copying less costs about what it saves, a system call of its own.
const LARGE: usize = 16 * 1024;

/// One attempt to send several slices in order: how many bytes were taken.
/// [`WouldBlock`](ErrorKind::WouldBlock) means that there is no room now.
pub(super) type Attempt<'a> = dyn FnMut(&[IoSlice<'_>]) -> io::Result<usize> + 'a;

#[derive(Debug)]
pub(super) struct Outbox {
    format: Format,
    bytes: Vec<u8>,
    /// How many of the bytes have gone.
    sent: usize,
    /// What went wrong when a message had gone in part.
    deferred: Option<io::Error>,
}

impl Outbox {
    pub(super) fn new(format: Format) -> Self {
        Self { format, bytes: Vec::new(), sent: 0, deferred: None }
    }

    pub(super) fn format(&self) -> Format {
        self.format
    }

    /// How many bytes wait.
    pub(super) fn pending(&self) -> usize {
        self.bytes.len() - self.sent
    }

    /// Takes a message, and sends what has been gathered if there is no room for it otherwise.
    #[inline]
    pub(super) fn send(&mut self, message: &[u8], attempt: &mut Attempt<'_>) -> io::Result<()> {
        if message.len() < LARGE && self.has_room(message) && self.deferred.is_none() {
            Ok(self.format.append(message, &mut self.bytes)?)
        } else {
            self.send_now(message, attempt)
        }
    }

    /// Sends all that waits.
    pub(super) fn flush(&mut self, attempt: &mut Attempt<'_>) -> io::Result<()> {
        self.tell_deferred()?;
        while self.pending() > 0 {
            self.sent += repeated(attempt, &[IoSlice::new(&self.bytes[self.sent..])])?;
        }
        self.clear();
        Ok(())
    }

    #[inline]
    fn has_room(&self, message: &[u8]) -> bool {
        self.bytes.len() + self.format.length_bytes() + message.len() <= CAPACITY
    }

    fn send_now(&mut self, message: &[u8], attempt: &mut Attempt<'_>) -> io::Result<()> {
        self.tell_deferred()?;
        let header = self.format.header(message.len())?;
        if message.len() >= LARGE {
            return self.send_large(header, message, attempt);
        }
        if let Err(error) = self.flush(attempt) {
            let fits = self.pending() + header.len() + message.len() <= CAPACITY;
            if error.kind() != ErrorKind::WouldBlock || !fits {
                return Err(error);
            }
            self.forget_sent();
        }
        Ok(self.format.append(message, &mut self.bytes)?)
    }

    fn send_large(
        &mut self,
        header: Header,
        message: &[u8],
        attempt: &mut Attempt<'_>,
    ) -> io::Result<()> {
        let (mut header, mut message) = (&*header, message);
        let whole = message.len() + header.len();
        while message.len() + header.len() > 0 {
            let waiting = &self.bytes[self.sent..];
            let slices = [IoSlice::new(waiting), IoSlice::new(header), IoSlice::new(message)];
            match repeated(attempt, &slices) {
                Ok(taken) => {
                    let before = taken.min(waiting.len());
                    let first = (taken - before).min(header.len());
                    self.sent += before;
                    header = &header[first..];
                    message = &message[taken - before - first..];
                }
                Err(error) if message.len() + header.len() == whole => return Err(error),
                Err(error) => {
                    self.clear();
                    self.bytes.extend_from_slice(header);
                    self.bytes.extend_from_slice(message);
                    if error.kind() != ErrorKind::WouldBlock {
                        self.deferred = Some(error);
                    }
                    return Ok(());
                }
            }
        }
        self.clear();
        Ok(())
    }

    fn tell_deferred(&mut self) -> io::Result<()> {
        self.deferred.take().map_or(Ok(()), Err)
    }

    /// All has gone. What the rest of a large message needed is given back.
    fn clear(&mut self) {
        self.bytes.clear();
        self.sent = 0;
        if self.bytes.capacity() > 2 * CAPACITY {
            self.bytes.shrink_to(CAPACITY);
        }
    }

    fn forget_sent(&mut self) {
        self.bytes.drain(..self.sent);
        self.sent = 0;
    }
}

/// A signal doesn't show, and a stream that takes nothing is an error rather than an endless loop.
fn repeated(attempt: &mut Attempt<'_>, slices: &[IoSlice<'_>]) -> io::Result<usize> {
    loop {
        match attempt(slices) {
            Ok(0) => return Err(ErrorKind::WriteZero.into()),
            Err(error) if error.kind() == ErrorKind::Interrupted => {}
            result => return result,
        }
    }
}
