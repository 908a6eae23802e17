//! Reads that go on when nobody waits.

use super::{
    super::{pipe::Shared, port},
    AHEAD,
    state::{State, Turn},
};
use std::{
    mem,
    os::windows::io::AsHandle,
    sync::{Arc, atomic::Ordering},
};
use windows_sys::Win32::Foundation::ERROR_OPERATION_ABORTED;

impl Shared {
    /// Reads ahead. `false`: it is under way, and who watches will be told.
    pub(super) fn probe(self: &Arc<Self>, state: &mut State) -> bool {
        let pipe = Arc::downgrade(self);
        let done = Box::new(move |_| {
            if let Some(pipe) = pipe.upgrade() {
                pipe.probe_ended();
            }
        });
        let (_, operation) = port::read(self.handle.as_handle(), AHEAD, done);
        state.turn = Turn::Probe(operation);
        // Of a read that found more than it had room for, Windows says that it is under way, though
        // it has ended (STATUS_BUFFER_OVERFLOW).
        self.look_at_probe(state);
        matches!(state.turn, Turn::Free)
    }

    /// Takes note of a probe that has ended, as soon as that can be seen.
    pub(super) fn look_at_probe(&self, state: &mut State) {
        let Turn::Probe(operation) = &state.turn else { return };
        let Some(outcome) = operation.outcome() else { return };
        let Turn::Probe(operation) = mem::take(&mut state.turn) else { return };
        if outcome.code != ERROR_OPERATION_ABORTED && self.settle(state, outcome, AHEAD) > 0 {
            state.ahead = Some((operation, 0));
        }
    }

    /// On the port's thread: a probe has ended, and may have been seen to before.
    fn probe_ended(self: &Arc<Self>) {
        if self.is_left.load(Ordering::SeqCst) {
            return;
        }
        let mut state = self.read_state();
        self.look_at_probe(&mut state);
        // An empty message is nothing to tell of, if it isn't the end.
        while matches!(state.turn, Turn::Free)
            && state.empty > 0
            && state.ahead.is_none()
            && !state.is_settled()
        {
            self.probe(&mut state);
        }
        // The next one's end will tell.
        if matches!(state.turn, Turn::Probe(_)) {
            return;
        }
        self.read_changed(state);
    }

    /// So that its completion, and with it its place in the port's table, doesn't depend on what
    /// closing does.
    pub(in super::super) fn stop_probing(&self) {
        if let Turn::Probe(operation) = &self.read_state().turn {
            operation.cancel(self.handle.as_handle());
        }
    }
}
