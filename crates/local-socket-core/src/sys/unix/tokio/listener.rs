//! Listeners on tokio.

mod conversions;

use super::{Keeper, Stream};
use crate::{
    error::{AddressError, CannotListen, ConversionError, FromFdError, Operation},
    name::Name,
    options::{ListenerNonblockingMode, ListenerOptions},
    sealed::Sealed,
    sys::unix::{
        admission::{Admission, MOST_REFUSED_IN_A_ROW},
        adopt::adopt,
        bind::{Bound, bind},
        descriptors,
        guarded::Guarded,
        reaper,
        reclaim::Reclaim,
        socket,
    },
    traits,
};
use ::tokio::net::{UnixListener, UnixStream};
use rustix::io::Errno;
use std::{
    future::poll_fn,
    io,
    mem::replace,
    os::fd::{AsFd, BorrowedFd, OwnedFd},
    sync::Arc,
    task::Poll,
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
    admission: Admission,
    name: Option<Name<'static>>,
}

impl Listener {
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

    /// Tokio's listener within.
    ///
    /// That one lets everybody in, and the streams accepted from it receive descriptors that nobody
    /// asked for where the kernel can't refuse them.
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
    /// - [`WouldBlock`](io::ErrorKind::WouldBlock): nobody is there.
    /// - [`ConnectionAborted`](io::ErrorKind::ConnectionAborted): 64 clients in a row were turned
    ///   away, and more may be there. Do what else there is to do, then accept again.
    /// - `ENOBUFS`: others that were turned away aren't closed yet. Wait before trying again.
    /// - The rest as for [`accept`](traits::tokio::Listener::accept).
    ///
    /// # Panics
    /// When a client is there, outside a tokio runtime with I/O enabled; it is turned away then.
    pub fn try_accept(&self) -> io::Result<Stream> {
        for _ in 0..MOST_REFUSED_IN_A_ROW {
            if self.admission.must_wait_for_reaper() {
                return Err(Errno::NOBUFS.into());
            }
            let client = socket::accept(self.as_fd(), true)?;
            if let Some((client, ticket)) = self.admission.admit(client, Ok)? {
                let suspect = self.is_suspect(client.as_fd());
                return Stream::register(Guarded::new(client.into(), suspect), ticket);
            }
        }
        Err(Errno::CONNABORTED.into())
    }

    /// `None` if the client was turned away.
    fn admit(&self, client: UnixStream) -> io::Result<Option<Stream>> {
        let admitted = self.admission.admit(client, |client| Ok(client.into_std()?.into()))?;
        let Some((client, ticket)) = admitted else { return Ok(None) };
        let suspect = self.is_suspect(client.as_fd());
        Stream::accepted(client, suspect, ticket).map(Some)
    }

    /// Whether a stream of its may receive descriptors that nobody asked for.
    fn is_suspect(&self, client: BorrowedFd<'_>) -> bool {
        self.keeper.is_suspect() && !descriptors::are_refused(client)
    }

    /// As [`create_tokio_from`](crate::os::unix::ListenerOptionsExt::create_tokio_from).
    pub(crate) fn from_fd(
        fd: OwnedFd,
        options: ListenerOptions<'_>,
    ) -> Result<Self, FromFdError<CannotListen>> {
        let options = options.nonblocking(ListenerNonblockingMode::Accept);
        let (bound, name) = adopt(fd, &options)?;
        let admission = Admission::new(&options, bound.socket.is_suspect());
        let listener = Self::register(bound).map_err(ConversionError::from_cause)?;
        Ok(Self { name, admission, ..listener })
    }

    /// Has the runtime wait for clients of a nonblocking socket.
    fn register(bound: Bound) -> io::Result<Self> {
        // Registering takes the socket, and closes it when it fails or panics. The file must be
        // removed before the last descriptor is closed, which is this one until then.
        let spare = OwnedFd::from(bound.socket.try_clone()?);
        let spare = Guarded::new(spare, bound.socket.is_suspect()).holding_a_name();
        let Bound { reclaim, socket } = bound;
        let socket = UnixListener::from_std(socket.into_inner())?;
        let suspect = spare.is_suspect().then(|| Arc::new(spare));
        let keeper = Keeper { suspect, ..Keeper::default() };
        Ok(Self { reclaim, socket, keeper, admission: Admission::default(), name: None })
    }
}

/// Has the task wait until its runtime has looked after others. (Tokio's own is in a feature of
/// its.)
async fn let_others_run() {
    let mut done = false;
    poll_fn(|cx| {
        if replace(&mut done, true) {
            return Poll::Ready(());
        }
        cx.waker().wake_by_ref();
        Poll::Pending
    })
    .await;
}

impl Sealed for Listener {}

impl traits::tokio::Listener for Listener {
    type Stream = Stream;

    fn from_options(options: ListenerOptions<'_>) -> io::Result<Self> {
        let options = options.nonblocking(ListenerNonblockingMode::Accept);
        options.admission.check()?;
        let bound = bind(&options)?;
        let admission = Admission::new(&options, bound.socket.is_suspect());
        let listener = Self::register(bound).map_err(|cause| match &options.name {
            Some(name) => AddressError::wrap(Operation::Listen, name, None, cause),
            None => cause,
        })?;
        Ok(Self { name: options.name.map(Name::into_owned), admission, ..listener })
    }

    // No `poll_accept`: of the tasks that wait in that one only the last is woken.
    async fn accept(&self) -> io::Result<Stream> {
        let mut in_a_row = 0;
        loop {
            if self.admission.must_wait_for_reaper() {
                poll_fn(reaper::poll_room).await;
            }
            match self.socket.accept().await {
                Err(error) if error.kind() == io::ErrorKind::ConnectionAborted => {}
                Err(error) => return Err(error),
                Ok((client, _)) => {
                    socket::prepare(client.as_fd());
                    if let Some(stream) = self.admit(client)? {
                        return Ok(stream);
                    }
                    in_a_row += 1;
                    if in_a_row % MOST_REFUSED_IN_A_ROW == 0 {
                        let_others_run().await;
                    }
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

#[cfg(all(test, target_os = "linux"))]
mod tests;
