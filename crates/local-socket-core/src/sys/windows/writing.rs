//! The direction that writes.
//!
//! What has been issued is never cancelled: of a write that is partly read the system doesn't say how
//! much was (npfs counts what is left in the queue's entry, and forgets it with the entry). So one
//! write is under way at most, and it counts as taken. Whoever waits for it without a limit lets the
//! system read its memory; the others have their bytes copied.

use super::{
    overlapped::{self, Outcome},
    pipe::{Readiness, Shared},
    port::{self, Issued},
};
use std::{
    io,
    os::windows::io::AsHandle,
    sync::{Arc, Condvar, Mutex, MutexGuard, PoisonError},
    time::Instant,
};
use windows_sys::Win32::Foundation::{ERROR_BROKEN_PIPE, ERROR_NO_DATA, ERROR_PIPE_NOT_CONNECTED};

/// How much one write takes at most, in bytes. What is beyond is left to the next one: it bounds what
/// is copied and what the system keeps for a peer that doesn't read.
pub(super) const WRITE_AT_ONCE: usize = 65_536;

/// How many messages of no bytes tell the end, one after the other. One would do for ours, and is all
/// that a client waits for; a server has clients that write empty messages without meaning anything
/// by it: Node's `net` does for `write('')`.
pub(super) const END_MARKS: u32 = 8;

#[derive(Default)]
pub(super) struct Writing {
    state: Mutex<State>,
    changed: Condvar,
}

#[derive(Default)]
struct State {
    /// Writes and marks of the end that are under way and belong to nobody.
    in_flight: usize,
    /// A thread writes from its own memory and waits.
    is_busy: bool,
    is_shut: bool,
    /// What a write failed with that had been counted as taken.
    failed: Option<u32>,
    /// Somebody would have blocked and wants to be told.
    wanted: bool,
}

impl Shared {
    pub(super) fn try_write(self: &Arc<Self>, buf: &[u8]) -> io::Result<usize> {
        if buf.is_empty() {
            return Ok(0);
        }
        self.issue_write(&mut self.write_state(), buf)
    }

    pub(super) fn write(self: &Arc<Self>, buf: &[u8], limit: Option<Instant>) -> io::Result<usize> {
        if buf.is_empty() {
            return Ok(0);
        }
        let mut state = self.write_turn(limit)?;
        if limit.is_some() {
            return self.issue_write(&mut state, buf);
        }
        state.check()?;
        self.write_and_wait(state, &buf[..buf.len().min(WRITE_AT_ONCE)])
    }

    pub(super) fn flush(&self, limit: Option<Instant>) -> io::Result<()> {
        let mut state = self.write_state();
        while state.in_flight > 0 {
            state = self.await_change(state, limit)?;
        }
        state.failed.take().map_or(Ok(()), |code| Err(write_error(code)))
    }

    pub(super) fn try_flush(&self) -> io::Result<()> {
        let mut state = self.write_state();
        if state.in_flight > 0 || state.is_busy {
            state.wanted = true;
            return Err(io::ErrorKind::WouldBlock.into());
        }
        state.failed.take().map_or(Ok(()), |code| Err(write_error(code)))
    }

    /// Whether a write would be taken or fail at once. A write that failed on its way is for that one
    /// to tell.
    #[cfg(feature = "tokio")]
    pub(super) fn try_writable(&self) -> io::Result<()> {
        let mut state = self.write_state();
        if state.in_flight > 0 || state.is_busy {
            state.wanted = true;
            return Err(io::ErrorKind::WouldBlock.into());
        }
        Ok(())
    }

    pub(super) fn take_write_error(&self) -> Option<io::Error> {
        self.write_state().failed.take().map(write_error)
    }

    pub(super) fn is_writing(&self) -> bool {
        let state = self.write_state();
        state.in_flight > 0 || state.is_busy
    }

    /// The marks queue up behind what is under way: npfs takes writes in the order they come.
    pub(super) fn shutdown_write(self: &Arc<Self>) -> io::Result<()> {
        if !self.is_message_type {
            return Err(io::Error::new(io::ErrorKind::Unsupported, NO_HALF_CLOSE));
        }
        let mut state = self.write_state();
        if state.is_shut {
            return Ok(());
        }
        self.bind()?;
        state.is_shut = true;
        for _ in 0..END_MARKS {
            match port::write(self.handle.as_handle(), Box::default(), self.on_written()) {
                Issued::Now(Outcome { code: 0, .. }) => {}
                Issued::Later => state.in_flight += 1,
                // Nobody is there to be told.
                Issued::Now(_) => break,
            }
        }
        Ok(())
    }

    fn issue_write(self: &Arc<Self>, state: &mut State, buf: &[u8]) -> io::Result<usize> {
        state.check()?;
        if state.in_flight > 0 || state.is_busy {
            state.wanted = true;
            return Err(io::ErrorKind::WouldBlock.into());
        }
        self.bind()?;
        let copy: Box<[u8]> = buf[..buf.len().min(WRITE_AT_ONCE)].into();
        let length = copy.len();
        match port::write(self.handle.as_handle(), copy, self.on_written()) {
            Issued::Now(outcome) => written(outcome),
            Issued::Later => {
                state.in_flight += 1;
                Ok(length)
            }
        }
    }

    fn write_and_wait(&self, mut state: MutexGuard<'_, State>, buf: &[u8]) -> io::Result<usize> {
        // Issued before the lock is let go of, so that what comes later is behind it.
        state.is_busy = true;
        let mut state = Some(state);
        let ended = overlapped::write(self.handle.as_handle(), buf, |_| drop(state.take()));
        let mut state = state.unwrap_or_else(|| self.write_state());
        state.is_busy = false;
        self.changed(state);
        written(ended?.outcome)
    }

    fn on_written(self: &Arc<Self>) -> port::Done {
        let pipe = self.clone();
        Box::new(move |outcome| {
            let mut state = pipe.write_state();
            state.in_flight -= 1;
            if outcome.code != 0 {
                state.failed = Some(outcome.code);
            }
            pipe.changed(state);
            pipe.leave_if_done();
        })
    }

    /// Lets those who wait look again.
    fn changed(&self, mut state: MutexGuard<'_, State>) {
        let is_free = state.in_flight == 0 && !state.is_busy;
        let tell = is_free && std::mem::take(&mut state.wanted);
        drop(state);
        self.writing.changed.notify_all();
        if tell {
            self.tell(Readiness::WRITABLE);
        }
    }

    /// Waits until nothing is under way.
    fn write_turn(&self, limit: Option<Instant>) -> io::Result<MutexGuard<'_, State>> {
        let mut state = self.write_state();
        while state.in_flight > 0 || state.is_busy {
            state.check()?;
            state = self.await_change(state, limit)?;
        }
        Ok(state)
    }

    fn await_change<'a>(
        &'a self,
        state: MutexGuard<'a, State>,
        limit: Option<Instant>,
    ) -> io::Result<MutexGuard<'a, State>> {
        wait(&self.writing.changed, state, limit)
    }

    fn write_state(&self) -> MutexGuard<'_, State> {
        self.writing.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl State {
    /// Whether writing may go on: what failed before is told once.
    fn check(&mut self) -> io::Result<()> {
        if let Some(code) = self.failed.take() {
            return Err(write_error(code));
        }
        if self.is_shut { Err(write_error(ERROR_NO_DATA)) } else { Ok(()) }
    }
}

/// Waits for a change until the limit, whose expiry is `TimedOut`.
pub(super) fn wait<'a, T>(
    changed: &Condvar,
    state: MutexGuard<'a, T>,
    limit: Option<Instant>,
) -> io::Result<MutexGuard<'a, T>> {
    let Some(limit) = limit else {
        return Ok(changed.wait(state).unwrap_or_else(PoisonError::into_inner));
    };
    let left = limit.saturating_duration_since(Instant::now());
    if left.is_zero() {
        return Err(io::ErrorKind::TimedOut.into());
    }
    Ok(changed.wait_timeout(state, left).unwrap_or_else(PoisonError::into_inner).0)
}

fn written(outcome: Outcome) -> io::Result<usize> {
    if outcome.code == 0 { Ok(outcome.bytes) } else { Err(write_error(outcome.code)) }
}

/// That the peer is gone has several numbers, of which the standard library knows two.
fn write_error(code: u32) -> io::Error {
    let code = match code {
        ERROR_BROKEN_PIPE | ERROR_PIPE_NOT_CONNECTED => ERROR_NO_DATA,
        other => other,
    };
    io::Error::from_raw_os_error(code as i32)
}

const NO_HALF_CLOSE: &str = "the end of one direction can't be told on a pipe that keeps no messages \
                             apart (PIPE_TYPE_BYTE)";
