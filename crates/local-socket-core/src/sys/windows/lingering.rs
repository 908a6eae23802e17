//! Pipes that were dropped with bytes on their way.
//!
//! What is under way has the handle until it is done. Meanwhile what the peer sends is read and thrown
//! away: a peer that waits for room for its own bytes never reads ours, and two that were dropped
//! like that would wait for each other for ever. The drawback: the peer learns that nobody reads only
//! when it has read what was on its way, and a peer that neither reads nor goes keeps the pipe, which
//! counts as its listener's connection for as long.
//!
//! A peer that goes on writing isn't read from for ever, nor does it keep the port's thread from other
//! pipes: reads go on by turns, and beyond [`MOST_THROWN_AWAY`] what was on its way is given up.

use super::{
    overlapped::Outcome,
    pipe::Shared,
    port::{self, Issued},
    reading::Turn,
};
use std::{
    os::windows::io::AsHandle,
    sync::{Arc, atomic::Ordering},
};
use windows_sys::Win32::Foundation::ERROR_MORE_DATA;

/// How many bytes are thrown away at a time.
const THROWN_AWAY: usize = 4096;

/// How many reads follow each other before others have their turn of the thread.
const IN_A_ROW: usize = 16;

/// How much is thrown away at the most, in bytes. Two that were dropped have a buffer and a write
/// each on their way, less than a hundredth of it.
const MOST_THROWN_AWAY: usize = 16 << 20;

/// What a message costs besides its bytes, so that small ones come to an end too.
const MESSAGE: usize = 64;

impl Shared {
    /// The pipe was dropped. Nothing happens if nothing is on its way.
    pub(super) fn linger(self: &Arc<Self>) {
        self.is_left.store(true, Ordering::SeqCst);
        self.stop_probing();
        self.throw_away(MOST_THROWN_AWAY);
    }

    /// A write is done.
    pub(super) fn leave_if_done(&self) {
        if self.is_left.load(Ordering::SeqCst) && !self.is_writing() {
            self.stop_probing();
        }
    }

    /// `left` is how much more may be.
    fn throw_away(self: &Arc<Self>, mut left: usize) {
        for _ in 0..IN_A_ROW {
            if left == 0 {
                return self.give_up();
            }
            match self.throw_away_one(left) {
                Some(rest) => left = rest,
                None => return,
            }
        }
        let pipe = self.clone();
        if port::post(Box::new(move |_| pipe.throw_away(left))).is_err() {
            self.give_up();
        }
    }

    /// What is left of `left`, if it goes on at once.
    fn throw_away_one(self: &Arc<Self>, left: usize) -> Option<usize> {
        // Under the lock of reading, so that whoever finishes the last write finds the read to cancel.
        let mut state = self.read_state();
        state.turn = Turn::Free;
        if !self.is_writing() {
            return None;
        }
        let pipe = self.clone();
        let rest = move |outcome: Outcome| left.saturating_sub(outcome.bytes + MESSAGE);
        let done = Box::new(move |outcome| pipe.throw_away(rest(outcome)));
        let (issued, operation) = port::read(self.handle.as_handle(), THROWN_AWAY, done);
        match issued {
            Issued::Later => {
                state.turn = Turn::Probe(operation);
                None
            }
            Issued::Now(outcome) if matches!(outcome.code, 0 | ERROR_MORE_DATA) => {
                Some(rest(outcome))
            }
            // The write will learn of it too.
            Issued::Now(_) => None,
        }
    }

    /// With the writes, the last references to the handle go.
    fn give_up(&self) {
        port::cancel_all(self.handle.as_handle());
    }
}
