//! What listeners on tokio can do.

use super::Stream;
use crate::{options::ListenerOptions, sealed::Sealed};
use std::io;

/// What accepts connections on tokio.
pub trait Listener: Send + Sync + Sized + Sealed {
    /// The stream that accepting gives.
    type Stream: Stream;

    /// Creates a listener. The same as [`ListenerOptions::create_tokio_as`].
    ///
    /// # Errors
    /// As for [`ListenerOptions::create_sync`].
    ///
    /// # Panics
    /// On Unix, outside a tokio runtime with I/O enabled.
    fn from_options(options: ListenerOptions<'_>) -> io::Result<Self>;

    /// Waits for a client and gives its stream.
    ///
    /// Several tasks may accept from one listener; each client goes to one of them. A client that
    /// gave up while it waited is skipped, as is one that the options [turn
    /// away](ListenerOptions::allow); other tasks get their turn in between. If the future is
    /// dropped before it is done, no client is lost: it stays in the queue.
    ///
    /// # Errors
    /// `EMFILE`, `ENFILE`, `ENOMEM`: for want of resources (accept(2)). It is told at once, and the
    /// client is still in the queue, so wait before trying again, or the next call says the same.
    ///
    /// What a stream needs after it was accepted can be lacking too, and then the client is turned
    /// away: room for what the runtime waits for (`ENOSPC`, epoll_ctl(2)), or (`EMFILE`) the second
    /// descriptor that a stream has which
    /// [sheds descriptors](crate::os::unix::uds_local_socket::tokio::Stream::sheds_descriptors).
    ///
    /// # Panics
    /// If a function given to [`Allow::by`](crate::Allow::by) or
    /// [`on_refused`](ListenerOptions::on_refused) does. The client is turned away then, and the
    /// listener goes on.
    fn accept(&self) -> impl Future<Output = io::Result<Self::Stream>> + Send + Sync;

    /// From now on, dropping the listener leaves its socket file, as
    /// [`reclaim_name(false)`](ListenerOptions::reclaim_name) does.
    fn do_not_reclaim_name_on_drop(&mut self);
}
