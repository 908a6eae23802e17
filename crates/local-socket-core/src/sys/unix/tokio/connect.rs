//! Connecting on tokio.
//!
//! Each attempt is a nonblocking one. Linux has no event for the moment there is room in a full
//! backlog (connect(2)), so attempts are repeated with pauses in between. The drawback: a connection
//! may be made one pause later than it could.

use super::Stream;
use crate::options::ConnectOptions;
use std::io;

/// Connects by the options. If the future is dropped before it is done, the socket is closed and
/// nothing is left in the listener's backlog.
pub(super) async fn connect(_options: &ConnectOptions<'_>) -> io::Result<Stream> {
    unimplemented!()
}
