//! Listeners.

use super::{pipe::Watch, stream::Stream};
use crate::{
    name::Name,
    options::{ListenerNonblockingMode, ListenerOptions},
    sealed::Sealed,
    traits,
};
use std::{io, iter::FusedIterator, sync::Arc};

/// A listener: instances of a pipe, of which some wait for clients at any time.
#[derive(Debug)]
pub struct Listener;

impl Listener {
    /// The name that it listens at.
    #[must_use]
    pub fn name(&self) -> Option<&Name<'static>> {
        unimplemented!()
    }

    /// How many clients were turned away.
    #[must_use]
    pub fn refused(&self) -> u64 {
        unimplemented!()
    }

    /// Accepts without waiting.
    ///
    /// # Errors
    /// `WouldBlock`: nobody is there.
    pub fn try_accept(&self) -> io::Result<Stream> {
        unimplemented!()
    }

    /// From now on, `watcher` is told (READABLE) once after each accept that would have blocked.
    pub(crate) fn watch(&self, _watcher: Arc<dyn Watch>) -> io::Result<()> {
        unimplemented!()
    }
}

impl Sealed for Listener {}

impl traits::Listener for Listener {
    type Stream = Stream;

    fn accept(&self) -> io::Result<Stream> {
        unimplemented!()
    }

    fn set_nonblocking(&self, _nonblocking: ListenerNonblockingMode) -> io::Result<()> {
        unimplemented!()
    }

    fn do_not_reclaim_name_on_drop(&mut self) {}

    fn from_options(_options: ListenerOptions<'_>) -> io::Result<Self> {
        unimplemented!()
    }
}

impl Iterator for Listener {
    type Item = io::Result<Stream>;

    fn next(&mut self) -> Option<Self::Item> {
        Some(traits::Listener::accept(self))
    }

    fn size_hint(&self) -> (usize, Option<usize>) {
        (usize::MAX, None)
    }
}

impl FusedIterator for Listener {}
