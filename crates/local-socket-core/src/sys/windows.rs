//! Windows named pipes.

mod admission;
mod connect;
mod creds;
mod halves;
mod instance;
mod listener;
mod name;
mod overlapped;
pub(crate) mod pipe;
mod port;
pub(crate) mod security;
mod stream;
#[cfg(feature = "tokio")]
pub(crate) mod tokio;

pub use halves::{RecvHalf, SendHalf};
pub use listener::Listener;
pub use name::NamedPipe;
pub(crate) use name::pipe_name;
pub use stream::Stream;
