//! What listeners, streams and halves can do, whatever the system and whoever made them.
//!
//! The dispatch enums at the crate's root and the system's own types in [`os`](crate::os) both
//! implement these. Other crates can't.

pub(crate) mod listener;
mod stream;
#[cfg(feature = "tokio")]
pub mod tokio;

pub use listener::{Listener, ListenerExt};
pub use stream::{RecvHalf, ReuniteResult, SendHalf, Stream, StreamCommon};
