//! Closing descriptors where nobody waits for it.
//!
//! Closing can wait: a TCP socket with SO_LINGER holds up whoever closes the last reference to it
//! until its peer has answered or the time is over, also when the socket is nonblocking. So what
//! a stranger passed to us is closed on a thread of its own, started when first needed. The
//! drawback: there is one such thread, and what a stranger makes it wait for holds up the closing
//! of what comes after; such descriptors count against the process's limit until then. A forked
//! child starts a thread of its own, and what its parent's had still to close stays open in it.

mod queue;

#[cfg(feature = "tokio")]
pub(super) use queue::poll_room;
pub(super) use queue::{is_full, wait_for_room};

use std::{
    mem::forget,
    os::fd::OwnedFd,
    process,
    sync::{
        Mutex, PoisonError,
        mpsc::{Sender, channel},
    },
    thread,
    time::Duration,
};

struct Job {
    // First, because its end must come before the news of it.
    _descriptors: Vec<OwnedFd>,
    _place: queue::Place,
    /// Nothing is sent here: that it is gone says that the descriptors are closed.
    _done: Sender<()>,
}

/// The way to the thread.
struct Reaper {
    /// Where the thread is: a forked child doesn't have it.
    process: u32,
    sender: Sender<Job>,
}

static REAPER: Mutex<Option<Reaper>> = Mutex::new(None);

/// Closes the descriptors on the reaper thread; here if no thread could be started.
pub(super) fn close(descriptors: Vec<OwnedFd>) {
    close_within(descriptors, Duration::ZERO);
}

/// As [`close`], and waits for it, but no longer than told.
pub(super) fn close_within(descriptors: Vec<OwnedFd>, patience: Duration) {
    if let Some(reaper) = reaper() {
        let (sender, done) = channel();
        let job = Job { _descriptors: descriptors, _place: queue::Place::take(), _done: sender };
        // An error hands the descriptors back, and dropping it closes them here.
        let _ = reaper.send(job);
        if !patience.is_zero() {
            let _ = done.recv_timeout(patience);
        }
    }
}

/// `None` if no thread could be started, which is tried again the next time.
fn reaper() -> Option<Sender<Job>> {
    let mut reaper = REAPER.lock().unwrap_or_else(PoisonError::into_inner);
    let process = process::id();
    match &*reaper {
        Some(Reaper { process: started, sender }) if *started == process => Some(sender.clone()),
        _ => {
            let sender = start()?;
            // A parent's isn't dropped here, since its other end may be locked for ever.
            forget(reaper.replace(Reaper { process, sender: sender.clone() }));
            Some(sender)
        }
    }
}

fn start() -> Option<Sender<Job>> {
    let (sender, receiver) = channel::<Job>();
    thread::Builder::new()
        .name("local-socket-reaper".into())
        .spawn(move || receiver.into_iter().for_each(drop))
        .ok()
        .map(|_| sender)
}
