//! What Windows has on top: options, kinds of names, the types within the enums.
//!
//! What is within a listener of interprocess's (`inner`, `AsRef`, `AsMut`) is no part of this: here it
//! is several instances of a pipe, where interprocess has one.

use interprocess::{
    TryClone,
    error::FromHandleError,
    local_socket::{self, ListenerOptions, NameType, PathNameType, traits, traits::StreamCommon},
    os::windows::{
        local_socket::{ListenerOptionsExt, NamedPipe},
        named_pipe::{
            DuplexPipeStream, RecvPipeStream, SendPipeStream,
            local_socket::{Listener, RecvHalf, SendHalf, Stream},
            pipe_mode::Bytes,
        },
        security_descriptor::SecurityDescriptor,
    },
};
use std::{
    ffi::OsStr,
    fmt::Debug,
    io::{self, Read, Write},
    iter::FusedIterator,
    os::windows::io::{AsHandle, OwnedHandle},
};

#[test]
fn a_listener_can_be_given_a_security_descriptor() {
    type Options = ListenerOptions<'static>;
    let _: fn(Options, SecurityDescriptor) -> Options = ListenerOptionsExt::security_descriptor;
}

#[test]
fn windows_has_a_kind_of_names_of_its_own() {
    implements!(NamedPipe: NameType + PathNameType<OsStr>);
    implements!(NamedPipe: Copy + Clone + Debug + PartialEq + Eq);
    assert!(NamedPipe::is_supported());
}

#[test]
fn the_listener_within_becomes_a_handle() {
    implements!(Listener: Debug + traits::Listener<Stream = Stream>);
    implements!(Listener: Iterator<Item = io::Result<Stream>> + FusedIterator);
    implements!(Listener: Into<OwnedHandle> + Into<local_socket::Listener>);
    implements_not!(Listener: AsHandle);
}

#[test]
fn the_stream_within_is_made_of_a_handle_and_becomes_one() {
    implements!(Stream: Debug + AsHandle + TryClone + Read + Write + StreamCommon);
    implements!(Stream: traits::Stream<RecvHalf = RecvHalf, SendHalf = SendHalf>);
    implements!(Stream: TryFrom<OwnedHandle, Error = FromHandleError>);
    implements!(Stream: Into<OwnedHandle> + Into<local_socket::Stream>);
    type Pipe = DuplexPipeStream<Bytes>;
    implements!(Stream: From<Pipe> + Into<Pipe> + AsRef<Pipe> + AsMut<Pipe>);
    let _: for<'a> fn(&'a Stream) -> &'a Pipe = Stream::inner;
    let _: for<'a> fn(&'a mut Stream) -> &'a mut Pipe = Stream::inner_mut;
    by_reference!(Stream: Read + Write);
}

#[test]
fn the_halves_within_have_a_handle() {
    implements!(RecvHalf: Debug + AsHandle + Read + traits::RecvHalf<Stream = Stream>);
    implements!(SendHalf: Debug + AsHandle + Write + traits::SendHalf<Stream = Stream>);
    type Recv = RecvPipeStream<Bytes>;
    type Send = SendPipeStream<Bytes>;
    implements!(RecvHalf: From<Recv> + Into<Recv> + AsRef<Recv> + AsMut<Recv>);
    implements!(SendHalf: From<Send> + Into<Send> + AsRef<Send> + AsMut<Send>);
    implements!(RecvHalf: Into<local_socket::RecvHalf>);
    implements!(SendHalf: Into<local_socket::SendHalf>);
    by_reference!(RecvHalf: Read);
    by_reference!(SendHalf: Write);
}
