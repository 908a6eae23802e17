//! Pipes on tokio.

mod halves;
mod listener;
mod stream;

pub use halves::{RecvHalf, SendHalf};
pub use listener::Listener;
pub use stream::Stream;
