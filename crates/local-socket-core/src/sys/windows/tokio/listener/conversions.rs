//! Listeners on tokio from and to what programs have.

use super::Listener;
use crate::sys::windows::listener;
use std::io;

/// Clients who wait already stay where they are.
///
/// # Errors
/// Those of being told of clients. The listener is dropped then.
impl TryFrom<listener::Listener> for Listener {
    type Error = io::Error;

    fn try_from(listener: listener::Listener) -> io::Result<Self> {
        Self::watching(listener)
    }
}

/// The mode is what it was; of a listener that was made on tokio, accepting is nonblocking
/// ([`set_nonblocking`](crate::traits::Listener::set_nonblocking)) and the streams block.
impl From<Listener> for listener::Listener {
    fn from(listener: Listener) -> Self {
        listener.listener
    }
}
