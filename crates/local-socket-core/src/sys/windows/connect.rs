//! Connecting.

use super::pipe::Pipe;
use crate::options::ConnectOptions;
use std::{io, sync::Arc, time::Instant};

/// Opens the pipe, waiting as the options say.
pub(super) fn connect(_options: &ConnectOptions<'_>) -> io::Result<Arc<Pipe>> {
    unimplemented!()
}

/// Tries once. `WouldBlock`: the pipe is there, and every instance is busy.
pub(super) fn try_connect(_options: &ConnectOptions<'_>) -> io::Result<Arc<Pipe>> {
    unimplemented!()
}

/// Until when connecting may take, by the options.
pub(super) fn deadline(_options: &ConnectOptions<'_>) -> Option<Instant> {
    unimplemented!()
}
