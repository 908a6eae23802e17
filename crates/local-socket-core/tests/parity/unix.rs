//! What Unix has on top: options, kinds of names, the types within the enums.

#[cfg(any(target_os = "linux", target_os = "android"))]
use interprocess::os::unix::local_socket::AbstractNsUdSocket;
use interprocess::{
    TryClone,
    local_socket::{
        self, ListenerOptions, NameType, NamespacedNameType, PathNameType, traits,
        traits::StreamCommon,
    },
    os::unix::{
        local_socket::{FilesystemUdSocket, ListenerOptionsExt},
        uds_local_socket::{Listener, RecvHalf, SendHalf, Stream},
    },
};
use std::{
    ffi::{CStr, OsStr},
    fmt::Debug,
    io::{self, Read, Write},
    iter::FusedIterator,
    os::{
        fd::{AsFd, OwnedFd},
        unix::net::{UnixListener, UnixStream},
    },
    sync::Arc,
};

#[test]
fn a_listener_can_be_given_a_mode() {
    type Options = ListenerOptions<'static>;
    let _: fn(Options, libc::mode_t) -> Options = ListenerOptionsExt::mode;
}

#[test]
#[allow(deprecated, reason = "SpecialDirUdSocket is deprecated by both")]
fn unix_has_kinds_of_names_of_its_own() {
    use interprocess::os::unix::local_socket::SpecialDirUdSocket;

    implements!(FilesystemUdSocket: NameType + PathNameType<OsStr> + PathNameType<CStr>);
    implements!(FilesystemUdSocket: Copy + Clone + Debug + PartialEq + Eq);
    implements!(SpecialDirUdSocket: NameType + NamespacedNameType<OsStr> + NamespacedNameType<CStr>);
    implements!(SpecialDirUdSocket: Copy + Clone + Debug + PartialEq + Eq);
    #[cfg(any(target_os = "linux", target_os = "android"))]
    {
        implements!(AbstractNsUdSocket: NameType + Copy + Clone + Debug + PartialEq + Eq);
        implements!(AbstractNsUdSocket: NamespacedNameType<OsStr> + NamespacedNameType<CStr>);
    }
    assert!(FilesystemUdSocket::is_supported());
}

#[test]
fn the_listener_within_is_the_standard_librarys_in_other_clothes() {
    implements!(Listener: Debug + AsFd + traits::Listener<Stream = Stream>);
    implements!(Listener: Iterator<Item = io::Result<Stream>> + FusedIterator);
    implements!(Listener: From<UnixListener> + From<OwnedFd>);
    implements!(Listener: Into<UnixListener> + Into<OwnedFd> + Into<local_socket::Listener>);
    let _: for<'a> fn(&'a Listener, bool) = Listener::set_new_stream_nonblocking;
    let _: for<'a> fn(&'a Listener) -> &'a UnixListener = Listener::inner;
    let _: for<'a> fn(&'a mut Listener) -> &'a mut UnixListener = Listener::inner_mut;
}

#[test]
fn the_stream_within_is_the_standard_librarys_in_other_clothes() {
    implements!(Stream: Debug + AsFd + TryClone + Read + Write + StreamCommon);
    implements!(Stream: traits::Stream<RecvHalf = RecvHalf, SendHalf = SendHalf>);
    implements!(Stream: From<UnixStream> + From<OwnedFd>);
    implements!(Stream: Into<OwnedFd> + Into<local_socket::Stream>);
    by_reference!(Stream: Read + Write);
    let _: for<'a> fn(&'a Stream) -> &'a UnixStream = Stream::inner;
    let _: for<'a> fn(&'a mut Stream) -> &'a mut UnixStream = Stream::inner_mut;
}

#[test]
fn the_halves_within_share_their_stream() {
    implements!(RecvHalf: Clone + Debug + AsFd + Read + traits::RecvHalf<Stream = Stream>);
    implements!(SendHalf: Clone + Debug + AsFd + Write + traits::SendHalf<Stream = Stream>);
    implements!(RecvHalf: Into<local_socket::RecvHalf>);
    implements!(SendHalf: Into<local_socket::SendHalf>);
    by_reference!(RecvHalf: Read);
    by_reference!(SendHalf: Write);
    let _: for<'a> fn(&'a RecvHalf) -> &'a Stream = RecvHalf::as_stream;
    let _: for<'a> fn(&'a SendHalf) -> &'a Stream = SendHalf::as_stream;
    let _: for<'a> fn(&'a RecvHalf) -> &'a Arc<Stream> = RecvHalf::as_arc;
    let _: for<'a> fn(&'a SendHalf) -> &'a Arc<Stream> = SendHalf::as_arc;
    let _: fn(RecvHalf) -> Arc<Stream> = RecvHalf::into_arc;
    let _: fn(SendHalf) -> Arc<Stream> = SendHalf::into_arc;
}
