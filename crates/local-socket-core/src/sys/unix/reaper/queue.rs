//! How much the reaper has to close, and waiting until that is less.

use std::{
    process,
    sync::{Arc, Mutex, MutexGuard, PoisonError},
    task::{Context, Poll, Wake, Waker},
    thread::{self, Thread},
};

/// How many connections that were turned away may wait to be closed. Each can hold as much memory
/// as a client's send buffer (some 200 KiB on Linux). Beyond it, accepting waits where what is
/// turned away can't be closed elsewhere.
const ENOUGH: usize = 64;

struct Queue {
    /// Whose it is: a forked child begins anew, as the reaper does.
    process: u32,
    length: usize,
    waiting: Vec<Waker>,
}

static QUEUE: Mutex<Queue> = Mutex::new(Queue { process: 0, length: 0, waiting: Vec::new() });

fn queue() -> MutexGuard<'static, Queue> {
    // What is done under the lock can't panic in between.
    let mut queue = QUEUE.lock().unwrap_or_else(PoisonError::into_inner);
    let process = process::id();
    if queue.process != process {
        *queue = Queue { process, length: 0, waiting: Vec::new() };
    }
    queue
}

/// What is in the queue or being closed.
pub(super) struct Place;

impl Place {
    pub(super) fn take() -> Self {
        queue().length += 1;
        Self
    }
}

impl Drop for Place {
    fn drop(&mut self) {
        let mut queue = queue();
        queue.length -= 1;
        let waiting = match queue.length < ENOUGH {
            true => std::mem::take(&mut queue.waiting),
            false => Vec::new(),
        };
        drop(queue);
        waiting.into_iter().for_each(Waker::wake);
    }
}

/// Whether the reaper has enough to do.
pub(in super::super) fn is_full() -> bool {
    queue().length >= ENOUGH
}

/// Is ready when the reaper hasn't enough to do, and wakes then.
pub(in super::super) fn poll_room(cx: &mut Context<'_>) -> Poll<()> {
    let mut queue = queue();
    if queue.length < ENOUGH {
        return Poll::Ready(());
    }
    if !queue.waiting.iter().any(|waker| waker.will_wake(cx.waker())) {
        queue.waiting.push(cx.waker().clone());
    }
    Poll::Pending
}

/// Holds the thread until the reaper hasn't enough to do.
pub(in super::super) fn wait_for_room() {
    struct Unpark(Thread);

    impl Wake for Unpark {
        fn wake(self: Arc<Self>) {
            self.0.unpark();
        }
    }

    let waker = Arc::new(Unpark(thread::current())).into();
    while poll_room(&mut Context::from_waker(&waker)).is_pending() {
        thread::park();
    }
}
