//! Who is let in: judging clients, and the server that was reached.

use super::pipe::Pipe;
use crate::{
    admission::{Allow, Refusal},
    options::ListenerOptions,
};
use std::{io, sync::Arc};

/// Counts a connection as long as it is open.
#[derive(Debug)]
pub(super) struct Ticket;

/// Who is let in by a listener, worked out once.
#[derive(Debug, Default)]
pub(super) struct Admission;

impl Admission {
    /// From options. `InvalidInput`: a limit of 0.
    pub(super) fn new(_options: &ListenerOptions<'_>) -> io::Result<Self> {
        unimplemented!()
    }

    /// How many were turned away.
    pub(super) fn refused(&self) -> u64 {
        unimplemented!()
    }

    /// Judges a client that has connected. Counts it, tells the observer, if it is refused.
    pub(super) fn admit(&self, _client: &Pipe) -> Result<Option<Arc<Ticket>>, Refusal> {
        unimplemented!()
    }
}

/// Whether who serves is one that `wanted` lets serve. `PermissionDenied` with a
/// [`ServerNotAllowed`](crate::error::ServerNotAllowed) within otherwise.
pub(super) fn check_server(_server: &Pipe, _wanted: Option<&Allow>) -> io::Result<()> {
    unimplemented!()
}
