//! The direction that reads.
//!
//! Nothing is read into a caller's memory unless the caller waits for it, or it is there already.
//! Who doesn't want to wait looks (PeekNamedPipe), and if there is nothing, leaves a *probe*: a read of
//! no bytes, which ends when there is something. It takes nothing away but a message of no bytes. One
//! probe at most is under way, and while one is, a thread that wants to wait waits for it.

use super::{
    overlapped::{self, Outcome, Underway},
    pipe::{End, Readiness, Shared},
    port::{self, Issued, Operation},
    writing::{END_MARKS, wait},
};
use std::{
    io,
    os::windows::io::{AsHandle, AsRawHandle},
    ptr,
    sync::{Arc, Condvar, Mutex, MutexGuard, PoisonError},
    time::Instant,
};
use windows_sys::Win32::{
    Foundation::{
        ERROR_BROKEN_PIPE, ERROR_MORE_DATA, ERROR_OPERATION_ABORTED, ERROR_PIPE_NOT_CONNECTED,
    },
    System::Pipes::PeekNamedPipe,
};

#[derive(Default)]
pub(super) struct Reading {
    state: Mutex<State>,
    changed: Condvar,
}

#[derive(Default)]
struct State {
    turn: Turn,
    /// How many messages of no bytes came last.
    empty: u32,
    has_ended: bool,
    is_shut: bool,
    /// What a read failed with that nobody was told of.
    failed: Option<u32>,
    /// Somebody would have blocked and wants to be told.
    wanted: bool,
}

#[derive(Default)]
enum Turn {
    #[default]
    Free,
    /// A probe is under way. `is_late`: bytes were read since, so that it came before them.
    Probe { operation: Arc<Operation>, is_late: bool },
    /// A thread reads into its own memory and waits.
    Thread(Option<Underway>),
}

impl Shared {
    pub(super) fn try_read(self: &Arc<Self>, buf: &mut [u8]) -> io::Result<usize> {
        if buf.is_empty() {
            return Ok(0);
        }
        let mut state = self.read_state();
        loop {
            if let Some(result) = self.read_at_once(&mut state, buf) {
                return result;
            }
            if !matches!(state.turn, Turn::Free) || self.probe(&mut state)? {
                state.wanted = true;
                return Err(io::ErrorKind::WouldBlock.into());
            }
        }
    }

    pub(super) fn try_readable(self: &Arc<Self>) -> io::Result<()> {
        let mut state = self.read_state();
        loop {
            self.look_at_probe(&mut state);
            if state.is_settled() {
                return Ok(());
            }
            if !matches!(state.turn, Turn::Thread(_)) {
                match self.peek() {
                    Ok(0) => {}
                    Ok(_) => return Ok(()),
                    Err(code) => {
                        state.fail(code);
                        return Ok(());
                    }
                }
            }
            if !matches!(state.turn, Turn::Free) || self.probe(&mut state)? {
                state.wanted = true;
                return Err(io::ErrorKind::WouldBlock.into());
            }
        }
    }

    pub(super) fn read(
        self: &Arc<Self>,
        buf: &mut [u8],
        limit: Option<Instant>,
    ) -> io::Result<usize> {
        if buf.is_empty() {
            return Ok(0);
        }
        let mut state = self.read_state();
        loop {
            if let Some(result) = state.settled() {
                return result;
            }
            if matches!(state.turn, Turn::Free) {
                let (again, result) = self.read_and_wait(state, buf, limit);
                match result? {
                    Some(length) => return Ok(length),
                    None => state = again,
                }
            } else {
                if let Some(result) = self.read_at_once(&mut state, buf) {
                    return result;
                }
                if !matches!(state.turn, Turn::Free) {
                    state = wait(&self.reading.changed, state, limit)?;
                }
            }
        }
    }

    pub(super) fn shutdown_read(&self) {
        let mut state = self.read_state();
        state.is_shut = true;
        match &state.turn {
            Turn::Free => {}
            Turn::Probe { operation, .. } => operation.cancel(self.handle.as_handle()),
            // It can't end its wait for good before this lock is let go of.
            Turn::Thread(Some(underway)) => underway.cancel(self.handle.as_handle()),
            Turn::Thread(None) => {}
        }
        drop(self.read_changed(state));
    }

    /// So that its completion, and with it its place in the port's table, doesn't depend on what
    /// closing does.
    pub(super) fn stop_probing(&self) {
        if let Turn::Probe { operation, .. } = &self.read_state().turn {
            operation.cancel(self.handle.as_handle());
        }
    }

    /// What can be read without waiting, if there is anything; the end and errors too.
    fn read_at_once(&self, state: &mut State, buf: &mut [u8]) -> Option<io::Result<usize>> {
        self.look_at_probe(state);
        loop {
            if let Some(result) = state.settled() {
                return Some(result);
            }
            if matches!(state.turn, Turn::Thread(_)) {
                return None;
            }
            match self.peek() {
                Ok(0) => return None,
                Ok(available) => match self.fill(state, buf, available) {
                    0 => {}
                    length => return Some(Ok(length)),
                },
                Err(code) => state.fail(code),
            }
        }
    }

    /// How many bytes are there. 0 says nothing about messages of no bytes.
    fn peek(&self) -> Result<usize, u32> {
        let (mut available, none) = (0, ptr::null_mut());
        let pipe = self.handle.as_raw_handle();
        // SAFETY: the handle is open; what isn't wanted is null.
        let succeeded =
            unsafe { PeekNamedPipe(pipe, ptr::null_mut(), 0, none, &mut available, none) };
        if succeeded == 0 { Err(overlapped::last_error()) } else { Ok(available as usize) }
    }

    /// Reads what was seen, one message after the other.
    fn fill(&self, state: &mut State, buf: &mut [u8], available: usize) -> usize {
        let (mut filled, mut left) = (0, available);
        while filled < buf.len() && left > 0 && !state.is_settled() {
            // A moment ago it was there. If another process that has the handle too was faster, this
            // is cancelled, by which a read loses nothing.
            let now = Some(Instant::now());
            match overlapped::read(self.handle.as_handle(), &mut buf[filled..], now, |_| {}) {
                Ok(ended) if ended.outcome.code == ERROR_OPERATION_ABORTED => break,
                Ok(ended) => {
                    let length = self.settle_read(state, ended.outcome);
                    filled += length;
                    left = left.saturating_sub(length);
                }
                Err(error) => state.fail(error.raw_os_error().unwrap_or_default() as u32),
            }
        }
        filled
    }

    /// Reads into the caller's memory for as long as it takes. `None`: nothing came of it yet.
    fn read_and_wait<'a>(
        &'a self,
        mut state: MutexGuard<'a, State>,
        buf: &mut [u8],
        limit: Option<Instant>,
    ) -> (MutexGuard<'a, State>, io::Result<Option<usize>>) {
        // Issued while the lock is held, so that who cancels it finds it.
        state.turn = Turn::Thread(None);
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
                if ended.expired && !state.is_shut {
                    Err(io::ErrorKind::TimedOut.into())
                } else {
                    Ok(None)
                }
            }
            Ok(ended) => {
                let length = self.settle_read(&mut state, ended.outcome);
                Ok((length > 0)
                    .then(|| length + self.fill_on(&mut state, buf, length, ended.waited)))
            }
        };
        (self.read_changed(state), result)
    }

    /// What more there is behind a message that was there already. One that was waited for is
    /// likely to be alone.
    fn fill_on(&self, state: &mut State, buf: &mut [u8], length: usize, waited: bool) -> usize {
        if waited || !self.reads_messages || length == buf.len() {
            return 0;
        }
        match self.peek() {
            Ok(0) | Err(_) => 0,
            Ok(available) => self.fill(state, &mut buf[length..], available),
        }
    }

    /// Learns from a read how things are. How many bytes it gave.
    fn settle_read(&self, state: &mut State, outcome: Outcome) -> usize {
        if outcome.bytes > 0 {
            state.empty = 0;
            if let Turn::Probe { is_late, .. } = &mut state.turn {
                *is_late = true;
            }
        }
        match outcome.code {
            0 | ERROR_MORE_DATA if outcome.bytes > 0 => return outcome.bytes,
            0 => self.count_empty(state),
            ERROR_MORE_DATA => {}
            code => state.fail(code),
        }
        0
    }

    /// A read of no bytes in a row. Where messages aren't kept apart it says nothing.
    fn count_empty(&self, state: &mut State) {
        if self.reads_messages {
            state.empty += 1;
            let enough = match self.end {
                End::Server => END_MARKS,
                // Its server keeps messages apart, as ours and those that know this convention do.
                End::Client => 1,
            };
            state.has_ended |= state.empty >= enough;
        }
    }

    /// Leaves a probe, so that what comes is told of. `false`: there is something already.
    fn probe(self: &Arc<Self>, state: &mut State) -> io::Result<bool> {
        if self.bind().is_err() {
            return self.probe_once(state);
        }
        let pipe = Arc::downgrade(self);
        let done = Box::new(move |_| {
            if let Some(pipe) = pipe.upgrade() {
                pipe.probe_ended();
            }
        });
        match port::probe(self.handle.as_handle(), done) {
            Issued::Later(operation) => {
                state.turn = Turn::Probe { operation, is_late: false };
                Ok(true)
            }
            Issued::Now(outcome) => {
                self.settle_probe(state, outcome, false);
                Ok(false)
            }
        }
    }

    /// As [`probe`](Self::probe), where nothing can be left: looks for messages of no bytes.
    fn probe_once(&self, state: &mut State) -> io::Result<bool> {
        let now = Some(Instant::now());
        let ended = overlapped::read(self.handle.as_handle(), &mut [], now, |_| {})?;
        if ended.outcome.code == ERROR_OPERATION_ABORTED {
            return Ok(true);
        }
        self.settle_probe(state, ended.outcome, false);
        Ok(false)
    }

    /// On the port's thread: a probe ended that may have been seen to before.
    fn probe_ended(self: &Arc<Self>) {
        let mut state = self.read_state();
        self.look_at_probe(&mut state);
        while matches!(state.turn, Turn::Free)
            && state.empty > 0
            && !state.is_settled()
            && matches!(self.peek(), Ok(0))
        {
            // An empty message alone isn't worth telling of.
            match self.probe(&mut state) {
                Ok(false) => {}
                Ok(true) => return self.reading.changed.notify_all(),
                Err(_) => break,
            }
        }
        drop(self.read_changed(state));
    }

    /// Takes note of a probe that has ended, as soon as that can be seen.
    fn look_at_probe(&self, state: &mut State) {
        if let Turn::Probe { operation, is_late } = &state.turn {
            if let Some(outcome) = operation.outcome() {
                let is_late = *is_late;
                state.turn = Turn::Free;
                self.settle_probe(state, outcome, is_late);
            }
        }
    }

    fn settle_probe(&self, state: &mut State, outcome: Outcome, is_late: bool) {
        match outcome.code {
            // What it took came before bytes that have been read.
            0 if is_late => {}
            ERROR_OPERATION_ABORTED => {}
            _ => {
                self.settle_read(state, outcome);
            }
        }
    }

    /// Lets those who wait look again.
    fn read_changed<'a>(&'a self, mut state: MutexGuard<'a, State>) -> MutexGuard<'a, State> {
        self.reading.changed.notify_all();
        if !std::mem::take(&mut state.wanted) {
            return state;
        }
        drop(state);
        self.tell(Readiness::READABLE);
        self.read_state()
    }

    fn read_state(&self) -> MutexGuard<'_, State> {
        self.reading.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl State {
    /// The end, or an error that nobody was told of yet.
    fn settled(&mut self) -> Option<io::Result<usize>> {
        if self.has_ended || self.is_shut {
            return Some(Ok(0));
        }
        self.failed.take().map(|code| Err(io::Error::from_raw_os_error(code as i32)))
    }

    fn is_settled(&self) -> bool {
        self.has_ended || self.is_shut || self.failed.is_some()
    }

    fn fail(&mut self, code: u32) {
        match code {
            // Only after everything that had arrived: npfs gives it while there is any.
            ERROR_BROKEN_PIPE | ERROR_PIPE_NOT_CONNECTED => self.has_ended = true,
            _ => self.failed = Some(code),
        }
    }
}
