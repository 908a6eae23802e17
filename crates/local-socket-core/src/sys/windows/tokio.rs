//! Pipes on tokio.
//!
//! They need no runtime's driver: whoever waits is woken by the one thread of this crate that waits
//! for the system ([`port`](super::port)). Tokio's own named pipes aren't used, for two reasons:
//! they read 4,096 bytes at a time and no more, and they can't tell an empty message, with which a
//! stream ends, from a read without bytes. The drawback: neither can be made of the other.

mod alarm;
mod connect;
mod halves;
mod listener;
mod stream;
mod waiters;

pub use halves::{RecvHalf, SendHalf};
pub use listener::Listener;
pub use stream::Stream;
