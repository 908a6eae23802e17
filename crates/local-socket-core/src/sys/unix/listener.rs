//! Listeners.

mod conversions;

use super::{
    admission::{Admission, MOST_REFUSED_IN_A_ROW},
    adopt::adopt,
    bind::{Bound, bind},
    descriptors,
    guarded::Guarded,
    reaper,
    reclaim::Reclaim,
    socket,
    stream::Stream,
};
use crate::{
    error::{CannotListen, FromFdError},
    name::Name,
    options::{ListenerNonblockingMode, ListenerOptions},
    sealed::Sealed,
    traits,
};
use rustix::{
    event::{PollFd, PollFlags, Timespec, poll},
    io::Errno,
};
use std::{
    io,
    iter::FusedIterator,
    os::{
        fd::{AsFd, OwnedFd},
        unix::net::UnixListener,
    },
    sync::atomic::{AtomicBool, Ordering::Relaxed},
};

/// A listener on a Unix domain socket: what [`local_socket::Listener`](crate::Listener) holds.
///
/// Made from a [`UnixListener`] or a descriptor, it has no name to give back and makes blocking
/// streams that receive descriptors as any socket does. It lets everybody in.
#[derive(Debug)]
pub struct Listener {
    // First, because it must be dropped before the socket is closed.
    reclaim: Option<Reclaim>,
    socket: Guarded<UnixListener>,
    nonblocking_accept: AtomicBool,
    nonblocking_streams: AtomicBool,
    admission: Admission,
    name: Option<Name<'static>>,
}

/// What a listener is made of, for a listener of another kind.
#[cfg(feature = "tokio")]
pub(super) struct Parts {
    // First, because it must be dropped before the socket is closed.
    pub(super) reclaim: Option<Reclaim>,
    pub(super) socket: UnixListener,
    pub(super) suspect: bool,
    pub(super) admission: Admission,
    pub(super) name: Option<Name<'static>>,
}

impl Listener {
    /// Takes it apart. Nothing is closed or removed.
    #[cfg(feature = "tokio")]
    pub(super) fn into_parts(self) -> Parts {
        let Self { reclaim, socket, admission, name, .. } = self;
        let suspect = socket.is_suspect();
        Parts { reclaim, socket: socket.into_inner(), suspect, admission, name }
    }

    /// As [`create_sync_from`](crate::os::unix::ListenerOptionsExt::create_sync_from).
    pub(crate) fn from_fd(
        fd: OwnedFd,
        options: &ListenerOptions<'_>,
    ) -> Result<Self, FromFdError<CannotListen>> {
        let (bound, name) = adopt(fd, options)?;
        Ok(Self::assemble(bound, name, options))
    }

    fn assemble(bound: Bound, name: Option<Name<'static>>, options: &ListenerOptions<'_>) -> Self {
        Self {
            admission: Admission::new(options, bound.socket.is_suspect()),
            reclaim: bound.reclaim,
            socket: bound.socket,
            nonblocking_accept: options.nonblocking.accept_nonblocking().into(),
            nonblocking_streams: options.nonblocking.stream_nonblocking().into(),
            name,
        }
    }

    /// Where it listens, if it was made from options. `None` also for a descriptor that was bound
    /// to what can't be written as a name, such as an id in the abstract namespace with a NUL in
    /// it.
    #[must_use]
    pub fn name(&self) -> Option<&Name<'static>> {
        self.name.as_ref()
    }

    /// How many clients have been turned away, as [`allow`](ListenerOptions::allow),
    /// [`max_connections`](ListenerOptions::max_connections) and
    /// [`max_connections_per_user`](ListenerOptions::max_connections_per_user) say.
    #[must_use]
    pub fn refused(&self) -> u64 {
        self.admission.refused()
    }

    /// The standard library's listener within. It lets everybody in.
    #[must_use]
    pub fn inner(&self) -> &UnixListener {
        &self.socket
    }

    /// The standard library's listener within, mutably. It lets everybody in.
    pub fn inner_mut(&mut self) -> &mut UnixListener {
        &mut self.socket
    }

    /// Whether streams accepted from now on are nonblocking, without a change to accepting.
    pub fn set_new_stream_nonblocking(&self, nonblocking: bool) {
        self.nonblocking_streams.store(nonblocking, Relaxed);
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
        let asks = !self.nonblocking_accept.load(Relaxed);
        for _ in 0..MOST_REFUSED_IN_A_ROW {
            if asks && !self.somebody_is_there()? {
                return Err(Errno::AGAIN.into());
            }
            if self.admission.must_wait_for_reaper() {
                return Err(Errno::NOBUFS.into());
            }
            if let Some(stream) = self.accept_one()? {
                return Ok(stream);
            }
        }
        Err(Errno::CONNABORTED.into())
    }

    /// `None` if the client was turned away.
    fn accept_one(&self) -> io::Result<Option<Stream>> {
        let client = socket::accept(self.as_fd(), self.nonblocking_streams.load(Relaxed))?;
        Ok(self.admission.admit(client, Ok)?.map(|(client, ticket)| {
            let suspect = self.socket.is_suspect() && !descriptors::are_refused(client.as_fd());
            Stream::accepted(client, suspect, ticket)
        }))
    }

    fn somebody_is_there(&self) -> io::Result<bool> {
        let mut fds = [PollFd::new(&*self.socket, PollFlags::IN)];
        let at_once = Timespec { tv_sec: 0, tv_nsec: 0 };
        Ok(rustix::io::retry_on_intr(|| poll(&mut fds, Some(&at_once)))? > 0)
    }

    fn without_reclaim(mut self) -> Guarded<UnixListener> {
        if let Some(reclaim) = self.reclaim.take() {
            reclaim.forget();
        }
        self.socket
    }
}

impl Sealed for Listener {}

impl traits::Listener for Listener {
    type Stream = Stream;

    fn accept(&self) -> io::Result<Stream> {
        if self.nonblocking_accept.load(Relaxed) {
            return self.try_accept();
        }
        loop {
            if self.admission.must_wait_for_reaper() {
                reaper::wait_for_room();
            }
            if let Some(stream) = self.accept_one()? {
                return Ok(stream);
            }
        }
    }

    fn set_nonblocking(&self, nonblocking: ListenerNonblockingMode) -> io::Result<()> {
        self.socket.set_nonblocking(nonblocking.accept_nonblocking())?;
        self.nonblocking_accept.store(nonblocking.accept_nonblocking(), Relaxed);
        self.nonblocking_streams.store(nonblocking.stream_nonblocking(), Relaxed);
        Ok(())
    }

    fn do_not_reclaim_name_on_drop(&mut self) {
        if let Some(reclaim) = self.reclaim.take() {
            reclaim.forget();
        }
    }

    fn from_options(options: ListenerOptions<'_>) -> io::Result<Self> {
        options.admission.check()?;
        let name = options.name.as_ref().map(|name| name.borrow().into_owned());
        Ok(Self::assemble(bind(&options)?, name, &options))
    }
}

/// Accepts for ever and yields errors too.
impl Iterator for Listener {
    type Item = io::Result<Stream>;

    fn next(&mut self) -> Option<Self::Item> {
        Some(traits::Listener::accept(self))
    }

    fn size_hint(&self) -> (usize, Option<usize>) {
        (usize::MAX, None)
    }
}

impl FusedIterator for Listener {}
