//! Closing descriptors where nobody waits for it.
//!
//! Closing can wait: a TCP socket with SO_LINGER holds up whoever closes the last reference to it
//! until its peer has answered or the time is over, also when the socket is nonblocking. So what
//! a stranger passed to us is closed on a thread of its own, started when first needed. The
//! drawback: there is one such thread, and what a stranger makes it wait for holds up the closing
//! of what comes after; such descriptors count against the process's limit until then. A forked
//! child that doesn't exec has no such thread, and what it hands over stays open.

mod queue;

#[cfg(feature = "tokio")]
pub(super) use queue::poll_room;
pub(super) use queue::{is_full, wait_for_room};

use std::{
    os::fd::OwnedFd,
    sync::{
        OnceLock,
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

static REAPER: OnceLock<Option<Sender<Job>>> = OnceLock::new();

/// Closes the descriptors on the reaper thread; here if no thread could be started.
pub(super) fn close(descriptors: Vec<OwnedFd>) {
    close_within(descriptors, Duration::ZERO);
}

/// As [`close`], and waits for it, but no longer than told.
pub(super) fn close_within(descriptors: Vec<OwnedFd>, patience: Duration) {
    if let Some(reaper) = REAPER.get_or_init(start) {
        let (sender, done) = channel();
        let job = Job { _descriptors: descriptors, _place: queue::Place::take(), _done: sender };
        // An error hands the descriptors back, and dropping it closes them here.
        let _ = reaper.send(job);
        if !patience.is_zero() {
            let _ = done.recv_timeout(patience);
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
