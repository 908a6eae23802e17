//! Which instances there are, and what each is doing.

use super::super::super::{instance, pipe::Watch};
use std::{
    collections::{BTreeMap, VecDeque},
    io,
    os::windows::io::{AsHandle, OwnedHandle},
    sync::Arc,
};

/// The instances of a listener, and who wants to know of clients.
#[derive(Default)]
pub(super) struct State {
    /// Those that wait for clients, by number.
    pub(super) waiting: BTreeMap<u64, OwnedHandle>,
    /// The last such number.
    pub(super) last: u64,
    /// How many should wait. Doubled, up to [`MOST_WAITING`](super::MOST_WAITING), when a client
    /// takes one before it could wait, which is how a burst shows that found too few.
    pub(super) should_wait: usize,
    /// Those that were made, and that the system wouldn't have wait.
    pub(super) spare: Vec<OwnedHandle>,
    /// Those that have clients, in order.
    pub(super) connected: VecDeque<OwnedHandle>,
    /// What went wrong on the port's thread, for the next accept.
    pub(super) trouble: Option<io::Error>,
    pub(super) watcher: Option<Arc<dyn Watch>>,
    /// Whether the watcher is to be told.
    pub(super) watched: bool,
}

impl State {
    pub(super) fn open(&self) -> usize {
        self.waiting.len() + self.connected.len() + self.spare.len()
    }

    /// Finds clients that the port's thread hasn't seen yet, so that whoever has connected can be
    /// accepted from that moment on, as on Unix. Their completions come, and find nothing to do.
    pub(super) fn look(&mut self) {
        // Clients get instances in the order in which these were made (ReactOS, NpCreateClientEnd).
        while let Some(first) = self.waiting.first_entry() {
            if !instance::has_client(first.get().as_handle()) {
                break;
            }
            self.connected.push_back(first.remove());
        }
    }

    /// Why nobody is there, if there is more to it: that nobody can come, or something that the
    /// system said to the port's thread.
    pub(super) fn explain(&mut self, made: io::Result<()>) -> io::Result<()> {
        let trouble = self.trouble.take();
        match made {
            Err(error) if self.waiting.is_empty() => Err(error),
            _ => trouble.map_or(Ok(()), Err),
        }
    }

    /// The watcher, if it has to be told now.
    pub(super) fn whom_to_tell(&mut self) -> Option<Arc<dyn Watch>> {
        let something = !self.connected.is_empty() || self.trouble.is_some();
        if !(self.watched && something) {
            return None;
        }
        self.watched = false;
        self.watcher.clone()
    }
}
