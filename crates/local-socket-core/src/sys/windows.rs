//! Windows named pipes.

mod admission;
mod connect;
mod creds;
mod halves;
mod handle;
mod impersonation;
mod instance;
mod lingering;
mod listener;
mod name;
mod overlapped;
pub(crate) mod pipe;
mod port;
mod reading;
pub(crate) mod security;
mod sid;
mod stream;
#[cfg(test)]
mod testing;
mod token;
#[cfg(feature = "tokio")]
pub(crate) mod tokio;
mod vectored;
mod writing;

pub use halves::{RecvHalf, SendHalf};
pub use listener::Listener;
pub use name::NamedPipe;
pub(crate) use name::pipe_name;
pub use pipe::Readiness;
pub use sid::{ParseSidError, Sid};
pub use stream::Stream;
