//! What the tests on tokio share.

use super::PATIENCE;
use ::tokio::{net::UnixStream, time::timeout};
use local_socket::{os::unix::uds_local_socket::tokio as uds, tokio::Stream};

/// Waits for the future; fails, naming `what`, if it isn't done in time.
pub async fn within<T>(what: &str, future: impl Future<Output = T>) -> T {
    match timeout(PATIENCE, future).await {
        Ok(result) => result,
        Err(_) => panic!("waited {PATIENCE:?} for: {what}"),
    }
}

/// The two ends of a stream that neither a listener nor a name had part in.
pub fn pair() -> (Stream, Stream) {
    let (one, other) = UnixStream::pair().expect("a pair of sockets");
    (uds::Stream::from(one).into(), uds::Stream::from(other).into())
}
