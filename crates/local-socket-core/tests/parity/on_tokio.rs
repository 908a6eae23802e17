//! Options, enums and the prelude on tokio.

use super::inner::tokio as inner;
use interprocess::{
    TryClone, error,
    local_socket::{
        ConnectOptions, ListenerOptions,
        tokio::{Listener, RecvHalf, ReuniteError, ReuniteResult, SendHalf, Stream},
        traits::{StreamCommon, tokio as traits},
    },
};
#[cfg(unix)]
use std::os::fd::AsFd as AsSystem;
#[cfg(windows)]
use std::os::windows::io::AsHandle as AsSystem;
use std::{fmt::Debug, io};
use tokio::io::{AsyncRead, AsyncWrite};

/// Takes a future that tasks may pass on to each other, and share.
fn shared<T>(_: impl Future<Output = T> + Send + Sync) {}

#[test]
fn the_same_options_make_listeners_and_connections_on_tokio() {
    type Options = ListenerOptions<'static>;
    let _: fn(Options) -> io::Result<Listener> = ListenerOptions::create_tokio;
    let _: fn(Options) -> io::Result<Listener> = ListenerOptions::create_tokio_as;
    let _: fn(Options) -> io::Result<inner::Listener> = ListenerOptions::create_tokio_as;
    let _ = |options: &ConnectOptions<'_>| {
        shared::<io::Result<Stream>>(options.connect_tokio());
        shared::<io::Result<Stream>>(options.connect_tokio_as());
        shared::<io::Result<inner::Stream>>(options.connect_tokio_as());
    };
}

#[test]
fn the_enums_on_tokio_have_one_variant_each_and_give_what_is_within() {
    let _: fn(Listener) -> inner::Listener = within!(Listener);
    let _: fn(Stream) -> inner::Stream = within!(Stream);
    let _: fn(RecvHalf) -> inner::RecvHalf = within!(RecvHalf);
    let _: fn(SendHalf) -> inner::SendHalf = within!(SendHalf);
}

#[test]
fn the_enums_on_tokio_can_all_that_their_insides_can() {
    implements!(Listener: From<inner::Listener> + Debug + traits::Listener<Stream = Stream>);
    implements!(Stream: From<inner::Stream> + Debug + StreamCommon + AsyncRead + AsyncWrite);
    implements!(Stream: traits::Stream<RecvHalf = RecvHalf, SendHalf = SendHalf>);
    implements!(RecvHalf: From<inner::RecvHalf> + Debug + AsyncRead);
    implements!(RecvHalf: traits::RecvHalf<Stream = Stream>);
    implements!(SendHalf: From<inner::SendHalf> + Debug + AsyncWrite);
    implements!(SendHalf: traits::SendHalf<Stream = Stream>);
    by_reference!(Stream: AsyncRead + AsyncWrite);
    by_reference!(RecvHalf: AsyncRead);
    by_reference!(SendHalf: AsyncWrite);
    implements_not!(Stream: TryClone);
    implements_not!(Stream: AsSystem);
    implements_not!(Listener: AsSystem);
    let _: fn(ReuniteError) -> error::ReuniteError<RecvHalf, SendHalf> = |it| it;
    let _: fn(ReuniteResult) -> Result<Stream, ReuniteError> = |it| it;
    let _: fn(ReuniteResult) -> traits::ReuniteResult<Stream> = |it| it;
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
        let path = if cfg!(windows) { r"\\.\pipe\x" } else { "/x" };
        path.to_fs_name::<GenericFilePath>().expect("a path");
        "x".to_ns_name::<GenericNamespaced>().expect("an id");
    }
}
