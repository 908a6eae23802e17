//! One per JavaScript thread: its endpoints, its poller, and the one call that announces who is
//! ready.
//!
//! A byte never passes through here: the calls of `calls.rs` move it between the kernel and
//! memory that JavaScript owns. The drawback of doing that on the JavaScript thread itself:
//! JavaScript that blocks delays I/O, as it does with every socket of Node's own.
//!
//! What differs between systems is in `sys/*/reactor.rs`: `write`, `flushed`, `flush_all`, `spin`,
//! `refuse` and `descriptor`.

use {
    crate::{
        admission::Refusals,
        endpoint::{Accepting, Connected, Endpoint, Endpoints},
        js::{Callback, Numbers},
        poller::{Interest, LASTING, Poller, Ready},
        sys::bad_id,
    },
    local_socket::{Listener, Stream},
    std::{
        cell::{Ref, RefCell},
        io,
        sync::Arc,
    },
};

/// Numbers that one ready endpoint takes in the array of events: its id and its flags.
const NUMBERS_PER_EVENT: usize = 2;

/// The state of one JavaScript thread. Not Send: everything runs on that thread.
pub struct Reactor {
    /// Tells who is ready.
    pub poller: Poller,
    /// Who there is.
    pub endpoints: RefCell<Endpoints>,
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
        // What it asks is its own and open: asking without a timeout can't fail.
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
            Some(endpoint) => self.poller.add(endpoint, token),
            None => Ok(()),
        };
        if let Err(error) = added {
            return Err((error, endpoints.remove(token.id())));
        }
        Ok(token.id())
    }

    /// Closes an endpoint. That ends watching it, too, if nothing else leads to it, and the poller
    /// is told where something may. A forked process can hold a descriptor all the same until it
    /// executes: what the poller says of that has a token that is nobody's any more.
    pub fn close(&self, id: u32) -> io::Result<()> {
        let endpoint = self.take(id)?;
        if !endpoint.is_alone() {
            self.poller.remove(&endpoint);
        }
        Ok(())
    }

    /// Takes an endpoint out; its number is free from now on.
    pub fn take(&self, id: u32) -> io::Result<Endpoint> {
        self.endpoints.borrow_mut().remove(id).ok_or_else(bad_id)
    }

    /// Closes all that are left, at the end of the environment.
    pub fn close_all(&self) {
        self.endpoints.borrow_mut().clear();
    }

    /// Changes what an endpoint is watched for.
    pub fn watch(&self, id: u32, interest: Interest) -> io::Result<()> {
        let endpoints = self.endpoints.borrow();
        let (Some(endpoint), Some(token)) = (endpoints.get(id), endpoints.token(id)) else {
            return Err(bad_id());
        };
        self.poller.modify(endpoint, token, interest)
    }

    /// The stream of a number.
    pub fn stream(&self, id: u32) -> io::Result<Ref<'_, Stream>> {
        Ok(Ref::map(self.connected(id)?, |connected| &connected.stream))
    }

    /// The same, and what is remembered of it.
    pub fn connected(&self, id: u32) -> io::Result<Ref<'_, Connected>> {
        Ref::filter_map(self.endpoints.borrow(), |endpoints| match endpoints.get(id) {
            Some(Endpoint::Stream(connected)) => Some(connected),
            _ => None,
        })
        .map_err(|_| bad_id())
    }

    /// The listener of a number.
    pub fn accepting(&self, id: u32) -> io::Result<Ref<'_, Accepting>> {
        Ref::filter_map(self.endpoints.borrow(), |endpoints| match endpoints.get(id) {
            Some(Endpoint::Listener(accepting)) => Some(&**accepting),
            _ => None,
        })
        .map_err(|_| bad_id())
    }
}
