//! What is known of the direction that reads.

use super::super::{
    overlapped::{Outcome, Underway},
    pipe::{End, Shared},
    port::Operation,
    writing::END_MARKS,
};
use std::{
    io,
    sync::{Arc, Condvar, Mutex},
};
use windows_sys::Win32::Foundation::{
    ERROR_BROKEN_PIPE, ERROR_MORE_DATA, ERROR_PIPE_NOT_CONNECTED,
};

#[derive(Default)]
pub(in super::super) struct Reading {
    pub(super) state: Mutex<State>,
    pub(super) changed: Condvar,
}

#[derive(Default)]
pub(in super::super) struct State {
    pub(in super::super) turn: Turn,
    /// A probe that brought bytes, and how many of them are gone.
    pub(super) ahead: Option<(Arc<Operation>, usize)>,
    /// The last read left something of its message, or filled what it was given.
    pub(super) more: bool,
    /// How many messages of no bytes came last.
    pub(super) empty: u32,
    has_ended: bool,
    pub(super) is_shut: bool,
    /// What a read failed with that nobody was told of.
    failed: Option<u32>,
    /// Somebody would have blocked and wants to be told.
    pub(super) wanted: bool,
}

/// Whose turn it is to read from the system.
#[derive(Default)]
pub(in super::super) enum Turn {
    #[default]
    Free,
    /// A probe is under way.
    Probe(Arc<Operation>),
    /// A thread reads into its own memory and waits.
    Thread(Option<Underway>),
}

impl State {
    /// Bytes that were read ahead.
    pub(super) fn take(&mut self, buf: &mut [u8]) -> usize {
        let Some((operation, gone)) = &mut self.ahead else { return 0 };
        if self.is_shut {
            return 0;
        }
        let bytes = &operation.bytes()[*gone..];
        let length = bytes.len().min(buf.len());
        buf[..length].copy_from_slice(&bytes[..length]);
        *gone += length;
        if length == bytes.len() {
            self.ahead = None;
        }
        length
    }

    /// The end, or an error that nobody was told of yet.
    pub(super) fn settled(&mut self) -> Option<io::Result<usize>> {
        if self.has_ended || self.is_shut {
            return Some(Ok(0));
        }
        self.failed.take().map(|code| Err(io::Error::from_raw_os_error(code as i32)))
    }

    /// Whether reading from the system is of no use.
    pub(super) fn is_settled(&self) -> bool {
        self.has_ended || self.is_shut || self.failed.is_some()
    }

    fn fail(&mut self, code: u32) {
        match code {
            // Only after everything that had arrived: npfs serves what is in the queue before.
            ERROR_BROKEN_PIPE | ERROR_PIPE_NOT_CONNECTED => self.has_ended = true,
            _ => self.failed = Some(code),
        }
    }
}

impl Shared {
    /// Learns from a read of `asked` bytes how things are. How many bytes it gave.
    pub(super) fn settle(&self, state: &mut State, outcome: Outcome, asked: usize) -> usize {
        match (outcome.code, outcome.bytes) {
            (0, 0) => self.count_empty(state),
            (0 | ERROR_MORE_DATA, length) => {
                state.more = outcome.code != 0 || length == asked;
                state.empty = 0;
                return length;
            }
            (code, _) => state.fail(code),
        }
        0
    }

    /// A message of no bytes; where messages aren't kept apart it means nothing.
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
}
