//! Local sockets on tokio. Cargo feature `tokio`.
//!
//! The same streams and listeners as at the crate's root, for tasks instead of threads. The methods
//! are in [`traits::tokio`], which the [`prelude`] brings in. A runtime with
//! I/O enabled is needed, and no timers.

mod connect;
mod halves;
mod listener;
pub mod prelude;
mod stream;

pub use halves::{RecvHalf, SendHalf};
pub use listener::Listener;
pub use stream::Stream;

use crate::{error, traits};

/// Two halves that don't belong together.
pub type ReuniteError = error::ReuniteError<RecvHalf, SendHalf>;
/// What [`traits::tokio::Stream::reunite`] gives.
pub type ReuniteResult = traits::tokio::ReuniteResult<Stream>;
