//! Listeners on tokio.

mod conversions;

use super::{
    Stream,
    waiters::{Direction, Waiters},
};
use crate::{
    name::Name,
    options::{ListenerNonblockingMode, ListenerOptions},
    sealed::Sealed,
    sys::windows::listener,
    traits::{self, Listener as _},
};
use std::{
    future::poll_fn,
    io::{self, ErrorKind},
    mem::replace,
    sync::Arc,
    task::Poll,
};

/// A listener on a named pipe on tokio: what
/// [`local_socket::tokio::Listener`](crate::tokio::Listener) holds.
///
/// It needs no runtime's driver, and so may be made, used and dropped anywhere.
#[derive(Debug)]
pub struct Listener {
    listener: listener::Listener,
    waiters: Arc<Waiters>,
}

impl Listener {
    /// Where it listens.
    #[must_use]
    pub fn name(&self) -> Option<&Name<'static>> {
        self.listener.name()
    }

    /// How many clients have been turned away, as [`allow`](ListenerOptions::allow),
    /// [`max_connections`](ListenerOptions::max_connections) and
    /// [`max_connections_per_user`](ListenerOptions::max_connections_per_user) say.
    #[must_use]
    pub fn refused(&self) -> u64 {
        self.listener.refused()
    }

    /// Accepts a client if one is there, and never waits.
    ///
    /// # Errors
    /// - [`WouldBlock`](io::ErrorKind::WouldBlock): nobody is there.
    /// - [`ConnectionAborted`](io::ErrorKind::ConnectionAborted): 64 clients in a row were turned
    ///   away, and more may be there. Do what else there is to do, then accept again.
    /// - The rest as for [`accept`](traits::tokio::Listener::accept).
    pub fn try_accept(&self) -> io::Result<Stream> {
        self.listener.try_accept()?.try_into()
    }

    /// Has those who will wait be told of clients.
    fn watching(listener: listener::Listener) -> io::Result<Self> {
        let waiters = Arc::<Waiters>::default();
        listener.watch(waiters.clone())?;
        Ok(Self { listener, waiters })
    }
}

/// Has the task wait until its runtime has looked after others. (Tokio's own is in a feature of
/// its.)
async fn let_others_run() {
    let mut done = false;
    poll_fn(|cx| {
        if replace(&mut done, true) {
            return Poll::Ready(());
        }
        cx.waker().wake_by_ref();
        Poll::Pending
    })
    .await;
}

impl Sealed for Listener {}

impl traits::tokio::Listener for Listener {
    type Stream = Stream;

    fn from_options(options: ListenerOptions<'_>) -> io::Result<Self> {
        let options = options.nonblocking(ListenerNonblockingMode::Accept);
        Self::watching(listener::Listener::from_options(options)?)
    }

    async fn accept(&self) -> io::Result<Stream> {
        loop {
            let call = || self.listener.try_accept();
            match poll_fn(|cx| self.waiters.poll(Direction::Read, cx, call)).await {
                Err(error) if error.kind() == ErrorKind::ConnectionAborted => {
                    let_others_run().await;
                }
                result => return result?.try_into(),
            }
        }
    }

    fn do_not_reclaim_name_on_drop(&mut self) {
        self.listener.do_not_reclaim_name_on_drop();
    }
}
