//! Instances that wait for clients, and clients that wait to be accepted.
//!
//! A client that finds no instance waiting is told that the pipe is busy, so several wait at any
//! time, and each that gets a client is replaced at once, on the port's thread. There is never a
//! moment without an open instance: the name would be free, and anybody's.

mod state;

use self::state::State;
use super::super::{
    instance::{self, Recipe},
    overlapped::Outcome,
    pipe::{Readiness, Watch},
    port::{self, Issued},
};
use std::{
    io, mem,
    os::windows::io::{AsHandle, OwnedHandle},
    sync::{Arc, Condvar, Mutex, MutexGuard, PoisonError},
};
use windows_sys::Win32::Foundation::{
    ERROR_NO_DATA, ERROR_OPERATION_ABORTED, ERROR_PIPE_CONNECTED,
};

/// How many instances wait for clients at first, if the backlog has room for as many. Each is a
/// handle and a kilobyte or so of the kernel's. So many clients can come in the time that replacing
/// one takes without being told that the pipe is busy, which most programs wait for.
const WAITING: usize = 8;

/// How many wait at the most, however many clients come at once: a flood costs no more.
const MOST_WAITING: usize = 64;

/// The instances of a listener. Its completions hold it, so whoever owns it must close it.
pub(super) struct Backlog {
    recipe: Recipe,
    /// How many may be connected, waiting ones included.
    most: usize,
    state: Mutex<State>,
    changed: Condvar,
}

impl Backlog {
    /// Takes the name. Of connected clients, one more may wait than `backlog`, as on Linux, which
    /// gives 0 a meaning.
    pub(super) fn open(recipe: Recipe, backlog: u32) -> io::Result<Arc<Self>> {
        let first = recipe.first()?;
        port::bind(first.as_handle())?;
        let most = (backlog as usize).saturating_add(1);
        let this =
            Arc::new(Self { recipe, most, state: Mutex::default(), changed: Condvar::new() });
        let mut state = this.lock();
        state.should_wait = WAITING;
        state.spare.push(first);
        let made = this.replenish(&mut state);
        drop(state);
        made.inspect_err(|_| this.close())?;
        Ok(this)
    }

    /// Ends all that is not accepted. The name is free then, if nothing accepted is open.
    pub(super) fn close(&self) {
        let State { waiting, spare, connected, .. } = mem::take(&mut *self.lock());
        for handle in waiting.into_values().chain(spare).chain(connected) {
            // That ends a wait for clients too. It completes later, with nothing of ours in use
            // but what its completion owns.
            instance::disconnect(handle.as_handle());
        }
    }

    /// The client that has waited longest, if there is one. Otherwise the watcher is told of the
    /// next.
    pub(super) fn try_take(self: &Arc<Self>) -> io::Result<Option<OwnedHandle>> {
        let mut state = self.lock();
        let taken = self.take(&mut state);
        if matches!(taken, Ok(None)) {
            state.watched = true;
        }
        self.notify(&state);
        taken
    }

    /// Waits for a client.
    pub(super) fn wait(self: &Arc<Self>) -> io::Result<OwnedHandle> {
        let mut state = self.lock();
        loop {
            if let Some(handle) = self.take(&mut state)? {
                self.notify(&state);
                return Ok(handle);
            }
            state = self.changed.wait(state).unwrap_or_else(PoisonError::into_inner);
        }
    }

    /// Has a watcher told, instead of the one before.
    pub(super) fn watch(&self, watcher: Arc<dyn Watch>) {
        let before = self.lock().watcher.replace(watcher);
        drop(before);
    }

    /// An instance that waits for clients and has no port, if one can be made; any otherwise.
    pub(super) fn give(&self) -> OwnedHandle {
        if let Ok(handle) = self.recipe.another() {
            return handle;
        }
        let mut state = self.lock();
        let State { waiting, spare, connected, .. } = &mut *state;
        let waits = || waiting.pop_first().map(|(_, handle)| handle);
        let given = spare.pop().or_else(waits).or_else(|| connected.pop_front());
        given.expect("an open listener has an instance")
    }

    fn lock(&self) -> MutexGuard<'_, State> {
        // What is done under the lock can't panic in between.
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn take(self: &Arc<Self>, state: &mut State) -> io::Result<Option<OwnedHandle>> {
        if state.connected.is_empty() {
            state.look();
        }
        let taken = state.connected.pop_front();
        let made = self.replenish(state);
        match (taken, made) {
            // The last instance is not given away: its client stays in the queue, as it does on
            // Unix where a process has no descriptors left.
            (Some(last), Err(error)) if state.open() == 0 => {
                state.connected.push_front(last);
                Err(error)
            }
            (Some(taken), _) => Ok(Some(taken)),
            // One may have come in between.
            (None, made) => match state.connected.pop_front() {
                Some(taken) => Ok(Some(taken)),
                None => state.explain(made).map(|()| None),
            },
        }
    }

    /// Has another thread see what is left. The watcher is told by the completions, which come also
    /// for those that were found before.
    fn notify(&self, state: &State) {
        if !state.connected.is_empty() {
            self.changed.notify_one();
        }
    }

    /// Has as many instances wait as should.
    fn replenish(self: &Arc<Self>, state: &mut State) -> io::Result<()> {
        while state.waiting.len() < state.should_wait
            && state.waiting.len() + state.connected.len() < self.most
        {
            let handle = match state.spare.pop() {
                Some(handle) => handle,
                None => {
                    let handle = self.recipe.another()?;
                    port::bind(handle.as_handle())?;
                    handle
                }
            };
            self.start(state, handle)?;
        }
        Ok(())
    }

    fn start(self: &Arc<Self>, state: &mut State, handle: OwnedHandle) -> io::Result<()> {
        state.last += 1;
        let number = state.last;
        let this = self.clone();
        let done = Box::new(move |outcome: Outcome| this.completed(number, outcome.code));
        let error = match port::connect(handle.as_handle(), done) {
            Issued::Later => {
                state.waiting.insert(number, handle);
                return Ok(());
            }
            Issued::Now(outcome) => outcome.code,
        };
        if has_client(error) {
            // Those that came before it go before it.
            state.look();
            state.connected.push_back(handle);
            state.should_wait = MOST_WAITING.min(state.should_wait * 2);
            return Ok(());
        }
        state.spare.push(handle);
        Err(io::Error::from_raw_os_error(error as i32))
    }

    /// On the port's thread.
    fn completed(self: &Arc<Self>, number: u64, error: u32) {
        let mut state = self.lock();
        // Not there: it was found before, or the listener is closed.
        if let Some(handle) = state.waiting.remove(&number) {
            self.sort(&mut state, handle, error);
        }
        let watcher = state.whom_to_tell();
        drop(state);
        self.changed.notify_one();
        if let Some(watcher) = watcher {
            watcher.ready(Readiness::READABLE);
        }
    }

    /// What has waited has a client, or else will wait again.
    fn sort(self: &Arc<Self>, state: &mut State, handle: OwnedHandle, error: u32) {
        if has_client(error) {
            state.connected.push_back(handle);
        } else {
            state.spare.push(handle);
            // A thread that ends can take along what it began; this one doesn't end.
            if error != ERROR_OPERATION_ABORTED {
                state.trouble = Some(io::Error::from_raw_os_error(error as i32));
            }
        }
        if let Err(error) = self.replenish(state) {
            // It is tried again with the next accept, which says so only if nobody can come.
            if state.waiting.is_empty() {
                state.trouble.get_or_insert(error);
            }
        }
    }
}

/// A client can come before it is waited for, and be gone by then. It may have left bytes, so it
/// is accepted; if it hasn't, it is a stream that has ended, as on Unix.
fn has_client(error: u32) -> bool {
    matches!(error, 0 | ERROR_PIPE_CONNECTED | ERROR_NO_DATA)
}

#[cfg(test)]
mod tests;
