//! What a listener is turned into.

use super::Listener;
use std::os::windows::io::OwnedHandle;

/// One instance of the pipe that waits for clients and belongs to no completion port, so that the
/// name stays taken. All else is closed, and clients that weren't accepted see the end. If the
/// system can't make one for want of memory, it is one of those that were there, and belongs to the
/// port of this crate.
impl From<Listener> for OwnedHandle {
    fn from(listener: Listener) -> Self {
        listener.held.0.give()
    }
}
