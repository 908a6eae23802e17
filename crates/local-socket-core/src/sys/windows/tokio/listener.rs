//! Listeners on tokio.

use super::Stream;
use crate::{name::Name, options::ListenerOptions, sealed::Sealed, traits};
use std::io;

/// A listener on tokio.
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
}

impl Sealed for Listener {}

impl traits::tokio::Listener for Listener {
    type Stream = Stream;

    fn from_options(_options: ListenerOptions<'_>) -> io::Result<Self> {
        unimplemented!()
    }

    async fn accept(&self) -> io::Result<Stream> {
        unimplemented!()
    }

    fn do_not_reclaim_name_on_drop(&mut self) {}
}
