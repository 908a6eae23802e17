//! Connecting on tokio.
//!
//! Each attempt is done at once. The system tells who waits in WaitNamedPipeW alone that an instance
//! of a pipe is free, which holds a thread and can't be called off (MSDN). So attempts are repeated
//! with pauses in between, as on Linux. The drawback: a connection may be made one pause later than
//! it could.

use super::{Stream, alarm};
use crate::{
    error::NameError,
    options::{ConnectOptions, ConnectWaitMode},
    sys::windows::{connect, pipe::Pipe},
};
use std::{
    io::{self, ErrorKind},
    sync::Arc,
    time::{Duration, Instant},
};

/// The first pause. Each one is twice as long as the one before it.
const FIRST_PAUSE: Duration = Duration::from_millis(1);

/// The longest pause, and so how late a connection may be made after an instance is free.
const LONGEST_PAUSE: Duration = Duration::from_millis(20);

/// Connects by the options. Between attempts there is nothing that a dropped future could leave.
pub(super) async fn connect(options: &ConnectOptions<'_>) -> io::Result<Stream> {
    let name = options.name.as_ref().ok_or(NameError::Missing)?;
    match attempt_again(options).await {
        Ok(pipe) => Stream::new(pipe, None),
        Err(cause) => Err(connect::failed(name, options, cause)),
    }
}

/// As often as the mode says.
async fn attempt_again(options: &ConnectOptions<'_>) -> io::Result<Arc<Pipe>> {
    let start = Instant::now();
    let mut pause = FIRST_PAUSE;
    loop {
        let busy = match connect::try_connect(options) {
            Err(error) if error.kind() == ErrorKind::WouldBlock => error,
            result => return result,
        };
        let left = match options.wait_mode {
            ConnectWaitMode::Deferred => return Err(busy),
            ConnectWaitMode::Timeout(limit) => limit.saturating_sub(start.elapsed()),
            ConnectWaitMode::Unbounded => Duration::MAX,
        };
        if left.is_zero() {
            return Err(ErrorKind::TimedOut.into());
        }
        alarm::sleep(pause.min(left)).await?;
        pause = LONGEST_PAUSE.min(pause * 2);
    }
}
