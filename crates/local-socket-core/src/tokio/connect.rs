//! From options to a stream on tokio.

use super::Stream;
use crate::{options::ConnectOptions, traits};
use std::io;

impl ConnectOptions<'_> {
    /// Connects on tokio and gives a stream, which is connected whatever the
    /// [wait mode](Self::wait_mode). The options may be used again.
    ///
    /// [`nonblocking_stream`](Self::nonblocking_stream) says nothing here: no stream on tokio
    /// blocks. Nothing happens until the future is polled, and a time limit counts from then on.
    ///
    /// Linux has no event for the moment there is room in a full backlog (connect(2)), so attempts
    /// are repeated then: the first pause is 1 ms long, each one twice as long as the one before
    /// it, and none longer than 20 ms. Who waits in a blocking
    /// [`connect_sync`](Self::connect_sync) wakes at once and goes first. Each connection that waits
    /// has one more descriptor (timerfd_create(2)); the runtime's timers aren't needed. Windows has
    /// such an event only for threads, so attempts are repeated there in the same way; one thread
    /// sees to the pauses of all connections that wait, while there are any.
    ///
    /// If the future is dropped before it is done, the socket is closed and nothing is left behind,
    /// also not in the listener's backlog.
    ///
    /// # Errors
    /// As for [`connect_sync`](Self::connect_sync), and for want of resources, such as descriptors
    /// (`EMFILE`) or what the runtime's epoll_ctl(2) needs (`ENOSPC`): who listens may then have
    /// seen a client that closed at once.
    ///
    /// # Panics
    /// On Unix, when polled outside a tokio runtime with I/O enabled.
    pub fn connect_tokio(&self) -> impl Future<Output = io::Result<Stream>> + Send + Sync + '_ {
        self.connect_tokio_as()
    }

    /// As [`connect_tokio`](Self::connect_tokio), for a type of your choice.
    ///
    /// # Errors
    /// As for [`connect_tokio`](Self::connect_tokio).
    ///
    /// # Panics
    /// As for [`connect_tokio`](Self::connect_tokio).
    pub fn connect_tokio_as<S: traits::tokio::Stream>(
        &self,
    ) -> impl Future<Output = io::Result<S>> + Send + Sync + '_ {
        S::from_options(self)
    }
}
