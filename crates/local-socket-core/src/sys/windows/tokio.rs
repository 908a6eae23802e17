//! Pipes on tokio.
//!
//! They need no runtime's driver: whoever waits is woken by the one thread of this crate that waits
//! for the system ([`port`](super::port)). Tokio's own named pipes aren't used, for two reasons.
//! They are always one read of 4,096 bytes ahead of the program, which a stream that is taken out
//! of the runtime would lose, and they can't tell an empty message, with which a stream ends, from a
//! read without bytes. The drawback: tokio's types can't be made of these.

mod alarm;
mod connect;
mod halves;
mod listener;
mod stream;
mod waiters;

pub use halves::{RecvHalf, SendHalf};
pub use listener::Listener;
pub use stream::Stream;
