//! Messages over a stream of bytes.
//!
//! A stream keeps no boundaries: what was written by one call may arrive in pieces, or together
//! with what was written before and after. Here each message is preceded by its length, so that it
//! arrives as it was sent.
//!
//! ```
//! use local_socket::{ConnectOptions, GenericNamespaced, ListenerOptions, prelude::*};
//! use local_socket::framed::{FramedReader, FramedWriter};
//!
//! # fn main() -> std::io::Result<()> {
//! # let id = format!("framed-doc-{}.sock", std::process::id());
//! # let name = id.as_str().to_ns_name::<GenericNamespaced>()?;
//! # let listener = ListenerOptions::new().name(name.borrow()).create_sync()?;
//! let client = ConnectOptions::new().name(name).connect_sync()?;
//! let server = listener.accept()?;
//!
//! let mut outgoing = FramedWriter::new(&client);
//! outgoing.send(b"hello")?;
//! outgoing.send(b"")?;
//! outgoing.flush()?;
//! client.shutdown_write()?;
//!
//! let mut incoming = FramedReader::new(&server);
//! assert_eq!(incoming.recv()?, Some(&b"hello"[..]));
//! assert_eq!(incoming.recv()?, Some(&b""[..]));
//! assert_eq!(incoming.recv()?, None);
//! # Ok(())
//! # }
//! ```
//!
//! # On the wire
//! A length, of four bytes and big-endian unless [`Format`] says otherwise, counts the bytes that
//! follow it: `hello` is `00 00 00 05 68 65 6c 6c 6f`. That, and the limit of 8 MiB, are the
//! defaults of tokio-util's
//! [`LengthDelimitedCodec`](https://docs.rs/tokio-util/0.7/tokio_util/codec/length_delimited/), so
//! that either may be at the other end. There is no hello, no checksum and no end mark: the end of
//! the stream between two messages is the end.
//!
//! # Limits
//! - [`Format::max_length`]: a longer message isn't sent, and a longer length that arrives ends
//!   receiving, with an error.
//! - Memory follows what arrives and never what a length claims; see [`Decoder`].
//! - What is gathered for sending is 64 KiB; see [`FramedWriter`].
//!
//! # Which to take
//! [`FramedReader`] and [`FramedWriter`] read and write streams that block or don't; those in
//! `framed::tokio` (cargo feature `tokio`) wait without blocking. [`Decoder`] and [`Format`] do the
//! same without any I/O, for an event loop of your own.

mod decoder;
mod error;
mod format;
mod outbox;
mod reader;
#[cfg(feature = "tokio")]
pub mod tokio;
mod writer;

pub use decoder::{Decoder, Messages};
pub use error::{DecodeError, FormatError, MessageTooLong};
pub use format::{ByteOrder, Format, FormatBuilder, Header};
pub use reader::FramedReader;
pub use writer::FramedWriter;
