//! Connecting on tokio.
//!
//! Each attempt is done at once. The system tells only who waits in WaitNamedPipeW that an instance
//! of a pipe is free, which holds a thread and can't be called off (MSDN). So attempts are repeated
//! with pauses in between, as on Linux. The drawback: a connection may be made one pause later than
//! it could.

use super::{Stream, alarm};
use crate::{
    error::NameError,
    options::{ConnectOptions, ConnectWaitMode},
    sys::windows::connect,
};
use std::{
    io::{self, ErrorKind},
    time::{Duration, Instant},
};

/// The first pause. Each one is twice as long as the one before it.
const FIRST_PAUSE: Duration = Duration::from_millis(1);

/// The longest pause, and so how late a connection may be made after an instance is free.
const LONGEST_PAUSE: Duration = Duration::from_millis(20);

/// Connects by the options, as often as the mode says. Between attempts there is nothing that a
/// dropped future could leave.
pub(super) async fn connect(options: &ConnectOptions<'_>) -> io::Result<Stream> {
    let name = options.name.as_ref().ok_or(NameError::Missing)?;
    let start = Instant::now();
    let mut pause = FIRST_PAUSE;
    loop {
        let busy = match connect::try_connect(options) {
            Ok(pipe) => return Stream::new(pipe),
            Err(error) if error.kind() == ErrorKind::WouldBlock => error,
            Err(error) => return Err(error),
        };
        let left = match options.wait_mode {
            ConnectWaitMode::Deferred => return Err(busy),
            ConnectWaitMode::Timeout(limit) => limit.saturating_sub(start.elapsed()),
            ConnectWaitMode::Unbounded => Duration::MAX,
        };
        if left.is_zero() {
            return Err(connect::failed(name, options, connect::timed_out()));
        }
        alarm::sleep(pause.min(left))
            .await
            .map_err(|cause| connect::failed(name, options, cause))?;
        pause = LONGEST_PAUSE.min(pause * 2);
    }
}
