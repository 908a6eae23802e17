//! What the tests on tokio share.

use super::PATIENCE;
use ::tokio::{sync::oneshot, time::timeout};
#[cfg(unix)]
pub use local_socket::os::unix::uds_local_socket::tokio as inner;
#[cfg(windows)]
pub use local_socket::os::windows::named_pipe::local_socket::tokio as inner;
use local_socket::{
    ConnectOptions, ListenerOptions, Name,
    tokio::{Listener, Stream, prelude::*},
};
use std::{future::ready, thread};

/// Waits for the future; fails, naming `what`, if it isn't done in time.
pub async fn within<T>(what: &str, future: impl Future<Output = T>) -> T {
    match timeout(PATIENCE, future).await {
        Ok(result) => result,
        Err(_) => panic!("waited {PATIENCE:?} for: {what}"),
    }
}

/// What the future gives when it is polled once; if it has to wait, it is dropped.
pub async fn at_once<T>(future: impl Future<Output = T>) -> Option<T> {
    ::tokio::select! {
        biased;
        result = future => Some(result),
        () = ready(()) => None,
    }
}

/// What the action gives, run on a thread of its own, where it may block.
pub async fn on_a_thread<T: Send + 'static>(action: impl FnOnce() -> T + Send + 'static) -> T {
    let (sender, receiver) = oneshot::channel();
    thread::spawn(move || sender.send(action()));
    receiver.await.expect("the action doesn't panic")
}

pub fn listen(name: &Name<'_>) -> Listener {
    ListenerOptions::new().name(name.borrow()).create_tokio().expect("the name is free")
}

pub async fn connect(name: &Name<'_>) -> Stream {
    let options = ConnectOptions::new().name(name.borrow());
    within("a connection", options.connect_tokio()).await.expect("somebody listens")
}

pub async fn accept(listener: &Listener) -> Stream {
    within("a client", listener.accept()).await.expect("a client that is well")
}

/// The two ends of a stream.
pub fn pair() -> (Stream, Stream) {
    let (one, other) = inner_pair();
    (one.into(), other.into())
}

/// The two ends of a stream, in the type that the system has for them. Neither a listener nor a name
/// had part in them.
#[cfg(unix)]
pub fn inner_pair() -> (inner::Stream, inner::Stream) {
    let (one, other) = ::tokio::net::UnixStream::pair().expect("a pair of sockets");
    (one.into(), other.into())
}

/// The two ends of a stream, client first, in the type that the system has for them.
#[cfg(windows)]
pub fn inner_pair() -> (inner::Stream, inner::Stream) {
    let (local_socket::Stream::NamedPipe(client), local_socket::Stream::NamedPipe(server)) =
        super::pair();
    let on_tokio = |stream| inner::Stream::try_from(stream).expect("the pipe can be waited for");
    (on_tokio(client), on_tokio(server))
}
