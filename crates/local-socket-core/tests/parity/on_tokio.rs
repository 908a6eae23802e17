//! Options, enums, the types within them, and the prelude on tokio.

use interprocess::{
    TryClone, error,
    local_socket::{
        ConnectOptions, ListenerOptions,
        tokio::{Listener, RecvHalf, ReuniteError, ReuniteResult, SendHalf, Stream},
        traits::{StreamCommon, tokio as traits},
    },
    os::unix::uds_local_socket::{self as sync, tokio as uds},
};
use std::{
    fmt::Debug,
    io,
    os::fd::{AsFd, OwnedFd},
};
use tokio::{
    io::{AsyncRead, AsyncWrite},
    net::{
        UnixListener, UnixStream,
        unix::{OwnedReadHalf, OwnedWriteHalf},
    },
};

/// Takes a future that tasks may pass on to each other, and share.
fn shared<T>(_: impl Future<Output = T> + Send + Sync) {}

#[test]
fn the_same_options_make_listeners_and_connections_on_tokio() {
    type Options = ListenerOptions<'static>;
    let _: fn(Options) -> io::Result<Listener> = ListenerOptions::create_tokio;
    let _: fn(Options) -> io::Result<Listener> = ListenerOptions::create_tokio_as;
    let _: fn(Options) -> io::Result<uds::Listener> = ListenerOptions::create_tokio_as;
    let _ = |options: &ConnectOptions<'_>| {
        shared::<io::Result<Stream>>(options.connect_tokio());
        shared::<io::Result<Stream>>(options.connect_tokio_as());
        shared::<io::Result<uds::Stream>>(options.connect_tokio_as());
    };
}

#[test]
fn the_enums_on_tokio_have_one_variant_each_and_give_what_is_within() {
    let _: fn(Listener) -> uds::Listener = |it| {
        let Listener::UdSocket(inner) = it;
        inner
    };
    let _: fn(Stream) -> uds::Stream = |it| {
        let Stream::UdSocket(inner) = it;
        inner
    };
    let _: fn(RecvHalf) -> uds::RecvHalf = |it| {
        let RecvHalf::UdSocket(inner) = it;
        inner
    };
    let _: fn(SendHalf) -> uds::SendHalf = |it| {
        let SendHalf::UdSocket(inner) = it;
        inner
    };
}

#[test]
fn the_enums_on_tokio_can_all_that_their_insides_can() {
    implements!(Listener: From<uds::Listener> + Debug + traits::Listener<Stream = Stream>);
    implements!(Stream: From<uds::Stream> + Debug + StreamCommon + AsyncRead + AsyncWrite);
    implements!(Stream: traits::Stream<RecvHalf = RecvHalf, SendHalf = SendHalf>);
    implements!(RecvHalf: From<uds::RecvHalf> + Debug + AsyncRead);
    implements!(RecvHalf: traits::RecvHalf<Stream = Stream>);
    implements!(SendHalf: From<uds::SendHalf> + Debug + AsyncWrite);
    implements!(SendHalf: traits::SendHalf<Stream = Stream>);
    by_reference!(Stream: AsyncRead + AsyncWrite);
    by_reference!(RecvHalf: AsyncRead);
    by_reference!(SendHalf: AsyncWrite);
    implements_not!(Stream: TryClone);
    implements_not!(Stream: AsFd);
    implements_not!(Listener: AsFd);
    let _: fn(ReuniteError) -> error::ReuniteError<RecvHalf, SendHalf> = |it| it;
    let _: fn(ReuniteResult) -> Result<Stream, ReuniteError> = |it| it;
    let _: fn(ReuniteResult) -> traits::ReuniteResult<Stream> = |it| it;
}

#[test]
fn the_listener_within_is_tokios_in_other_clothes() {
    implements!(uds::Listener: Debug + AsFd + traits::Listener<Stream = uds::Stream>);
    implements!(uds::Listener: Into<Listener> + TryFrom<sync::Listener, Error = io::Error>);
    implements!(uds::Listener: TryFrom<OwnedFd, Error = io::Error>);
    implements!(OwnedFd: TryFrom<uds::Listener, Error = io::Error>);
    let _: for<'a> fn(&'a uds::Listener) -> &'a UnixListener = uds::Listener::inner;
    let _: for<'a> fn(&'a mut uds::Listener) -> &'a mut UnixListener = uds::Listener::inner_mut;
}

#[test]
fn the_stream_within_is_tokios_in_other_clothes() {
    implements!(uds::Stream: Debug + AsFd + StreamCommon + AsyncRead + AsyncWrite + Into<Stream>);
    implements!(uds::Stream: traits::Stream<RecvHalf = uds::RecvHalf, SendHalf = uds::SendHalf>);
    implements!(uds::Stream: From<UnixStream> + Into<UnixStream>);
    implements!(uds::Stream: TryFrom<OwnedFd, Error = io::Error>);
    implements!(OwnedFd: TryFrom<uds::Stream, Error = io::Error>);
    by_reference!(uds::Stream: AsyncRead + AsyncWrite);
    let _: for<'a> fn(&'a uds::Stream) -> &'a UnixStream = uds::Stream::inner;
    let _: for<'a> fn(&'a mut uds::Stream) -> &'a mut UnixStream = uds::Stream::inner_mut;
}

#[test]
fn the_halves_within_are_tokios_in_other_clothes() {
    implements!(uds::RecvHalf: Debug + AsFd + AsyncRead + Into<RecvHalf>);
    implements!(uds::RecvHalf: traits::RecvHalf<Stream = uds::Stream>);
    implements!(uds::SendHalf: Debug + AsFd + AsyncWrite + Into<SendHalf>);
    implements!(uds::SendHalf: traits::SendHalf<Stream = uds::Stream>);
    by_reference!(uds::RecvHalf: AsyncRead);
    by_reference!(uds::SendHalf: AsyncWrite);
    let _: for<'a> fn(&'a uds::RecvHalf) -> &'a OwnedReadHalf = uds::RecvHalf::as_tokio;
    let _: for<'a> fn(&'a uds::SendHalf) -> &'a OwnedWriteHalf = uds::SendHalf::as_tokio;
    let _: fn(uds::RecvHalf) -> OwnedReadHalf = uds::RecvHalf::into_tokio;
    let _: fn(uds::SendHalf) -> OwnedWriteHalf = uds::SendHalf::into_tokio;
}

/// Apart, because nothing but the prelude may bring its traits in.
mod by_the_prelude_alone {
    use interprocess::local_socket::{
        GenericFilePath, GenericNamespaced, Name,
        tokio::{Listener, Stream, prelude::*},
    };

    #[test]
    fn the_prelude_on_tokio_brings_all_traits_and_two_types() {
        let _: fn(LocalSocketListener) -> Listener = |listener| listener;
        let _: fn(LocalSocketStream) -> Stream = |stream| stream;
        let _ = async |listener: &Listener| listener.accept().await;
        let _ = async |name: Name<'_>| Stream::connect(name).await?.peer_creds();
        assert!(GenericFilePath::is_supported());
        "/x".to_fs_name::<GenericFilePath>().expect("a path");
        "x".to_ns_name::<GenericNamespaced>().expect("an id");
    }
}
