//! Listeners.

mod backlog;
mod conversions;
mod refuse;

use self::backlog::Backlog;
use super::{
    admission::Admission,
    instance::{self, Recipe},
    name,
    pipe::{End, Pipe, Readiness, Watch},
    security::Descriptor,
    stream::Stream,
};
use crate::{
    error::{AddressError, NameError, Operation},
    name::Name,
    options::{ListenerNonblockingMode, ListenerOptions},
    sealed::Sealed,
    traits,
};
use std::{
    fmt, io,
    iter::FusedIterator,
    os::windows::io::{AsHandle, OwnedHandle},
    sync::{
        Arc,
        atomic::{AtomicBool, Ordering::Relaxed},
    },
};
use windows_sys::Win32::Networking::WinSock::{WSAECONNABORTED, WSAEWOULDBLOCK};

/// How many clients in a row are turned away before the caller gets to do something else. A flood
/// of strangers could hold up an event loop otherwise.
const MOST_REFUSED_IN_A_ROW: usize = 64;

/// A listener on a named pipe: what [`local_socket::Listener`](crate::Listener) holds.
///
/// It has several instances of the pipe: some wait for clients, others have one that waits to be
/// accepted. Dropping it closes them all, and clients that weren't accepted see the end. The name
/// is free once the connections that were accepted are closed too, at both ends.
pub struct Listener {
    held: Held,
    nonblocking_accept: AtomicBool,
    nonblocking_streams: AtomicBool,
    admission: Admission,
    name: Name<'static>,
}

/// Closes the instances when it is dropped.
struct Held(Arc<Backlog>);

impl Drop for Held {
    fn drop(&mut self) {
        self.0.close();
    }
}

/// A function that wants to know.
struct Told<F>(F);

impl<F: Fn(Readiness) + Send + Sync> Watch for Told<F> {
    fn ready(&self, ready: Readiness) {
        (self.0)(ready);
    }
}

impl Listener {
    /// The name that it listens at.
    #[must_use]
    pub fn name(&self) -> Option<&Name<'static>> {
        Some(&self.name)
    }

    /// How many clients have been turned away, as [`allow`](ListenerOptions::allow),
    /// [`max_connections`](ListenerOptions::max_connections) and
    /// [`max_connections_per_user`](ListenerOptions::max_connections_per_user) say.
    #[must_use]
    pub fn refused(&self) -> u64 {
        self.admission.refused()
    }

    /// Whether streams accepted from now on are nonblocking, without a change to accepting.
    pub fn set_new_stream_nonblocking(&self, nonblocking: bool) {
        self.nonblocking_streams.store(nonblocking, Relaxed);
    }

    /// Accepts a client if one is there. Never waits, whether accepting is nonblocking or not.
    ///
    /// # Errors
    /// Those of [`accept`](traits::Listener::accept), as if accepting were nonblocking:
    /// [`WouldBlock`](io::ErrorKind::WouldBlock) if nobody is there.
    pub fn try_accept(&self) -> io::Result<Stream> {
        for _ in 0..MOST_REFUSED_IN_A_ROW {
            let Some(client) = self.held.0.try_take()? else {
                return Err(io::Error::from_raw_os_error(WSAEWOULDBLOCK));
            };
            if let Some(stream) = self.admit(client)? {
                return Ok(stream);
            }
        }
        Err(io::Error::from_raw_os_error(WSAECONNABORTED))
    }

    /// Has `told` called when somebody is there, once after each call that failed with
    /// [`WouldBlock`](io::ErrorKind::WouldBlock), and sometimes without need. It takes the place of
    /// the one before.
    ///
    /// It runs on the thread that waits for all of the process's pipes, so it must be quick and
    /// mustn't panic. It may use the listener.
    ///
    /// # Errors
    /// Whatever the system says; none is known.
    pub fn on_ready(&self, told: impl Fn(Readiness) + Send + Sync + 'static) -> io::Result<()> {
        self.watch(Arc::new(Told(told)))
    }

    /// From now on, `watcher` is told (READABLE) once after each accept that would have blocked.
    pub(crate) fn watch(&self, watcher: Arc<dyn Watch>) -> io::Result<()> {
        self.held.0.watch(watcher);
        Ok(())
    }

    /// `None` if the client was turned away.
    fn admit(&self, client: OwnedHandle) -> io::Result<Option<Stream>> {
        let pipe = Pipe::of_bound(client, End::Server)?;
        match self.admission.admit(&pipe) {
            Ok(ticket) => {
                if let Some(ticket) = ticket {
                    pipe.count(ticket);
                }
                Ok(Some(Stream::new(pipe, self.nonblocking_streams.load(Relaxed))))
            }
            Err(_) => {
                instance::disconnect(pipe.as_handle());
                Ok(None)
            }
        }
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
            let client = self.held.0.wait()?;
            if let Some(stream) = self.admit(client)? {
                return Ok(stream);
            }
        }
    }

    fn set_nonblocking(&self, nonblocking: ListenerNonblockingMode) -> io::Result<()> {
        self.nonblocking_accept.store(nonblocking.accept_nonblocking(), Relaxed);
        self.nonblocking_streams.store(nonblocking.stream_nonblocking(), Relaxed);
        Ok(())
    }

    /// A pipe's name is gone with its last handle either way.
    fn do_not_reclaim_name_on_drop(&mut self) {}

    fn from_options(options: ListenerOptions<'_>) -> io::Result<Self> {
        let name = options.name.as_ref().ok_or(NameError::Missing)?;
        refuse::what_pipes_lack(&options)?;
        let admission = Admission::new(&options)?;
        let held = take(name, &options)
            .map_err(|cause| AddressError::wrap(Operation::Listen, name, None, cause))?;
        Ok(Self {
            held,
            nonblocking_accept: options.nonblocking.accept_nonblocking().into(),
            nonblocking_streams: options.nonblocking.stream_nonblocking().into(),
            admission,
            name: name.borrow().into_owned(),
        })
    }
}

fn take(name: &Name<'_>, options: &ListenerOptions<'_>) -> io::Result<Held> {
    let recipe = Recipe::new(name::wide(name)?, Descriptor::of(options)?);
    Backlog::open(recipe, options.backlog).map(Held)
}

impl fmt::Debug for Listener {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Listener")
            .field("name", &self.name)
            .field("nonblocking_accept", &self.nonblocking_accept)
            .field("nonblocking_streams", &self.nonblocking_streams)
            .field("admission", &self.admission)
            .finish_non_exhaustive()
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
