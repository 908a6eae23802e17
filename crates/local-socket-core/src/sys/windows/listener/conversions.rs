//! What a listener is turned into.

use super::{
    super::{
        handle::{self, ReadMode},
        instance::BUFFER,
    },
    Listener,
};
use interprocess::os::windows::named_pipe::{
    PipeListener, PipeListenerOptions, PipeMode, pipe_mode::Bytes,
};
use std::{
    os::windows::io::{AsHandle, OwnedHandle},
    sync::atomic::Ordering::Relaxed,
};

/// One instance of the pipe that waits for clients and belongs to no completion port, so that the
/// name stays taken. Reads of it are of bytes, with no end at the end of a message. All else is
/// closed, and clients that weren't accepted see the end. If the system can't make one for want of
/// memory, it is one of those that were there, and belongs to the port of this crate.
impl From<Listener> for OwnedHandle {
    fn from(listener: Listener) -> Self {
        let handle = listener.held.0.give();
        // Where it can't be set, reads stop at the end of a message, which is an error with bytes.
        let _ = handle::set_read_mode(handle.as_handle(), ReadMode::Bytes);
        handle
    }
}

/// interprocess's listener on the same pipe, over one instance of it; see the conversion to a
/// handle. It lets everybody in whom the pipe's security descriptor does.
impl From<Listener> for PipeListener<Bytes, Bytes> {
    fn from(listener: Listener) -> Self {
        let nonblocking = listener.nonblocking_accept.load(Relaxed);
        let options = PipeListenerOptions::new()
            .path(listener.name.to_string())
            .mode(PipeMode::Messages)
            .input_buffer_size_hint(BUFFER)
            .output_buffer_size_hint(BUFFER);
        let theirs = Self::from_handle_and_options(listener.into(), options);
        // Where it can't be set, accepting waits.
        let _ = nonblocking.then(|| theirs.set_nonblocking(true));
        theirs
    }
}
