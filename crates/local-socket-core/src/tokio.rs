//! Local sockets on tokio. Cargo feature `tokio`.
//!
//! The same streams and listeners as at the crate's root, for tasks instead of threads. The methods
//! are in [`traits::tokio`], which the [`prelude`] brings in. On Unix a runtime with I/O enabled is
//! needed, and no timers. On Windows no runtime is needed at all: one thread of this crate's waits
//! for the pipes of the process and wakes the tasks.
//!
//! ```no_run
//! use local_socket::{ConnectOptions, GenericNamespaced, ListenerOptions, tokio::prelude::*};
//! use tokio::io::{AsyncReadExt, AsyncWriteExt};
//!
//! # async fn run() -> std::io::Result<()> {
//! let name = "my-app.sock".to_ns_name::<GenericNamespaced>()?;
//! let listener = ListenerOptions::new().name(name.borrow()).create_tokio()?;
//!
//! let mut client = ConnectOptions::new().name(name).connect_tokio().await?;
//! let mut server = listener.accept().await?;
//! client.write_all(b"hello").await?;
//! client.shutdown().await?;
//! let mut heard = String::new();
//! server.read_to_string(&mut heard).await?;
//! # Ok(())
//! # }
//! ```
//!
//! # Cancelling
//! What a future that is dropped before it is done leaves behind, is said where it is made. In
//! short: connecting and accepting leave nothing and lose nobody, a single read or write took
//! nothing.
//!
//! # What differs from tokio's own sockets
//! - Writing to a peer that has gone is an error and never the signal SIGPIPE.
//! - On Windows they aren't tokio's named pipes and can't be made of them, nor of interprocess's: a
//!   handle belongs for good to the completion port that waits for it. What they do better: an end of
//!   stream, reads of more than 4,096 bytes at a time, a flush that waits until the system has the
//!   bytes.
//! - `try_read` and `try_write` ask the system, and not only the runtime whether it has heard of
//!   something.
//! - A read that is short says nothing of what is left. Tokio takes it for the last of what is
//!   there, and then waits for yet more where bytes came with descriptors.
//! - Reading and writing go through a shared reference, too.

mod connect;
mod forward;
mod halves;
mod listener;
pub mod prelude;
mod stream;

pub(crate) use forward::forward;
pub use halves::{RecvHalf, SendHalf};
pub use listener::Listener;
pub use stream::Stream;

use crate::{error, traits};

/// Two halves that don't belong together.
pub type ReuniteError = error::ReuniteError<RecvHalf, SendHalf>;
/// What [`traits::tokio::Stream::reunite`] gives.
pub type ReuniteResult = traits::tokio::ReuniteResult<Stream>;
