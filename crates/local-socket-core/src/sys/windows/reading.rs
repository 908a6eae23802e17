//! The direction that reads.
//!
//! Nothing is read into a caller's memory unless the caller waits for it, or it is there already: a
//! read that finds nothing is cancelled, by which it loses nothing (npfs takes it out of the queue of
//! those that wait, or it has been served before). Where somebody watches, a read that finds nothing
//! goes on as a *probe*: up to [`AHEAD`] bytes into memory of its own, which the next read takes
//! first. While a probe is under way nobody else reads, or bytes would overtake each other; a thread
//! that wants to wait waits for it.
//!
//! A probe isn't a read of no bytes, cheaper as that were: npfs answers one at once if anything is in
//! the queue, bytes or an empty message, and takes neither (NpReadDataQueue; Wine takes the
//! message), so that it can't tell the end. The drawbacks: memory for each stream that is watched, and
//! bytes that were read ahead aren't there any more for others who have the handle.

mod probe;
mod state;

use super::{
    overlapped::{self, Ended},
    pipe::{Readiness, Shared},
    writing::wait,
};
use state::State;
pub(super) use state::{Reading, Turn};
use std::{
    io,
    os::windows::io::{AsHandle, AsRawHandle},
    ptr,
    sync::{Arc, MutexGuard, PoisonError},
    time::Instant,
};
use windows_sys::Win32::{Foundation::ERROR_OPERATION_ABORTED, System::Pipes::PeekNamedPipe};

/// How many bytes a probe takes at most.
const AHEAD: usize = 4096;

impl Shared {
    pub(super) fn try_read(self: &Arc<Self>, buf: &mut [u8]) -> io::Result<usize> {
        if buf.is_empty() {
            return Ok(0);
        }
        let mut state = self.read_state();
        loop {
            if let Some(result) = self.take(&mut state, buf) {
                return result;
            }
            let look_again = match state.turn {
                Turn::Free if self.is_watched() && !state.more => self.probe(&mut state),
                Turn::Free => match self.read_now(&mut state, buf)? {
                    Some(0) => true,
                    Some(length) => return Ok(length + self.fill_on(&mut state, buf, length)),
                    None => self.is_watched(),
                },
                Turn::Probe(_) | Turn::Thread(_) => false,
            };
            if !look_again {
                state.wanted = true;
                return Err(io::ErrorKind::WouldBlock.into());
            }
        }
    }

    /// Whether a read would give bytes, the end or an error, which reads ahead to find out.
    pub(super) fn try_readable(self: &Arc<Self>) -> io::Result<()> {
        self.bind()?;
        let mut state = self.read_state();
        loop {
            self.look_at_probe(&mut state);
            if state.ahead.is_some() || state.is_settled() {
                return Ok(());
            }
            if !matches!(state.turn, Turn::Free) || !self.probe(&mut state) {
                state.wanted = true;
                return Err(io::ErrorKind::WouldBlock.into());
            }
        }
    }

    pub(super) fn read(&self, buf: &mut [u8], limit: Option<Instant>) -> io::Result<usize> {
        if buf.is_empty() {
            return Ok(0);
        }
        let mut state = self.read_state();
        loop {
            if let Some(result) = self.take(&mut state, buf) {
                return result;
            }
            state = match state.turn {
                Turn::Probe(_) | Turn::Thread(_) => wait(&self.reading.changed, state, limit)?,
                Turn::Free => match self.read_and_wait(state, buf, limit)? {
                    0 => self.read_state(),
                    length => return Ok(length),
                },
            };
        }
    }

    pub(super) fn shutdown_read(&self) {
        let mut state = self.read_state();
        state.is_shut = true;
        match &state.turn {
            Turn::Probe(operation) => operation.cancel(self.handle.as_handle()),
            // It can't end its wait for good before this lock is let go of.
            Turn::Thread(Some(underway)) => underway.cancel(self.handle.as_handle()),
            Turn::Thread(None) | Turn::Free => {}
        }
        self.read_changed(state);
    }

    /// What is known without asking the system: bytes read ahead, the end, an error.
    fn take(&self, state: &mut State, buf: &mut [u8]) -> Option<io::Result<usize>> {
        self.look_at_probe(state);
        match state.take(buf) {
            0 => state.settled(),
            length if state.more => Some(Ok(length + self.fill_on(state, buf, length))),
            length => Some(Ok(length)),
        }
    }

    /// Reads what is there into the caller's memory, a message at most. `None`: nothing is there.
    /// No bytes: something else was learnt.
    fn read_now(&self, state: &mut State, buf: &mut [u8]) -> io::Result<Option<usize>> {
        state.more = false;
        let now = Some(Instant::now());
        let ended = overlapped::read(self.handle.as_handle(), buf, now, |_| {})?;
        if ended.outcome.code == ERROR_OPERATION_ABORTED {
            return Ok(None);
        }
        Ok(Some(self.settle(state, ended.outcome, buf.len())))
    }

    /// Behind what has been read into `buf`, what more is there: messages come one at a time.
    fn fill_on(&self, state: &mut State, buf: &mut [u8], mut filled: usize) -> usize {
        let first = filled;
        let mut left = match filled < buf.len() {
            false => 0,
            // The rest of the message.
            true if state.more => 1,
            true => self.available(),
        };
        while left > 0 && filled < buf.len() && !state.is_settled() {
            match self.read_now(state, &mut buf[filled..]) {
                Ok(Some(length)) => {
                    filled += length;
                    left = left.saturating_sub(length);
                }
                // Another process that has the handle too was faster; or it is for the next read.
                Ok(None) | Err(_) => break,
            }
        }
        filled - first
    }

    /// How many bytes are there: 0 also before an empty message, and at the end.
    fn available(&self) -> usize {
        let (mut available, none) = (0, ptr::null_mut());
        let pipe = self.handle.as_raw_handle();
        // SAFETY: the handle is open; what isn't wanted is null.
        let succeeded =
            unsafe { PeekNamedPipe(pipe, ptr::null_mut(), 0, none, &mut available, none) };
        if succeeded == 0 { 0 } else { available as usize }
    }

    /// Reads into the caller's memory for as long as it takes. No bytes: something else was learnt.
    fn read_and_wait<'a>(
        &'a self,
        mut state: MutexGuard<'a, State>,
        buf: &mut [u8],
        limit: Option<Instant>,
    ) -> io::Result<usize> {
        // Issued while the lock is held, so that who cancels it finds it.
        state.turn = Turn::Thread(None);
        state.more = false;
        let mut held = Some(state);
        let ended = overlapped::read(self.handle.as_handle(), buf, limit, |underway| {
            if let Some(mut state) = held.take() {
                state.turn = Turn::Thread(Some(underway));
            }
        });
        let mut state = held.unwrap_or_else(|| self.read_state());
        state.turn = Turn::Free;
        let result = match ended {
            Err(error) => Err(error),
            Ok(ended) if ended.outcome.code == ERROR_OPERATION_ABORTED => {
                if ended.expired {
                    Err(io::ErrorKind::TimedOut.into())
                } else {
                    Ok(0)
                }
            }
            Ok(Ended { outcome, waited, .. }) => {
                let length = self.settle(&mut state, outcome, buf.len());
                // A message that was waited for is likely to be alone.
                let alone = waited || length == 0;
                Ok(length + if alone { 0 } else { self.fill_on(&mut state, buf, length) })
            }
        };
        self.read_changed(state);
        result
    }

    /// Lets those who wait look again.
    fn read_changed(&self, mut state: MutexGuard<'_, State>) {
        let tell = std::mem::take(&mut state.wanted);
        drop(state);
        self.reading.changed.notify_all();
        if tell {
            self.tell(Readiness::READABLE);
        }
    }

    pub(super) fn read_state(&self) -> MutexGuard<'_, State> {
        self.reading.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}
