//! Unix domain sockets on tokio.
//!
//! The sockets are tokio's own, so that programs can have them. What tokio's do otherwise than ours
//! (descriptors that nobody asked for, a full backlog, SIGPIPE) goes through the functions that
//! blocking streams use, with [`Wait::Never`](super::io::Wait::Never).

mod connect;
mod halves;
mod listener;
mod readiness;
mod stream;
mod timer;

pub use halves::{RecvHalf, SendHalf};
pub use listener::Listener;
pub use stream::Stream;

use super::{admission::Admitted, guarded::Guarded};
use std::{
    io,
    os::fd::{AsFd, OwnedFd},
    sync::Arc,
};

/// What goes with a socket of tokio's, is shared by halves, and is declared after it.
#[derive(Clone, Debug, Default)]
struct Keeper {
    /// A second descriptor of a suspect's socket. Tokio's can't be closed on the reaper thread; so
    /// it must not be the last one that is closed, and this one is.
    suspect: Option<Arc<Guarded<OwnedFd>>>,
    _ticket: Admitted,
}

impl Keeper {
    fn new(socket: impl AsFd, suspect: bool, ticket: Admitted) -> io::Result<Self> {
        let suspect = match suspect {
            true => Some(Arc::new(Guarded::new(socket.as_fd().try_clone_to_owned()?, true))),
            false => None,
        };
        Ok(Self { suspect, _ticket: ticket })
    }

    /// Whether the socket may receive descriptors that nobody asked for.
    fn is_suspect(&self) -> bool {
        self.suspect.is_some()
    }
}
