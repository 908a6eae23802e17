//! Messages from whatever tokio reads.

use crate::framed::{Decoder, Format, Messages};
use std::{
    future::poll_fn,
    io::{self, ErrorKind},
    pin::Pin,
    task::{Context, Poll, ready},
};
use tokio::io::{AsyncRead, ReadBuf};

/// Receives messages from whatever tokio reads. It reads ahead, so that nothing else should read
/// from the same source. How much memory it holds: see [`Decoder`].
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

impl<R: AsyncRead + Unpin> FramedReader<R> {
    /// The next message, borrowed until the next call, or `None` at the end. Reads only when there
    /// is no whole message left of what was read before.
    ///
    /// # Cancelling
    /// Took nothing: what has arrived of a message is kept, and the next call goes on with it.
    ///
    /// # Errors
    /// Holding a [`DecodeError`](crate::framed::DecodeError), and from then on always the same:
    /// - [`InvalidData`](ErrorKind::InvalidData): a length that isn't allowed.
    /// - [`UnexpectedEof`](ErrorKind::UnexpectedEof): the stream ended within a message.
    ///
    /// Otherwise the source's own, after which the next call goes on where this one was.
    pub async fn recv(&mut self) -> io::Result<Option<&[u8]>> {
        loop {
            if let Some(found) = self.decoder.find()? {
                return Ok(Some(self.decoder.take(found)));
            }
            if !self.fill().await? {
                return Ok(None);
            }
        }
    }

    /// All messages that are there as a whole, at least one, or `None` at the end. Reads only when
    /// there is none left of what was read before, and then until one is whole. Those that aren't
    /// taken stay for the next call; those that are can be held side by side.
    ///
    /// # Cancelling
    /// As for [`recv`](Self::recv).
    ///
    /// # Errors
    /// As for [`recv`](Self::recv), once all messages before have been taken.
    pub async fn recv_batch(&mut self) -> io::Result<Option<Messages<'_>>> {
        while self.decoder.find()?.is_none() {
            if !self.fill().await? {
                return Ok(None);
            }
        }
        Ok(Some(self.decoder.messages()))
    }

    /// Reads once. False: that was the end, and no message was cut short.
    ///
    /// Bytes are counted in the very poll that brings them: there is no moment at which they could
    /// be dropped.
    async fn fill(&mut self) -> io::Result<bool> {
        poll_fn(|cx| self.poll_fill(cx)).await
    }

    fn poll_fill(&mut self, cx: &mut Context<'_>) -> Poll<io::Result<bool>> {
        loop {
            let mut spare = ReadBuf::new(self.decoder.spare());
            match ready!(Pin::new(&mut self.source).poll_read(cx, &mut spare)) {
                Ok(()) => {
                    let count = spare.filled().len();
                    if count == 0 {
                        self.decoder.end()?;
                    }
                    self.decoder.filled(count);
                    return Poll::Ready(Ok(count > 0));
                }
                Err(error) if error.kind() == ErrorKind::Interrupted => {}
                Err(error) => return Poll::Ready(Err(error)),
            }
        }
    }
}
