//! Listeners on tokio.

use super::{Keeper, Stream};
use crate::{
    error::{AddressError, CannotListen, ConversionError, FromFdError, Operation},
    name::Name,
    options::{ListenerNonblockingMode, ListenerOptions},
    sealed::Sealed,
    sys::unix::{
        adopt::adopt,
        bind::{Bound, bind},
        descriptors,
        guarded::Guarded,
        listener::{self, Parts},
        reclaim::Reclaim,
        socket,
    },
    traits,
};
use ::tokio::net::{UnixListener, UnixStream};
use std::{
    io,
    os::{
        fd::{AsFd, BorrowedFd, OwnedFd},
        unix::net::{UnixListener as StdUnixListener, UnixStream as StdUnixStream},
    },
    sync::Arc,
};

/// A listener on a Unix domain socket on tokio: what
/// [`local_socket::tokio::Listener`](crate::tokio::Listener) holds.
#[derive(Debug)]
pub struct Listener {
    // First, because it must be dropped before the socket is closed.
    reclaim: Option<Reclaim>,
    socket: UnixListener,
    // After the socket, because it must be the last to be closed.
    keeper: Keeper,
    name: Option<Name<'static>>,
}

impl Listener {
    /// Where it listens, if it was made from options. `None` also for a descriptor that was bound to
    /// what can't be written as a name, such as an id in the abstract namespace with a NUL in it.
    #[must_use]
    pub fn name(&self) -> Option<&Name<'static>> {
        self.name.as_ref()
    }

    /// Tokio's listener within.
    ///
    /// Streams that are accepted from that one receive descriptors that nobody asked for where the
    /// kernel can't refuse them.
    #[must_use]
    pub fn inner(&self) -> &UnixListener {
        &self.socket
    }

    /// Tokio's listener within, mutably. See [`inner`](Self::inner).
    pub fn inner_mut(&mut self) -> &mut UnixListener {
        &mut self.socket
    }

    /// Accepts a client if one is there, and never waits.
    ///
    /// # Errors
    /// [`WouldBlock`](io::ErrorKind::WouldBlock) if nobody is there; the rest as for
    /// [`accept`](traits::tokio::Listener::accept).
    ///
    /// # Panics
    /// When a client is there, outside a tokio runtime with I/O enabled; it is turned away then.
    pub fn try_accept(&self) -> io::Result<Stream> {
        let client = StdUnixStream::from(socket::accept(self.as_fd(), true)?);
        let suspect = self.is_suspect(client.as_fd());
        Stream::new(UnixStream::from_std(client)?, suspect)
    }

    /// Whether a stream of its may receive descriptors that nobody asked for.
    fn is_suspect(&self, client: BorrowedFd<'_>) -> bool {
        self.keeper.is_some() && !descriptors::are_refused(client)
    }

    /// As [`create_tokio_from`](crate::os::unix::ListenerOptionsExt::create_tokio_from).
    pub(crate) fn from_fd(
        fd: OwnedFd,
        options: ListenerOptions<'_>,
    ) -> Result<Self, FromFdError<CannotListen>> {
        let options = options.nonblocking(ListenerNonblockingMode::Accept);
        let (bound, name) = adopt(fd, &options)?;
        let listener = Self::register(bound).map_err(ConversionError::from_cause)?;
        Ok(Self { name, ..listener })
    }

    /// Has the runtime wait for clients of a nonblocking socket.
    fn register(bound: Bound) -> io::Result<Self> {
        // Registering takes the socket, and closes it when it fails or panics. The file must be
        // removed before the last descriptor is closed, which is this one until then.
        let spare = OwnedFd::from(bound.socket.try_clone()?);
        let spare = Guarded::new(spare, bound.socket.is_suspect()).holding_a_name();
        let Bound { reclaim, socket } = bound;
        let socket = UnixListener::from_std(socket.into_inner())?;
        let keeper = spare.is_suspect().then(|| Arc::new(spare));
        Ok(Self { reclaim, socket, keeper, name: None })
    }
}

impl Sealed for Listener {}

impl traits::tokio::Listener for Listener {
    type Stream = Stream;

    fn from_options(options: ListenerOptions<'_>) -> io::Result<Self> {
        let options = options.nonblocking(ListenerNonblockingMode::Accept);
        let listener = Self::register(bind(&options)?).map_err(|cause| match &options.name {
            Some(name) => AddressError::wrap(Operation::Listen, name, None, cause),
            None => cause,
        })?;
        Ok(Self { name: options.name.map(Name::into_owned), ..listener })
    }

    // No `poll_accept`: of the tasks that wait in that one only the last is woken.
    async fn accept(&self) -> io::Result<Stream> {
        loop {
            match self.socket.accept().await {
                Err(error) if error.kind() == io::ErrorKind::ConnectionAborted => {}
                Err(error) => return Err(error),
                Ok((client, _)) => {
                    socket::prepare(client.as_fd());
                    let suspect = self.is_suspect(client.as_fd());
                    return Stream::new(client, suspect);
                }
            }
        }
    }

    fn do_not_reclaim_name_on_drop(&mut self) {
        if let Some(reclaim) = self.reclaim.take() {
            reclaim.forget();
        }
    }
}

impl AsFd for Listener {
    fn as_fd(&self) -> BorrowedFd<'_> {
        self.socket.as_fd()
    }
}

/// The socket is made nonblocking. The name, if there is one, is given back by the new listener.
///
/// # Errors
/// Those of fcntl(2) and of registering with the runtime. The listener is dropped then.
///
/// # Panics
/// Outside a tokio runtime with I/O enabled. The listener is dropped then.
impl TryFrom<listener::Listener> for Listener {
    type Error = io::Error;

    fn try_from(listener: listener::Listener) -> io::Result<Self> {
        let Parts { reclaim, socket, suspect, name } = listener.into_parts();
        let bound = Bound { reclaim, socket: Guarded::new(socket, suspect).holding_a_name() };
        bound.socket.set_nonblocking(true)?;
        Ok(Self { name, ..Self::register(bound)? })
    }
}

/// The socket is made nonblocking. It has no name to give back, and its streams receive
/// descriptors as any socket does.
///
/// # Errors
/// Those of fcntl(2) and of registering with the runtime. The descriptor is closed then.
///
/// # Panics
/// Outside a tokio runtime with I/O enabled. The descriptor is closed then.
impl TryFrom<OwnedFd> for Listener {
    type Error = io::Error;

    fn try_from(fd: OwnedFd) -> io::Result<Self> {
        let socket = StdUnixListener::from(fd);
        socket.set_nonblocking(true)?;
        let socket = UnixListener::from_std(socket)?;
        Ok(Self { reclaim: None, socket, keeper: None, name: None })
    }
}

/// The socket stays nonblocking, and its file where it is.
///
/// # Errors
/// Those of leaving the runtime; none is known.
impl TryFrom<Listener> for OwnedFd {
    type Error = io::Error;

    fn try_from(mut listener: Listener) -> io::Result<Self> {
        traits::tokio::Listener::do_not_reclaim_name_on_drop(&mut listener);
        Ok(listener.socket.into_std()?.into())
    }
}

#[cfg(all(test, target_os = "linux"))]
mod tests;
