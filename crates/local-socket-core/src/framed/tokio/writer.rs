//! Messages to whatever tokio writes.

use crate::framed::{
    Format,
    outbox::{Attempt, Outbox},
};
use std::{
    future::poll_fn,
    io::{self, ErrorKind, IoSlice},
    pin::Pin,
    task::{Context, Poll},
};
use tokio::io::AsyncWrite;

/// Sends messages to whatever tokio writes. Small messages are gathered, 64 KiB of them, and leave
/// by one system call; those of 16 KiB and more go at once, behind what was gathered, and are
/// copied only as far as the target had no room for them.
///
/// **Nothing is sent when it is dropped:** what [`flush`](Self::flush) hasn't sent is lost.
#[derive(Debug)]
pub struct FramedWriter<W> {
    target: W,
    outbox: Outbox,
}

impl<W> FramedWriter<W> {
    /// Sends messages in the default [`Format`]: a length of four bytes, big-endian, and 8 MiB at
    /// most.
    pub fn new(target: W) -> Self {
        Self::with_format(target, Format::default())
    }

    /// Sends messages in the given format.
    pub fn with_format(target: W, format: Format) -> Self {
        Self { target, outbox: Outbox::new(format) }
    }

    /// The format it was made with.
    pub fn format(&self) -> Format {
        self.outbox.format()
    }

    /// How many bytes, lengths included, have been taken and not yet sent.
    pub fn pending(&self) -> usize {
        self.outbox.pending()
    }

    /// What it writes to. What is written here may land within a message.
    pub fn get_ref(&self) -> &W {
        &self.target
    }

    /// What it writes to. What is written here may land within a message.
    pub fn get_mut(&mut self) -> &mut W {
        &mut self.target
    }

    /// What it writes to. What [`flush`](Self::flush) hasn't sent is lost.
    pub fn into_inner(self) -> W {
        self.target
    }
}

impl<W: AsyncWrite + Unpin> FramedWriter<W> {
    /// Takes a message, and waits only for what was taken before it, or, if it has 16 KiB or more,
    /// until the target takes the first of its bytes. It is sent by [`flush`](Self::flush) at the
    /// latest, and until then at most one message and 64 KiB are held.
    ///
    /// # Cancelling
    /// The message was not taken and no byte of it will be sent; what was taken before goes on
    /// where it was. So `send` may be a branch of `tokio::select!`.
    ///
    /// # Errors
    /// The message was not taken and no byte of it will be sent, so that it may be given again:
    /// - [`InvalidInput`](ErrorKind::InvalidInput), holding a
    ///   [`MessageTooLong`](crate::framed::MessageTooLong).
    /// - [`WriteZero`](ErrorKind::WriteZero): the target takes no bytes any more.
    /// - The target's own. One that came after part of an earlier message had gone is told here.
    pub async fn send(&mut self, message: &[u8]) -> io::Result<()> {
        poll_fn(|cx| self.poll(cx, |outbox, attempt| outbox.send(message, attempt))).await
    }

    /// Sends all that was taken.
    ///
    /// # Cancelling
    /// What has gone is remembered, and the rest is sent by the next call.
    ///
    /// # Errors
    /// As for [`send`](Self::send); what has not gone is kept for the next call.
    pub async fn flush(&mut self) -> io::Result<()> {
        poll_fn(|cx| self.poll(cx, |outbox, attempt| outbox.flush(attempt))).await?;
        poll_fn(|cx| Pin::new(&mut self.target).poll_flush(cx)).await
    }

    /// Sends all that was taken, and says that nothing more will come: the peer reads to its end
    /// and can still answer.
    ///
    /// # Cancelling
    /// As for [`flush`](Self::flush); it may be called again.
    ///
    /// # Errors
    /// As for [`flush`](Self::flush).
    pub async fn shutdown(&mut self) -> io::Result<()> {
        self.flush().await?;
        poll_fn(|cx| Pin::new(&mut self.target).poll_shutdown(cx)).await
    }

    /// Runs an action of the outbox, whose sign for having to wait is an error.
    fn poll(
        &mut self,
        cx: &mut Context<'_>,
        action: impl FnOnce(&mut Outbox, &mut Attempt<'_>) -> io::Result<()>,
    ) -> Poll<io::Result<()>> {
        let Self { target, outbox } = self;
        let mut waits = false;
        let result = action(outbox, &mut |slices| match write(target, cx, slices) {
            Poll::Ready(result) => result,
            Poll::Pending => {
                waits = true;
                Err(ErrorKind::WouldBlock.into())
            }
        });
        match result {
            Err(error) if waits && error.kind() == ErrorKind::WouldBlock => Poll::Pending,
            result => Poll::Ready(result),
        }
    }
}

fn write(
    target: &mut (impl AsyncWrite + Unpin),
    cx: &mut Context<'_>,
    slices: &[IoSlice<'_>],
) -> Poll<io::Result<usize>> {
    match slices {
        [single] => Pin::new(target).poll_write(cx, single),
        several => Pin::new(target).poll_write_vectored(cx, several),
    }
}
