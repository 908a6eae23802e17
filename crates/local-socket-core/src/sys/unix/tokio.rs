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

use super::guarded::Guarded;
use std::{os::fd::OwnedFd, sync::Arc};

/// A second descriptor of a suspect's socket, `None` for others. The socket is tokio's, which can't
/// be closed on the reaper thread; so it must not be the last one that is closed. Declared after it
/// and shared by halves, this one is.
type Keeper = Option<Arc<Guarded<OwnedFd>>>;
