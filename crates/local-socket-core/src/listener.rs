//! The listener as programs use it: an enum with one variant per system.

use crate::{
    name::Name,
    options::{ListenerNonblockingMode, ListenerOptions},
    sealed::Sealed,
    stream::Stream,
    sys::current as sys,
    traits::{self, Listener as _},
};
#[cfg(windows)]
use Listener::NamedPipe as Os;
#[cfg(unix)]
use Listener::UdSocket as Os;
use std::{io, iter::FusedIterator};

/// What accepts connections. There is one variant for each system, so that
/// `let Listener::UdSocket(listener) = listener;` gives what the system has on top.
///
/// The methods are in [`traits::Listener`] and [`traits::ListenerExt`], which the
/// [`prelude`](crate::prelude) brings in; those here exist beyond the traits.
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
    /// Takes the name and listens.
    ///
    /// # Errors
    /// The system's own (see bind(2)) within an [`AddressError`](crate::error::AddressError) that
    /// holds the name; [`os_error`](crate::error::os_error) gives the number. No file is left then.
    /// - [`AddrInUse`](io::ErrorKind::AddrInUse): the name is taken, or what is at the path isn't a
    ///   socket, or is one that isn't taken over, as [`stale`](Self::stale) says.
    ///   [`AddressError::advice`](crate::error::AddressError::advice) tells which, and what to do.
    ///   On Windows: another listener has the pipe, or a connection of one that is gone is still
    ///   open at either end, which keeps the pipe.
    /// - [`NotFound`](io::ErrorKind::NotFound): there is no such folder.
    /// - [`PermissionDenied`](io::ErrorKind::PermissionDenied): files can't be made there, or
    ///   somebody replaced the file before it had its mode. On Windows, pipes of such a name can't be
    ///   made by this program, or its own security descriptor keeps it from making more instances.
    /// - [`TimedOut`](io::ErrorKind::TimedOut): as
    ///   [`max_spin_time`](Self::max_spin_time) says.
    /// - [`Unsupported`](io::ErrorKind::Unsupported): the file system, or the system, can't
    ///   overwrite.
    ///
    /// [`InvalidInput`](io::ErrorKind::InvalidInput) without a name, and for
    /// [limits](Self::max_connections) of 0.
    pub fn create_sync(self) -> io::Result<Listener> {
        self.create_sync_as()
    }

    /// As [`create_sync`](Self::create_sync), for a type of your choice.
    ///
    /// # Errors
    /// As for [`create_sync`](Self::create_sync).
    pub fn create_sync_as<L: traits::Listener>(self) -> io::Result<L> {
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

    /// Accepts a client if one is there.
    ///
    /// Never waits if accepting is nonblocking ([`ListenerNonblockingMode`]). Otherwise it first
    /// asks whether somebody is there, and waits only if another thread or process that shares
    /// the socket takes that client first.
    ///
    /// # Errors
    /// Those of [`accept`](traits::Listener::accept), as if accepting were nonblocking:
    /// [`WouldBlock`](io::ErrorKind::WouldBlock) if nobody is there.
    pub fn try_accept(&self) -> io::Result<Stream> {
        self.os().try_accept().map(Stream::from)
    }
}

impl Sealed for Listener {}

impl traits::Listener for Listener {
    type Stream = Stream;

    fn accept(&self) -> io::Result<Stream> {
        self.os().accept().map(Stream::from)
    }

    fn set_nonblocking(&self, nonblocking: ListenerNonblockingMode) -> io::Result<()> {
        self.os().set_nonblocking(nonblocking)
    }

    fn do_not_reclaim_name_on_drop(&mut self) {
        let Os(listener) = self;
        listener.do_not_reclaim_name_on_drop();
    }

    fn from_options(options: ListenerOptions<'_>) -> io::Result<Self> {
        sys::Listener::from_options(options).map(Self::from)
    }
}

/// Accepts for ever and yields errors too.
impl Iterator for Listener {
    type Item = io::Result<Stream>;

    fn next(&mut self) -> Option<Self::Item> {
        Some(self.accept())
    }

    fn size_hint(&self) -> (usize, Option<usize>) {
        (usize::MAX, None)
    }
}

impl FusedIterator for Listener {}

impl From<sys::Listener> for Listener {
    fn from(listener: sys::Listener) -> Self {
        Os(listener)
    }
}
