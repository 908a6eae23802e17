//! For Windows, where nothing waits for many pipes at once: the core's own thread says who is ready,
//! and this queue keeps it until the JavaScript thread collects it.
//!
//! Each endpoint stands in the queue once at most, however often it is told of, so that the queue
//! never has more entries than there are endpoints. A bell is rung when the queue ceases to be
//! empty, and again only after a batch was collected, so that a busy JavaScript thread is called
//! once and not over and over.
//!
//! The core tells of an endpoint once after each call that would have blocked. A fresh one is told
//! of at once: nothing has been attempted yet that could have.
//!
//! The drawback: one wake-up between threads for each batch, and one for each fresh endpoint.

use {
    super::{Interest, READABLE, Ready, WRITABLE},
    crate::endpoint::{Endpoint, Token},
    local_socket::{Listener, Stream, os::windows::Readiness},
    std::{
        cell::RefCell,
        collections::VecDeque,
        io,
        sync::{
            Arc, Mutex, MutexGuard, PoisonError,
            atomic::{AtomicI32, Ordering::AcqRel},
        },
    },
};

/// Wakes the JavaScript thread, which then collects. False: nobody is there any more.
pub type Bell = Box<dyn Fn() -> bool + Send>;

#[derive(Default)]
struct Waiting {
    ready: VecDeque<Arc<Watched>>,
    /// The bell was rung, and the batch not yet collected.
    announced: bool,
    bell: Option<Bell>,
}

impl Waiting {
    /// Rings, unless that was done or nobody waits. A bell that has nobody to wake is not rung
    /// again.
    fn announce(&mut self) {
        if self.announced || self.ready.is_empty() {
            return;
        }
        if let Some(bell) = &self.bell {
            self.announced = bell();
            if !self.announced {
                self.bell = None;
            }
        }
    }
}

#[derive(Default)]
struct Queue(Mutex<Waiting>);

impl Queue {
    fn lock(&self) -> MutexGuard<'_, Waiting> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// An endpoint, as those know it who say that it is ready.
pub struct Watched {
    token: Token,
    /// What it is ready for and nobody has collected. 0: it is not in the queue.
    flags: AtomicI32,
    queue: Arc<Queue>,
}

impl Watched {
    /// Says what it is ready for, from any thread.
    pub fn tell(self: &Arc<Self>, flags: i32) {
        if flags == 0 || self.flags.fetch_or(flags, AcqRel) != 0 {
            return;
        }
        let mut waiting = self.queue.lock();
        waiting.ready.push_back(Arc::clone(self));
        waiting.announce();
    }
}

/// The queue, and the room for one batch of it.
pub struct Poller {
    queue: Arc<Queue>,
    batch: usize,
    taken: RefCell<Vec<Arc<Watched>>>,
}

impl Poller {
    /// A poller that reports at most `batch` endpoints at once.
    pub fn new(batch: usize) -> io::Result<Self> {
        Ok(Self { queue: Arc::default(), batch, taken: RefCell::new(Vec::with_capacity(batch)) })
    }

    /// Sets what wakes the JavaScript thread.
    pub fn set_bell(&self, bell: Bell) {
        let mut waiting = self.queue.lock();
        waiting.bell = Some(bell);
        waiting.announce();
    }

    /// Takes it away: once this returns, nobody rings it. False: it had nobody to wake any more.
    pub fn take_bell(&self) -> bool {
        self.queue.lock().bell.take().is_some()
    }

    /// Begins to watch. It is reported once at first, whether or not there is anything.
    pub fn add(&self, source: &Endpoint, token: Token) -> io::Result<()> {
        let queue = Arc::clone(&self.queue);
        let watched = Arc::new(Watched { token, flags: AtomicI32::new(0), queue });
        let told = {
            let watched = Arc::clone(&watched);
            move |readiness: Readiness| watched.tell(flags(readiness))
        };
        match source {
            Endpoint::Stream(connected) => {
                let Stream::NamedPipe(pipe) = &connected.stream;
                pipe.on_ready(told)?;
                // It is added once only.
                let _ = connected.traits.watched.set(Arc::clone(&watched));
            }
            Endpoint::Listener(accepting) => {
                let Listener::NamedPipe(listener) = &accepting.listener;
                listener.on_ready(told)?;
            }
        }
        watched.tell(READABLE);
        Ok(())
    }

    /// Nothing has to be changed: room to write is told of after each write that would have blocked,
    /// whoever wants to know.
    pub fn modify(&self, _: &Endpoint, _: Token, _: Interest) -> io::Result<()> {
        Ok(())
    }

    /// Closing it ends watching; what is told of it until then has a token that is nobody's any
    /// more.
    pub fn remove(&self, _: &Endpoint) {}

    /// Hands over who is ready now, without waiting; who doesn't fit in a batch comes next time.
    pub fn wait(&self, mut report: impl FnMut(Ready)) -> io::Result<()> {
        let mut taken = self.taken.borrow_mut();
        {
            let mut waiting = self.queue.lock();
            let count = waiting.ready.len().min(self.batch);
            taken.extend(waiting.ready.drain(..count));
            waiting.announced = false;
            waiting.announce();
        }
        for watched in taken.drain(..) {
            // Whoever tells of it from here on puts it into the queue again.
            let flags = watched.flags.swap(0, AcqRel);
            report(Ready { token: watched.token, flags });
        }
        Ok(())
    }
}

fn flags(readiness: Readiness) -> i32 {
    let mut flags = 0;
    if readiness.is_readable() {
        flags |= READABLE;
    }
    if readiness.is_writable() {
        flags |= WRITABLE;
    }
    flags
}
