//! From options to a stream on tokio.

use super::Stream;
use crate::{options::ConnectOptions, traits};
use std::io;

impl ConnectOptions<'_> {
    /// Connects on tokio and gives a stream. The options may be used again.
    ///
    /// `nonblocking_stream` says nothing here: no stream on tokio blocks. If the future is dropped
    /// before it is done, nothing is left behind, also not in the listener's backlog.
    ///
    /// # Errors
    /// As for [`connect_sync`](Self::connect_sync).
    ///
    /// # Panics
    /// When polled outside a tokio runtime with I/O enabled.
    pub fn connect_tokio(&self) -> impl Future<Output = io::Result<Stream>> + Send + Sync + '_ {
        self.connect_tokio_as()
    }

    /// As [`connect_tokio`](Self::connect_tokio), for a type of your choice.
    ///
    /// # Errors
    /// As for [`connect_tokio`](Self::connect_tokio).
    pub fn connect_tokio_as<S: traits::tokio::Stream>(
        &self,
    ) -> impl Future<Output = io::Result<S>> + Send + Sync + '_ {
        S::from_options(self)
    }
}
