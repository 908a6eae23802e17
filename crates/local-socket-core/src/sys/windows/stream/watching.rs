//! Streams that tell when something became possible.

use super::Stream;
use crate::sys::windows::pipe::{Readiness, Watch};
use std::{io, sync::Arc};

struct Told<F>(F);

impl<F: Fn(Readiness) + Send + Sync> Watch for Told<F> {
    fn ready(&self, ready: Readiness) {
        (self.0)(ready);
    }
}

impl Stream {
    /// From now on, `told` is called once after each call that would have blocked
    /// ([`try_read`](Self::try_read), [`try_write`](Self::try_write)) when it may be tried again.
    /// It may be called when nothing changed, and a call that follows may find that it would block.
    /// The last `told` counts, for all clones and halves; it is dropped with the stream.
    ///
    /// It is called on a thread that serves all streams of the process, so it must be quick, and
    /// not wait for any of them; it may read and write without waiting. A panic in it is caught.
    ///
    /// # Errors
    /// [`Unsupported`](io::ErrorKind::Unsupported) if the stream was made of a handle that is bound
    /// to somebody else's completion port, or of one without FILE_FLAG_OVERLAPPED.
    pub fn on_ready(&self, told: impl Fn(Readiness) + Send + Sync + 'static) -> io::Result<()> {
        self.pipe.watch(Arc::new(Told(told)))
    }
}
