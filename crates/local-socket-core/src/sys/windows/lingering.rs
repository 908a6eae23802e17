//! Pipes that were dropped with bytes on their way.
//!
//! What is under way has the handle until it is done. Meanwhile what the peer sends is read and thrown
//! away: a peer that waits for room for its own bytes never reads ours, and two that were dropped
//! like that would wait for each other for ever. The drawback: the peer learns that nobody reads only
//! when it has read what was on its way.

use super::{
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

impl Shared {
    /// The pipe was dropped. Nothing happens if nothing is on its way.
    pub(super) fn linger(self: &Arc<Self>) {
        self.is_left.store(true, Ordering::SeqCst);
        self.stop_probing();
        self.throw_away();
    }

    /// A write is done.
    pub(super) fn leave_if_done(&self) {
        if self.is_left.load(Ordering::SeqCst) && !self.is_writing() {
            self.stop_probing();
        }
    }

    fn throw_away(self: &Arc<Self>) {
        let mut state = self.read_state();
        // Under the lock of reading, so that whoever finishes the last write finds the read to cancel.
        while self.is_writing() {
            let pipe = self.clone();
            let done = Box::new(move |_| pipe.throw_away());
            let (issued, operation) = port::read(self.handle.as_handle(), THROWN_AWAY, done);
            match issued {
                Issued::Later => {
                    state.turn = Turn::Probe(operation);
                    return;
                }
                Issued::Now(outcome) if matches!(outcome.code, 0 | ERROR_MORE_DATA) => {}
                // The write will learn of it too.
                Issued::Now(_) => break,
            }
        }
        state.turn = Turn::Free;
    }
}
