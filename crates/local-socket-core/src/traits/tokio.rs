//! What listeners, streams and halves on tokio can do. Cargo feature `tokio`.
//!
//! The dispatch enums in [`local_socket::tokio`](crate::tokio) and the system's own types in
//! [`os`](crate::os) both implement these. Other crates can't.

mod listener;
mod stream;

pub use listener::Listener;
pub use stream::{RecvHalf, ReuniteResult, SendHalf, Stream};
