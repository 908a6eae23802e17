//! Messages over whatever tokio reads and writes. Cargo feature `tokio`.
//!
//! ```
//! use local_socket::framed::tokio::{FramedReader, FramedWriter};
//!
//! # #[tokio::main(flavor = "current_thread")]
//! # async fn main() -> std::io::Result<()> {
//! let (client, server) = tokio::io::duplex(1024);
//! let mut outgoing = FramedWriter::new(client);
//! outgoing.send(b"hello").await?;
//! outgoing.shutdown().await?;
//!
//! let mut incoming = FramedReader::new(server);
//! assert_eq!(incoming.recv().await?, Some(&b"hello"[..]));
//! assert_eq!(incoming.recv().await?, None);
//! # Ok(())
//! # }
//! ```

mod reader;
mod writer;

pub use reader::FramedReader;
pub use writer::FramedWriter;
