//! What else the system tells of the other end.

use super::Stream;
use crate::sys::windows::creds;
use std::{io, os::windows::io::AsHandle};

impl Stream {
    /// Whether the process on the other end still runs. See
    /// [that of the blocking stream](crate::os::windows::named_pipe::local_socket::Stream::peer_is_running).
    ///
    /// # Errors
    /// As there.
    pub fn peer_is_running(&self) -> io::Result<Option<bool>> {
        creds::peer_is_running(self.pipe.as_handle(), self.pipe.end())
    }
}
