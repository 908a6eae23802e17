//! Who is ready? One driver per operating system behind one interface: `new`, `add`, `modify`,
//! `remove` and `wait`. `wake.rs` learns in the driver's own way when `wait` would report
//! something: epoll has a descriptor that is readable then (`AsFd`), Windows' queue rings a bell.
//!
//! Edge-triggered: what is ready is told once, and again only after the kernel had nothing more
//! to give, so that data which nobody reads doesn't wake the loop. Registered for input alone;
//! output is added after the kernel refused bytes and removed when they are gone, since an edge
//! for both costs 1.4 wake-ups a round trip instead of 1.0.

#[cfg(any(target_os = "linux", target_os = "android"))]
mod epoll;

#[cfg(windows)]
mod queue;

#[cfg(any(target_os = "linux", target_os = "android"))]
pub use epoll::Poller;
#[cfg(windows)]
pub use queue::{Poller, Watched};

use crate::endpoint::Token;

/// What an endpoint waits for.
#[derive(Clone, Copy, PartialEq, Eq)]
pub enum Interest {
    /// Data, a connection, the end, an error.
    Input,
    /// The same, and room to write.
    InputAndOutput,
}

/// What became ready. These bits cross to JavaScript.
#[derive(Clone, Copy)]
pub struct Ready {
    /// Whose readiness it is.
    pub token: Token,
    /// [`READABLE`], [`WRITABLE`] and [`LASTING`].
    pub flags: i32,
}

/// Reading (or accepting) will tell something: data, the end, an error, a connection.
pub const READABLE: i32 = 1;
/// Writing will tell something: room or an error.
pub const WRITABLE: i32 = 2;
/// A read that got less than it had room for says nothing about what is left: the end or an error
/// has been announced, and nothing will announce it again, or reads may stop short.
pub const LASTING: i32 = 4;
