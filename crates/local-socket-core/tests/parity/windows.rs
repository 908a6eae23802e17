//! What Windows has on top: options, kinds of names, the types within the enums.
//!
//! The pipes of interprocess that are within its types (`inner`, `AsRef`, `AsMut`, `From`, `Into`) are
//! no part of this: here, what is within is something else. Handles lead from one to the other.

use interprocess::{
    TryClone,
    error::FromHandleError,
    local_socket::{self, ListenerOptions, NameType, PathNameType, traits, traits::StreamCommon},
    os::windows::{
        local_socket::{ListenerOptionsExt, NamedPipe},
        named_pipe::local_socket::{Listener, RecvHalf, SendHalf, Stream},
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
    by_reference!(Stream: Read + Write);
}

#[test]
fn the_halves_within_have_a_handle() {
    implements!(RecvHalf: Debug + AsHandle + Read + traits::RecvHalf<Stream = Stream>);
    implements!(SendHalf: Debug + AsHandle + Write + traits::SendHalf<Stream = Stream>);
    implements!(RecvHalf: Into<local_socket::RecvHalf>);
    implements!(SendHalf: Into<local_socket::SendHalf>);
    by_reference!(RecvHalf: Read);
    by_reference!(SendHalf: Write);
}
