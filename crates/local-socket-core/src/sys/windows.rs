//! Windows named pipes.

mod admission;
mod connect;
mod creds;
mod halves;
mod listener;
mod name;
pub(crate) mod pipe;
pub(crate) mod security;
mod stream;
#[cfg(feature = "tokio")]
pub(crate) mod tokio;

pub use halves::{RecvHalf, SendHalf};
pub use listener::Listener;
pub use name::NamedPipe;
pub(crate) use name::pipe_name;
pub use stream::Stream;
