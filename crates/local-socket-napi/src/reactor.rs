//! One per JavaScript thread: its endpoints, its poller, and the one call that announces who is
//! ready.
//!
//! A byte never passes through here: the calls of `calls.rs` move it between the kernel and
//! memory that JavaScript owns. The drawback of doing that on the JavaScript thread itself:
//! JavaScript that blocks delays I/O, as it does with every socket of Node's own.

use {
    crate::{
        admission::Refusals,
        endpoint::{Accepting, Connected, Endpoint, Endpoints},
        js::{Callback, Numbers},
        poller::{Interest, LASTING, Poller, Ready},
        spin::spin,
    },
    local_socket::{Listener, Stream},
    rustix::event::{PollFd, PollFlags},
    std::{
        cell::{Ref, RefCell},
        io,
        os::fd::{AsFd, AsRawFd, BorrowedFd, RawFd},
        sync::Arc,
        time::Duration,
    },
};

/// Numbers that one ready endpoint takes in the array of events: its id and its flags.
const NUMBERS_PER_EVENT: usize = 2;

/// How much may wait in the kernel for the peer to read it, in bytes: the most that an unprivileged
/// process gets on Linux as it comes (`net.core.wmem_max`), which is twice the default, since the
/// kernel doubles what it is told. There are fewer wake-ups for each byte, and a peer that doesn't
/// read pins twice as much.
///
/// A stream gets it when its buffer is full for the first time. An accepted Unix socket doesn't
/// inherit the listener's on Linux, and most connections never fill theirs: that saves them a
/// system call.
const SEND_BUFFER: usize = 212_992;

/// The state of one JavaScript thread. Not Send: everything runs on that thread.
pub struct Reactor {
    poller: Poller,
    endpoints: RefCell<Endpoints>,
    events: Numbers,
    /// Announces how many events there are.
    pub callback: Callback,
}

impl Reactor {
    /// A reactor with as large a batch as `events` has room for.
    pub fn new(events: Numbers, callback: Callback) -> io::Result<Self> {
        let poller = Poller::new(events.len() / NUMBERS_PER_EVENT)?;
        Ok(Self { poller, endpoints: RefCell::default(), events, callback })
    }

    /// The descriptor that is readable while somebody is ready.
    pub fn as_poll_fd(&self) -> BorrowedFd<'_> {
        self.poller.as_fd()
    }

    /// Fills the array of events with who is ready now; how many.
    pub fn collect(&self) -> u32 {
        let endpoints = self.endpoints.borrow();
        let mut count = 0;
        let report = |Ready { token, flags }: Ready| {
            if let Some(endpoint) = endpoints.current(token) {
                let lasting = if endpoint.may_read_short() { LASTING } else { 0 };
                self.events.set(count * NUMBERS_PER_EVENT, token.id() as i32);
                self.events.set(count * NUMBERS_PER_EVENT + 1, flags | lasting);
                count += 1;
            }
        };
        // The poller's descriptor is ours and open: waiting on it without a timeout can't fail.
        let _ = self.poller.wait(report);
        count as u32
    }

    /// Begins to watch a stream; its number.
    pub fn insert_stream(&self, stream: Stream) -> io::Result<u32> {
        self.insert(Endpoint::Stream(stream.into())).map_err(|(error, _)| error)
    }

    /// Begins to watch a listener; its number. An error hands it back.
    pub fn insert_listener(
        &self,
        listener: Listener,
        refusals: Arc<Refusals>,
    ) -> Result<u32, (io::Error, Option<Listener>)> {
        self.insert(Endpoint::Listener(Box::new(Accepting { listener, refusals }))).map_err(
            |(error, endpoint)| match endpoint {
                Some(Endpoint::Listener(accepting)) => (error, Some(accepting.listener)),
                _ => (error, None),
            },
        )
    }

    /// Begins to watch an endpoint; its number.
    fn insert(&self, endpoint: Endpoint) -> Result<u32, (io::Error, Option<Endpoint>)> {
        let mut endpoints = self.endpoints.borrow_mut();
        let token = endpoints.insert(endpoint);
        let added = match endpoints.get(token.id()) {
            Some(endpoint) => self.poller.add(endpoint.as_fd(), token),
            None => Ok(()),
        };
        if let Err(error) = added {
            return Err((error, endpoints.remove(token.id())));
        }
        Ok(token.id())
    }

    /// Closes an endpoint. That ends watching it, too, if there is no other descriptor of it, and
    /// the poller is told where there may be. A forked process can hold one all the same until it
    /// executes: what the poller says of that has a token that is nobody's any more.
    pub fn close(&self, id: u32) -> io::Result<()> {
        let endpoint = self.endpoints.borrow_mut().remove(id).ok_or_else(unknown)?;
        let alone = matches!(&endpoint, Endpoint::Stream(connected) if !connected.shown.get());
        if !alone {
            self.poller.remove(endpoint.as_fd());
        }
        Ok(())
    }

    /// Closes a stream that was just accepted and isn't wanted, on a thread of its own: what its
    /// peer attached can make that take long. Nobody has been shown its descriptor.
    pub fn refuse(&self, id: u32) -> io::Result<()> {
        let endpoint = self.endpoints.borrow_mut().remove(id).ok_or_else(unknown)?;
        if let Endpoint::Stream(Connected { stream: Stream::UdSocket(socket), .. }) = endpoint {
            self.poller.remove(socket.as_fd());
            socket.close_in_background();
        }
        Ok(())
    }

    /// Closes all that are left, at the end of the environment.
    pub fn close_all(&self) {
        self.endpoints.borrow_mut().clear();
    }

    /// Changes what an endpoint is watched for.
    pub fn watch(&self, id: u32, interest: Interest) -> io::Result<()> {
        let endpoints = self.endpoints.borrow();
        let (Some(endpoint), Some(token)) = (endpoints.get(id), endpoints.token(id)) else {
            return Err(unknown());
        };
        self.poller.modify(endpoint.as_fd(), token, interest)
    }

    /// Waits awake for one of these to become readable, `longest` at most; how many are. Their
    /// positions in `ids` replace its beginning.
    pub fn spin(&self, ids: &mut [i32], longest: Duration) -> io::Result<usize> {
        let endpoints = self.endpoints.borrow();
        let sources: Option<Vec<_>> =
            ids.iter().map(|&id| Some(source(endpoints.get(u32::try_from(id).ok()?)?))).collect();
        let mut sources = sources.ok_or_else(unknown)?;
        spin(&mut sources, longest)?;
        let ready = (0..).zip(&sources).filter(|(_, source)| !source.revents().is_empty());
        let mut count = 0;
        for (place, (position, _)) in ids.iter_mut().zip(ready) {
            *place = position;
            count += 1;
        }
        Ok(count)
    }

    /// Writes `length` bytes to a stream by `attempt`, which is told how many of them have gone.
    /// When its buffer is full for the first time, that grows, and there is a second attempt. Its
    /// error after a part has gone is kept for the next call, since the kernel tells some only
    /// once.
    pub fn write(
        &self,
        id: u32,
        length: usize,
        mut attempt: impl FnMut(&Stream, usize) -> io::Result<usize>,
    ) -> io::Result<usize> {
        let Connected { stream, grown, late, .. } = &*self.connected(id)?;
        if let Some(errno) = late.take() {
            return Err(io::Error::from_raw_os_error(errno));
        }
        let gone = match attempt(stream, 0) {
            Ok(count) if count < length && !grown.get() => count,
            Err(error) if error.kind() == io::ErrorKind::WouldBlock && !grown.get() => 0,
            answer => return answer,
        };
        grown.set(true);
        let Stream::UdSocket(socket) = stream;
        // Without it the stream goes on as it was.
        let _ = socket.set_send_buffer_size(SEND_BUFFER);
        match attempt(stream, gone) {
            Ok(count) => Ok(gone + count),
            Err(error) if gone == 0 => Err(error),
            Err(error) => {
                late.set(
                    error.raw_os_error().filter(|_| error.kind() != io::ErrorKind::WouldBlock),
                );
                Ok(gone)
            }
        }
    }

    /// The stream of a number.
    pub fn stream(&self, id: u32) -> io::Result<Ref<'_, Stream>> {
        Ok(Ref::map(self.connected(id)?, |connected| &connected.stream))
    }

    fn connected(&self, id: u32) -> io::Result<Ref<'_, Connected>> {
        Ref::filter_map(self.endpoints.borrow(), |endpoints| match endpoints.get(id) {
            Some(Endpoint::Stream(connected)) => Some(connected),
            _ => None,
        })
        .map_err(|_| unknown())
    }

    /// The listener of a number.
    pub fn accepting(&self, id: u32) -> io::Result<Ref<'_, Accepting>> {
        Ref::filter_map(self.endpoints.borrow(), |endpoints| match endpoints.get(id) {
            Some(Endpoint::Listener(accepting)) => Some(&**accepting),
            _ => None,
        })
        .map_err(|_| unknown())
    }

    /// The raw descriptor of a number, for show.
    pub fn descriptor(&self, id: u32) -> io::Result<RawFd> {
        let endpoints = self.endpoints.borrow();
        let endpoint = endpoints.get(id).ok_or_else(unknown)?;
        if let Endpoint::Stream(connected) = endpoint {
            connected.shown.set(true);
        }
        Ok(endpoint.as_fd().as_raw_fd())
    }
}

/// An endpoint as `poll` looks at it.
fn source(endpoint: &Endpoint) -> PollFd<'_> {
    PollFd::from_borrowed_fd(endpoint.as_fd(), PollFlags::IN)
}

/// A number that stands for nothing, or for the other kind of endpoint.
fn unknown() -> io::Error {
    rustix::io::Errno::BADF.into()
}
