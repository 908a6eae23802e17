//! What else the system tells of the other end.

use super::Stream;
use crate::sys::windows::creds;
use std::{io, os::windows::io::AsHandle};

impl Stream {
    /// Whether the process that connected, or for a client the one that made the pipe, still runs.
    /// `None` where this process may not know, as of another user's as a rule.
    ///
    /// It is asked by the [`pid`](crate::PeerCreds::pid), which may have been given to somebody else
    /// since, so `true` doesn't say that it is the same process. Nor does it say who has the other
    /// end of the stream now, whose handle can be passed on.
    ///
    /// # Errors
    /// The system's own, see GetNamedPipeClientProcessId and OpenProcess.
    pub fn peer_is_running(&self) -> io::Result<Option<bool>> {
        creds::peer_is_running(self.pipe.as_handle(), self.pipe.end())
    }
}
