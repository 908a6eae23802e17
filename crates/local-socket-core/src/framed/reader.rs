//! Messages from whatever can be read.

use super::{
    decoder::{Decoder, Messages},
    format::Format,
};
use std::io::{self, ErrorKind, Read};

/// Receives messages from whatever can be read: a [`Stream`](crate::Stream), a reference to one,
/// its [half](crate::RecvHalf), a file. It reads ahead, so that nothing else should read from the
/// same source. How much memory it holds: see [`Decoder`].
///
/// On a nonblocking stream, or one with a time limit,
/// [`WouldBlock`](ErrorKind::WouldBlock) says that no whole message is there yet; what has arrived
/// of one is kept, and the next call goes on with it.
#[derive(Debug)]
pub struct FramedReader<R> {
    source: R,
    decoder: Decoder,
}

impl<R> FramedReader<R> {
    /// Receives messages of the default [`Format`]: a length of four bytes, big-endian, and 8 MiB
    /// at most.
    pub fn new(source: R) -> Self {
        Self::with_format(source, Format::default())
    }

    /// Receives messages of the given format.
    pub fn with_format(source: R, format: Format) -> Self {
        Self { source, decoder: Decoder::new(format) }
    }

    /// The format it was made with.
    pub fn format(&self) -> Format {
        self.decoder.format()
    }

    /// What it reads from. What is read here is missing from the messages.
    pub fn get_ref(&self) -> &R {
        &self.source
    }

    /// What it reads from. What is read here is missing from the messages.
    pub fn get_mut(&mut self) -> &mut R {
        &mut self.source
    }

    /// What it reads from, and the decoder, which holds what has arrived and wasn't received.
    pub fn into_parts(self) -> (R, Decoder) {
        (self.source, self.decoder)
    }
}

impl<R: Read> FramedReader<R> {
    /// The next message, borrowed until the next call, or `None` at the end. Reads only when there
    /// is no whole message left of what was read before.
    ///
    /// # Errors
    /// Holding a [`DecodeError`](super::DecodeError), and from then on always the same:
    /// - [`InvalidData`](ErrorKind::InvalidData): a length that isn't allowed.
    /// - [`UnexpectedEof`](ErrorKind::UnexpectedEof): the stream ended within a message.
    ///
    /// Otherwise the source's own, after which the next call goes on where this one was. A signal
    /// doesn't show ([`Interrupted`](ErrorKind::Interrupted)).
    #[inline]
    pub fn recv(&mut self) -> io::Result<Option<&[u8]>> {
        loop {
            if let Some(found) = self.decoder.find()? {
                return Ok(Some(self.decoder.take(found)));
            }
            if !self.fill()? {
                return Ok(None);
            }
        }
    }

    /// All messages that are there as a whole, at least one, or `None` at the end. Reads only when
    /// there is none left of what was read before, and then until one is whole. Those that aren't
    /// taken stay for the next call; those that are can be held side by side.
    ///
    /// ```
    /// use local_socket::framed::FramedReader;
    ///
    /// # fn main() -> std::io::Result<()> {
    /// let mut messages = FramedReader::new(&b"\0\0\0\x02hi\0\0\0\x05there"[..]);
    /// while let Some(batch) = messages.recv_batch()? {
    ///     for message in batch {
    ///         println!("{} bytes", message.len());
    ///     }
    /// }
    /// # Ok(())
    /// # }
    /// ```
    ///
    /// # Errors
    /// As for [`recv`](Self::recv), once all messages before have been taken.
    #[inline]
    pub fn recv_batch(&mut self) -> io::Result<Option<Messages<'_>>> {
        while self.decoder.find()?.is_none() {
            if !self.fill()? {
                return Ok(None);
            }
        }
        Ok(Some(self.decoder.messages()))
    }

    /// Reads once. False: that was the end, and no message was cut short.
    fn fill(&mut self) -> io::Result<bool> {
        loop {
            match self.source.read(self.decoder.spare()) {
                Ok(0) => {
                    self.decoder.end()?;
                    return Ok(false);
                }
                Ok(count) => {
                    self.decoder.filled(count);
                    return Ok(true);
                }
                Err(error) if error.kind() == ErrorKind::Interrupted => {}
                Err(error) => return Err(error),
            }
        }
    }
}
