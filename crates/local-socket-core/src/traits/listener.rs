//! What listeners can do.

use super::Stream;
use crate::{
    options::{ListenerNonblockingMode, ListenerOptions},
    sealed::Sealed,
};
use std::{fmt::Debug, io, iter::FusedIterator};

/// What accepts connections. As an iterator it accepts for ever, and yields errors too.
pub trait Listener:
    Iterator<Item = io::Result<Self::Stream>> + FusedIterator + Debug + Send + Sync + Sized + Sealed
{
    /// The stream that accepting gives.
    type Stream: Stream;

    /// Waits for a client and gives its stream.
    ///
    /// Several threads may accept from one listener; each client goes to one of them. A client
    /// that gave up while it waited is skipped, as is one that the options
    /// [turn away](ListenerOptions::allow), and a signal doesn't interrupt the wait.
    ///
    /// # Errors
    /// - `EMFILE`, `ENFILE`, `ENOMEM`: for want of resources (accept(2)). It is told at once, and
    ///   the client is still in the queue, so wait before trying again, or the next call says the
    ///   same. On Windows it is what the system says when it can't make an instance of the pipe in
    ///   place of the last one: that is kept, and its client with it, so that the name is.
    ///
    /// If accepting is nonblocking, also
    /// - [`WouldBlock`](io::ErrorKind::WouldBlock): nobody is there.
    /// - [`ConnectionAborted`](io::ErrorKind::ConnectionAborted): 64 clients in a row were turned
    ///   away, and more may be there. Do what else there is to do, then accept again.
    /// - `ENOBUFS`: others that were turned away aren't closed yet. Wait before trying again, as
    ///   above.
    ///
    /// # Panics
    /// If a function given to [`Allow::by`](crate::Allow::by) or
    /// [`on_refused`](ListenerOptions::on_refused) does. The client is turned away then, and the
    /// listener goes on.
    fn accept(&self) -> io::Result<Self::Stream>;

    /// Changes what of the listener doesn't block. Streams made before stay as they are.
    ///
    /// # Errors
    /// Whatever the system says; none is known.
    fn set_nonblocking(&self, nonblocking: ListenerNonblockingMode) -> io::Result<()>;

    /// From now on, dropping the listener leaves its socket file, as
    /// [`reclaim_name(false)`](ListenerOptions::reclaim_name) does.
    fn do_not_reclaim_name_on_drop(&mut self);

    /// Creates a listener. The same as [`ListenerOptions::create_sync_as`].
    ///
    /// # Errors
    /// As for [`ListenerOptions::create_sync`].
    fn from_options(options: ListenerOptions<'_>) -> io::Result<Self>;
}

/// What every listener has on top.
pub trait ListenerExt: Listener {
    /// Accepts for ever through a shared reference. Yields errors too and never ends.
    fn incoming(&self) -> Incoming<'_, Self> {
        self.into()
    }
}

impl<L: Listener> ListenerExt for L {}

/// An endless iterator over the clients of a listener, made by [`ListenerExt::incoming`].
#[derive(Debug)]
pub struct Incoming<'a, L> {
    listener: &'a L,
}

impl<'a, L: Listener> From<&'a L> for Incoming<'a, L> {
    fn from(listener: &'a L) -> Self {
        Self { listener }
    }
}

impl<L: Listener> Iterator for Incoming<'_, L> {
    type Item = io::Result<L::Stream>;

    fn next(&mut self) -> Option<Self::Item> {
        Some(self.listener.accept())
    }

    fn size_hint(&self) -> (usize, Option<usize>) {
        (usize::MAX, None)
    }
}

impl<L: Listener> FusedIterator for Incoming<'_, L> {}
