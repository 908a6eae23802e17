//! The listener on tokio as programs use it.

use super::Stream;
use crate::{
    name::Name, options::ListenerOptions, sealed::Sealed, sys::current::tokio as sys, traits,
};
#[cfg(windows)]
use Listener::NamedPipe as Os;
#[cfg(unix)]
use Listener::UdSocket as Os;
use std::io;

/// What accepts connections on tokio. There is one variant for each system, so that
/// `let Listener::UdSocket(listener) = listener;` gives what the system has on top.
///
/// The methods are in [`traits::tokio::Listener`], which the [`prelude`](super::prelude) brings in;
/// those here exist beyond the trait. It can be dropped anywhere, also after its runtime.
#[derive(Debug)]
pub enum Listener {
    /// A Unix domain socket.
    #[cfg(unix)]
    UdSocket(sys::Listener),
    /// A named pipe.
    #[cfg(windows)]
    NamedPipe(sys::Listener),
}

impl ListenerOptions<'_> {
    /// Takes the name and listens on tokio. What [`nonblocking`](Self::nonblocking) says is
    /// ignored: nothing on tokio blocks.
    ///
    /// Taking a path waits for whoever holds the lock of its folder, which holds up the thread, for
    /// [`max_spin_time`](Self::max_spin_time) at most. Others who take a name there hold it for
    /// less than a millisecond. A pipe's name is taken at once or not at all.
    ///
    /// # Errors
    /// As for [`create_sync`](Self::create_sync), and for want of resources, such as what the
    /// runtime's epoll_ctl(2) needs (`ENOSPC`). The name is free again then.
    ///
    /// # Panics
    /// On Unix, outside a tokio runtime with I/O enabled. The name is free again then.
    pub fn create_tokio(self) -> io::Result<Listener> {
        self.create_tokio_as()
    }

    /// As [`create_tokio`](Self::create_tokio), for a type of your choice.
    ///
    /// # Errors
    /// As for [`create_tokio`](Self::create_tokio).
    ///
    /// # Panics
    /// As for [`create_tokio`](Self::create_tokio).
    pub fn create_tokio_as<L: traits::tokio::Listener>(self) -> io::Result<L> {
        L::from_options(self)
    }
}

impl Listener {
    fn os(&self) -> &sys::Listener {
        let Os(listener) = self;
        listener
    }

    /// Where it listens, if it was made from options. `None` also for a descriptor that was bound
    /// to what can't be written as a name, such as an id in the abstract namespace with a NUL in
    /// it.
    #[must_use]
    pub fn name(&self) -> Option<&Name<'static>> {
        self.os().name()
    }

    /// How many clients have been turned away, as [`allow`](ListenerOptions::allow),
    /// [`max_connections`](ListenerOptions::max_connections) and
    /// [`max_connections_per_user`](ListenerOptions::max_connections_per_user) say. One that is
    /// turned away while others are accepted is counted when it is its turn.
    #[must_use]
    pub fn refused(&self) -> u64 {
        self.os().refused()
    }

    /// Accepts a client if one is there, and never waits.
    ///
    /// # Errors
    /// - [`WouldBlock`](io::ErrorKind::WouldBlock): nobody is there.
    /// - [`ConnectionAborted`](io::ErrorKind::ConnectionAborted): 64 clients in a row were turned
    ///   away, and more may be there. Do what else there is to do, then accept again.
    /// - `ENOBUFS`: others that were turned away aren't closed yet. Wait before trying again.
    /// - The rest as for [`accept`](traits::tokio::Listener::accept).
    ///
    /// # Panics
    /// On Unix, when a client is there, outside a tokio runtime with I/O enabled; it is turned away
    /// then.
    pub fn try_accept(&self) -> io::Result<Stream> {
        self.os().try_accept().map(Stream::from)
    }
}

impl Sealed for Listener {}

impl traits::tokio::Listener for Listener {
    type Stream = Stream;

    fn from_options(options: ListenerOptions<'_>) -> io::Result<Self> {
        sys::Listener::from_options(options).map(Self::from)
    }

    async fn accept(&self) -> io::Result<Stream> {
        self.os().accept().await.map(Stream::from)
    }

    fn do_not_reclaim_name_on_drop(&mut self) {
        let Os(listener) = self;
        listener.do_not_reclaim_name_on_drop();
    }
}

impl From<sys::Listener> for Listener {
    fn from(listener: sys::Listener) -> Self {
        Os(listener)
    }
}
