//! Pauses on a runtime that has I/O and need not have timers.
//!
//! tokio's own timers panic on a runtime that was built with `enable_io` alone, so this is a
//! timerfd_create(2) that the runtime waits for like for any descriptor. The drawback: a descriptor
//! for each connection that has to wait.

use ::tokio::io::unix::AsyncFd;
use std::{io, os::fd::OwnedFd, time::Duration};

#[expect(dead_code, reason = "nobody waits yet")]
pub(super) struct Timer(AsyncFd<OwnedFd>);

#[expect(dead_code, reason = "nobody waits yet")]
impl Timer {
    /// A timer that isn't set.
    pub(super) fn new() -> io::Result<Self> {
        unimplemented!()
    }

    /// Waits for this long. May be dropped and called again.
    pub(super) async fn sleep(&self, _time: Duration) -> io::Result<()> {
        unimplemented!()
    }
}
