//! The types within the enums on tokio, on Unix.

use interprocess::{
    local_socket::{
        tokio::{Listener, RecvHalf, SendHalf, Stream},
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
