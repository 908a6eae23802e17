//! The traits of listeners, streams and halves on tokio.

use super::inner::tokio as inner;
use interprocess::{
    bound_util::{RefTokioAsyncRead, RefTokioAsyncWrite},
    local_socket::{
        ConnectOptions, ListenerOptions, Name,
        tokio::{Listener, RecvHalf, SendHalf, Stream},
        traits::{StreamCommon, tokio as traits},
    },
};
use std::io;
use tokio::io::{AsyncRead, AsyncWrite};

/// Takes a future that tasks may pass on to each other, and share.
fn shared<T>(_: impl Future<Output = T> + Send + Sync) {}

fn of_any_listener<L: traits::Listener>() {
    implements!(L: Send + Sync);
    let _: for<'a> fn(ListenerOptions<'a>) -> io::Result<L> = L::from_options;
    let _: for<'a> fn(&'a mut L) = L::do_not_reclaim_name_on_drop;
    let _ = |listener: &L| shared::<io::Result<L::Stream>>(listener.accept());
    of_any_stream::<L::Stream>();
}

fn of_any_stream<S: traits::Stream>() {
    implements!(S: AsyncRead + RefTokioAsyncRead + AsyncWrite + RefTokioAsyncWrite + StreamCommon);
    let _ = |name: Name<'_>| shared::<io::Result<S>>(S::connect(name));
    let _ = |options: &ConnectOptions<'_>| shared::<io::Result<S>>(S::from_options(options));
    let _: fn(S) -> (S::RecvHalf, S::SendHalf) = S::split;
    let _: fn(S::RecvHalf, S::SendHalf) -> traits::ReuniteResult<S> = S::reunite;
    of_any_halves::<S::RecvHalf, S::SendHalf, S>();
}

fn of_any_halves<R, W, S>()
where
    R: traits::RecvHalf<Stream = S>,
    W: traits::SendHalf<Stream = S>,
    S: traits::Stream,
{
    implements!(R: AsyncRead + RefTokioAsyncRead + Send + Sync + 'static);
    implements!(W: AsyncWrite + RefTokioAsyncWrite + Send + Sync + 'static);
}

#[test]
fn the_enums_and_the_systems_types_on_tokio_have_all_traits() {
    of_any_listener::<Listener>();
    of_any_listener::<inner::Listener>();
    of_any_stream::<Stream>();
    of_any_stream::<inner::Stream>();
    of_any_halves::<RecvHalf, SendHalf, Stream>();
    of_any_halves::<inner::RecvHalf, inner::SendHalf, inner::Stream>();
}

#[test]
fn what_reads_or_writes_on_tokio_by_reference_can_be_asked_to() {
    fn reader<T: RefTokioAsyncRead + ?Sized>(from: &T) -> impl AsyncRead + '_ {
        from.as_tokio_async_read()
    }
    fn writer<T: RefTokioAsyncWrite + ?Sized>(to: &T) -> impl AsyncWrite + '_ {
        to.as_tokio_async_write()
    }
    let _ = |stream: &Stream| {
        let _reads = reader(stream);
        let _writes = writer(stream);
    };
    // A type whose size isn't known.
    implements!([u8]: RefTokioAsyncRead);
}
