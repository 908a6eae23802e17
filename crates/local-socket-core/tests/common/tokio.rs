//! What the tests on tokio share.

use super::PATIENCE;
use ::tokio::{sync::oneshot, time::timeout};
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

/// The two ends of a stream that neither a listener nor a name had part in.
#[cfg(unix)]
pub fn pair() -> (Stream, Stream) {
    use local_socket::os::unix::uds_local_socket::tokio as uds;
    let (one, other) = ::tokio::net::UnixStream::pair().expect("a pair of sockets");
    (uds::Stream::from(one).into(), uds::Stream::from(other).into())
}

/// The two ends of a stream, client first. Waits on a thread of its own, since the caller's belongs
/// to the runtime.
#[cfg(windows)]
pub fn pair() -> (Stream, Stream) {
    let runtime = ::tokio::runtime::Handle::current();
    let both = || {
        let name = super::fresh_id();
        let _guard = runtime.enter();
        let listener = listen(&name);
        let options = ConnectOptions::new().name(name);
        let both = async { ::tokio::join!(options.connect_tokio(), listener.accept()) };
        let (client, server) = runtime.block_on(both);
        (client.expect("somebody listens"), server.expect("a client"))
    };
    thread::scope(|scope| scope.spawn(both).join().expect("two ends"))
}
