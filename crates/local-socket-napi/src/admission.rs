//! Who is let in, as it crosses: rules on the way in, and on the way out those who were refused.

use {
    crate::peer::PeerFacts,
    local_socket::{Refusal, RefusalReason},
    napi_derive::napi,
    std::{
        mem,
        sync::{
            Mutex, PoisonError,
            atomic::{AtomicBool, Ordering::Relaxed},
        },
    },
};

/// How many refusals wait to be told at most. Those beyond are counted, and nobody hears of them:
/// whoever floods a listener must not get memory for it.
const MOST_WAITING: usize = 256;

/// Peers of whom one rule is enough to be let in.
#[napi(object, object_to_js = false)]
pub struct Rules {
    /// Everybody.
    pub anyone: bool,
    /// The effective user of this process, and root; on Windows the system and administrators.
    pub same_user: bool,
    /// Users by their ids.
    pub uids: Vec<u32>,
    /// Groups by their ids, effective or supplementary.
    pub gids: Vec<u32>,
    /// Users and groups of Windows by their security identifiers, such as `S-1-5-18`.
    pub sids: Vec<String>,
}

/// Why a client was turned away.
#[napi(string_enum = "camelCase")]
pub enum Reason {
    /// No rule lets it in.
    NotAllowed,
    /// The listener has as many connections as it may have.
    TooManyConnections,
    /// Its user has as many as one may have.
    TooManyOfUser,
}

/// A client that was turned away.
#[napi(object, object_from_js = false)]
pub struct RefusalFacts {
    /// Why.
    pub reason: Reason,
    /// Who it was.
    pub peer: PeerFacts,
}

impl From<&Refusal> for RefusalFacts {
    fn from(refusal: &Refusal) -> Self {
        let reason = match refusal.reason() {
            RefusalReason::TooManyConnections => Reason::TooManyConnections,
            RefusalReason::TooManyOfUser => Reason::TooManyOfUser,
            _ => Reason::NotAllowed,
        };
        Self { reason, peer: refusal.peer().map(PeerFacts::from).unwrap_or_default() }
    }
}

/// Those whom a listener turned away and who wait to be told of, if anybody wants to know.
#[derive(Default)]
pub struct Refusals {
    observed: AtomicBool,
    waiting: Mutex<Vec<RefusalFacts>>,
}

impl Refusals {
    /// Whether they are kept from now on.
    pub fn observe(&self, on: bool) {
        self.observed.store(on, Relaxed);
    }

    /// Keeps one, if somebody wants to know and there is room.
    pub fn keep(&self, refusal: &Refusal) {
        if !self.observed.load(Relaxed) {
            return;
        }
        let mut waiting = self.waiting.lock().unwrap_or_else(PoisonError::into_inner);
        if waiting.len() < MOST_WAITING {
            waiting.push(RefusalFacts::from(refusal));
        }
    }

    /// How many wait.
    pub fn count(&self) -> usize {
        self.waiting.lock().unwrap_or_else(PoisonError::into_inner).len()
    }

    /// Those that wait, who then don't any more.
    pub fn take(&self) -> Vec<RefusalFacts> {
        mem::take(&mut *self.waiting.lock().unwrap_or_else(PoisonError::into_inner))
    }
}
