//! Messages to whatever can be written.

use super::{format::Format, outbox::Outbox};
use std::io::{self, IoSlice, Write};

/// Sends messages to whatever can be written: a [`Stream`](crate::Stream), a reference to one, its
/// [half](crate::SendHalf), a file. Small messages are gathered, 64 KiB of them, and leave by one
/// system call; those of 16 KiB and more go at once, behind what was gathered, without being
/// copied.
///
/// **Nothing is sent when it is dropped:** what [`flush`](Self::flush) hasn't sent is lost, since
/// dropping must not wait, nor hide an error.
///
/// On a nonblocking stream, or one with a time limit,
/// [`WouldBlock`](io::ErrorKind::WouldBlock) says that there is no room; what has gone is
/// remembered, so that calling again sends nothing twice and leaves nothing out.
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

impl<W: Write> FramedWriter<W> {
    /// Takes a message; the bytes are yours again when it returns. It is sent by
    /// [`flush`](Self::flush) at the latest.
    ///
    /// # Errors
    /// The message was not taken and no byte of it will be sent, so that it may be given again:
    /// - [`InvalidInput`](io::ErrorKind::InvalidInput), holding a
    ///   [`MessageTooLong`](super::MessageTooLong).
    /// - [`WouldBlock`](io::ErrorKind::WouldBlock): there is no room for what was gathered, which
    ///   must leave first, or for the first byte of a message of 16 KiB or more.
    /// - [`WriteZero`](io::ErrorKind::WriteZero): the target takes no bytes any more.
    /// - The target's own. One that came after part of an earlier message had gone is told here.
    ///
    /// A signal doesn't show ([`Interrupted`](io::ErrorKind::Interrupted)).
    #[inline]
    pub fn send(&mut self, message: &[u8]) -> io::Result<()> {
        let Self { target, outbox } = self;
        outbox.send(message, &mut |slices: &[IoSlice<'_>]| write(target, slices))
    }

    /// Sends all that was taken.
    ///
    /// # Errors
    /// As for [`send`](Self::send); what has not gone is kept for the next call.
    pub fn flush(&mut self) -> io::Result<()> {
        let Self { target, outbox } = self;
        outbox.flush(&mut |slices: &[IoSlice<'_>]| write(target, slices))?;
        target.flush()
    }
}

fn write(target: &mut impl Write, slices: &[IoSlice<'_>]) -> io::Result<usize> {
    match slices {
        [single] => target.write(single),
        several => target.write_vectored(several),
    }
}
