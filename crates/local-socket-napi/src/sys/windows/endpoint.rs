//! What there is to know of an endpoint that is a pipe.

use {
    crate::{endpoint::Endpoint, poller::Watched},
    std::{cell::OnceCell, sync::Arc},
};

/// What is remembered of a stream.
#[derive(Default)]
pub struct Traits {
    /// How its poller is told that it is ready; set when that begins to watch it.
    pub watched: OnceCell<Arc<Watched>>,
}

impl Endpoint {
    /// Whether a read can end before what is there does: always. The core tells of bytes only after
    /// a read that found none, so that a read which got some may not be taken for that one.
    pub fn may_read_short(&self) -> bool {
        true
    }

    /// Whether closing it ends watching it, too.
    pub fn is_alone(&self) -> bool {
        true
    }
}
