//! Options, and the enums that they make.

use super::inner;
use interprocess::{
    ConnectWaitMode, TryClone, error,
    local_socket::{
        ConnectOptions, Incoming, Listener, ListenerNonblockingMode, ListenerOptions, Name,
        RecvHalf, ReuniteError, ReuniteResult, SendHalf, Stream,
        traits::{self, StreamCommon},
    },
};
#[cfg(unix)]
use std::os::fd::{AsFd as AsSystem, AsRawFd as AsRawSystem};
#[cfg(windows)]
use std::os::windows::io::{AsHandle as AsSystem, AsRawHandle as AsRawSystem};
use std::{
    fmt::Debug,
    io::{self, Read, Write},
    iter::FusedIterator,
    time::Duration,
};

type Options = ListenerOptions<'static>;

#[test]
fn listeners_have_these_options() {
    implements!(Options: TryClone + Default + Debug);
    implements_not!(Options: Clone);
    let _: fn() -> Options = ListenerOptions::new;
    let _: fn(Options, Name<'static>) -> Options = ListenerOptions::name;
    let _: fn(Options, ListenerNonblockingMode) -> Options = ListenerOptions::nonblocking;
    let _: fn(Options, bool) -> Options = ListenerOptions::reclaim_name;
    let _: fn(Options, bool) -> Options = ListenerOptions::try_overwrite;
    let _: fn(Options, Duration) -> Options = ListenerOptions::max_spin_time;
    let _: fn(Options) -> io::Result<Listener> = ListenerOptions::create_sync;
    let _: fn(Options) -> io::Result<Listener> = ListenerOptions::create_sync_as;
    let _: fn(Options) -> io::Result<inner::Listener> = ListenerOptions::create_sync_as;
    let options = ListenerOptions::new().try_clone().expect("a clone");
    let debug = format!("{options:?}");
    let of_the_system: &[_] =
        if cfg!(windows) { &["security_descriptor"] } else { &["max_spin_time", "mode"] };
    let of_all = ["name", "nonblocking", "reclaim_name", "try_overwrite"];
    for field in of_all.iter().chain(of_the_system) {
        assert!(debug.contains(&format!("{field}: ")), "{field} in {debug}");
    }
}

#[test]
fn connections_have_these_options_and_can_be_made_again_and_again() {
    type Options = ConnectOptions<'static>;
    implements!(Options: TryClone + Default + Debug);
    implements_not!(Options: Clone);
    let _: fn() -> Options = ConnectOptions::new;
    let _: fn(Options, Name<'static>) -> Options = ConnectOptions::name;
    let _: fn(Options, ConnectWaitMode) -> Options = ConnectOptions::wait_mode;
    let _: fn(Options, bool) -> Options = ConnectOptions::nonblocking_stream;
    let _: for<'a> fn(&'a Options) -> io::Result<Stream> = ConnectOptions::connect_sync;
    let _: for<'a> fn(&'a Options) -> io::Result<Stream> = ConnectOptions::connect_sync_as;
    let _: for<'a> fn(&'a Options) -> io::Result<inner::Stream> = ConnectOptions::connect_sync_as;
}

#[test]
fn modes_are_these_and_no_others() {
    implements!(ConnectWaitMode: Copy + Clone + Debug + Default);
    implements!(ListenerNonblockingMode: Copy + Clone + Debug + PartialEq + Eq);
    let _: fn(ConnectWaitMode) -> Option<Duration> = |mode| match mode {
        ConnectWaitMode::Deferred => Some(Duration::ZERO),
        ConnectWaitMode::Timeout(limit) => Some(limit),
        ConnectWaitMode::Unbounded => None,
    };
    assert!(matches!(ConnectWaitMode::default(), ConnectWaitMode::Unbounded));

    const MODE: ListenerNonblockingMode = ListenerNonblockingMode::from_bool(true, false);
    const ACCEPTING: bool = MODE.accept_nonblocking();
    const STREAMS: bool = MODE.stream_nonblocking();
    assert_eq!((MODE, ACCEPTING, STREAMS), (ListenerNonblockingMode::Accept, true, false));
    let _: fn(ListenerNonblockingMode) -> u8 = |mode| match mode {
        ListenerNonblockingMode::Neither => 0,
        ListenerNonblockingMode::Accept => 1,
        ListenerNonblockingMode::Stream => 2,
        ListenerNonblockingMode::Both => 3,
    };
    let numbers = [
        ListenerNonblockingMode::Neither as u8,
        ListenerNonblockingMode::Accept as u8,
        ListenerNonblockingMode::Stream as u8,
        ListenerNonblockingMode::Both as u8,
    ];
    assert_eq!((numbers, size_of::<ListenerNonblockingMode>()), ([0, 1, 2, 3], 1));
}

#[test]
fn the_enums_have_one_variant_each_and_give_what_is_within() {
    let _: fn(Listener) -> inner::Listener = within!(Listener);
    let _: fn(Stream) -> inner::Stream = within!(Stream);
    let _: fn(RecvHalf) -> inner::RecvHalf = within!(RecvHalf);
    let _: fn(SendHalf) -> inner::SendHalf = within!(SendHalf);
}

#[test]
fn the_enums_can_all_that_their_insides_can() {
    implements!(Listener: From<inner::Listener> + Debug + traits::Listener<Stream = Stream>);
    implements!(Listener: Iterator<Item = io::Result<Stream>> + FusedIterator);
    implements!(Stream: From<inner::Stream> + Debug + StreamCommon + TryClone + Read + Write);
    implements!(Stream: traits::Stream<RecvHalf = RecvHalf, SendHalf = SendHalf>);
    implements!(RecvHalf: From<inner::RecvHalf> + Debug + Read + traits::RecvHalf<Stream = Stream>);
    implements!(SendHalf: From<inner::SendHalf> + Debug + Write + traits::SendHalf<Stream = Stream>);
    by_reference!(Stream: Read + Write);
    by_reference!(RecvHalf: Read);
    by_reference!(SendHalf: Write);
    let _: fn(ReuniteError) -> error::ReuniteError<RecvHalf, SendHalf> = |it| it;
    let _: fn(ReuniteResult) -> Result<Stream, ReuniteError> = |it| it;
    let _: fn(ReuniteResult) -> traits::ReuniteResult<Stream> = |it| it;
}

/// What another system has not, a program that is to compile there must not use here.
#[test]
fn the_enums_give_no_descriptor_themselves() {
    implements_not!(Listener: AsSystem);
    implements_not!(Listener: AsRawSystem);
    implements_not!(Stream: AsSystem);
    implements_not!(Stream: AsRawSystem);
    implements_not!(RecvHalf: AsSystem);
    implements_not!(SendHalf: AsSystem);
}

#[test]
fn incoming_connections_are_an_iterator_without_end() {
    implements!(Incoming<'static, Listener>: Debug + From<&'static Listener> + FusedIterator);
    implements!(Incoming<'static, Listener>: Iterator<Item = io::Result<Stream>>);
    let _ = |listener: &Listener| {
        assert_eq!(Incoming::from(listener).size_hint(), (usize::MAX, None));
    };
}
