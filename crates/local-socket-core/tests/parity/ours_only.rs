//! What is here beyond interprocess. That `items` compiles without a word on deprecation belongs to it.

use local_socket::{
    Allow, ConnectOptions, Listener, ListenerOptions, Name, RecvHalf, Refusal, SendHalf, Stream,
    error::{AddressError, NameError, ServerNotAllowed},
    os::unix::uds_local_socket as uds,
};
use std::{
    error::Error,
    fmt::{Debug, Display},
    hash::Hash,
    io::{self, IoSlice, IoSliceMut},
    net::Shutdown,
    os::{fd::OwnedFd, unix::net::UnixStream},
    panic::{RefUnwindSafe, UnwindSafe},
};

type Read<T> = for<'a, 'b> fn(&'a T, &'b mut [u8]) -> io::Result<usize>;
type ReadMany<T> = for<'a, 'b, 'c> fn(&'a T, &'b mut [IoSliceMut<'c>]) -> io::Result<usize>;
type Write<T> = for<'a, 'b> fn(&'a T, &'b [u8]) -> io::Result<usize>;
type WriteMany<T> = for<'a, 'b, 'c> fn(&'a T, &'b [IoSlice<'c>]) -> io::Result<usize>;
type End<T> = for<'a> fn(&'a T) -> io::Result<()>;

#[test]
fn names_can_be_keys_and_be_shown() {
    implements!(Name<'static>: Hash + Ord + PartialOrd + Display);
}

#[test]
fn errors_can_be_looked_into_by_other_threads() {
    implements!(NameError: Error + Clone + PartialEq + Eq + Send + Sync + 'static);
    implements!(AddressError: Error + Send + Sync + 'static);
}

#[test]
fn streams_and_halves_have_calls_that_never_wait() {
    let _: Read<Stream> = Stream::try_read;
    let _: Read<uds::Stream> = uds::Stream::try_read;
    let _: Read<RecvHalf> = RecvHalf::try_read;
    let _: Read<uds::RecvHalf> = uds::RecvHalf::try_read;
    let _: ReadMany<Stream> = Stream::try_read_vectored;
    let _: ReadMany<uds::Stream> = uds::Stream::try_read_vectored;
    let _: ReadMany<RecvHalf> = RecvHalf::try_read_vectored;
    let _: ReadMany<uds::RecvHalf> = uds::RecvHalf::try_read_vectored;

    let _: Write<Stream> = Stream::try_write;
    let _: Write<uds::Stream> = uds::Stream::try_write;
    let _: Write<SendHalf> = SendHalf::try_write;
    let _: Write<uds::SendHalf> = uds::SendHalf::try_write;
    let _: WriteMany<Stream> = Stream::try_write_vectored;
    let _: WriteMany<uds::Stream> = uds::Stream::try_write_vectored;
    let _: WriteMany<SendHalf> = SendHalf::try_write_vectored;
    let _: WriteMany<uds::SendHalf> = uds::SendHalf::try_write_vectored;

    let _: for<'a> fn(&'a Listener) -> io::Result<Stream> = Listener::try_accept;
}

#[test]
fn listeners_say_whom_they_turned_away_and_options_outlive_a_panic_that_was_caught() {
    let _: for<'a> fn(&'a Listener) -> u64 = Listener::refused;
    let _: for<'a> fn(&'a uds::Listener) -> u64 = uds::Listener::refused;
    implements!(Allow: Clone + Debug + Send + Sync + UnwindSafe + RefUnwindSafe);
    implements!(Refusal: Clone + Copy + Debug + Send + Sync);
    implements!(ServerNotAllowed: Error + Clone + Send + Sync + 'static);
    implements!(ListenerOptions<'static>: Send + Sync + UnwindSafe + RefUnwindSafe);
    implements!(ConnectOptions<'static>: Send + Sync + UnwindSafe + RefUnwindSafe);
    implements!(Listener: Send + Sync + UnwindSafe + RefUnwindSafe);
}

#[test]
fn streams_tell_the_process_of_the_peer() {
    let _: for<'a> fn(&'a uds::Stream) -> io::Result<Option<OwnedFd>> = uds::Stream::peer_pidfd;
    let _: for<'a> fn(&'a uds::Stream) -> io::Result<Option<bool>> = uds::Stream::peer_is_running;
    let _: fn(uds::Stream) = uds::Stream::close_in_background;
}

#[test]
fn streams_and_halves_can_end_a_direction() {
    let _: for<'a> fn(&'a Stream, Shutdown) -> io::Result<()> = Stream::shutdown;
    let _: for<'a> fn(&'a uds::Stream, Shutdown) -> io::Result<()> = uds::Stream::shutdown;
    let _: End<Stream> = Stream::shutdown_write;
    let _: End<uds::Stream> = uds::Stream::shutdown_write;
    let _: End<RecvHalf> = RecvHalf::shutdown_read;
    let _: End<uds::RecvHalf> = uds::RecvHalf::shutdown_read;
    let _: End<SendHalf> = SendHalf::shutdown_write;
    let _: End<uds::SendHalf> = uds::SendHalf::shutdown_write;
}

#[test]
fn streams_become_the_standard_librarys() {
    implements!(uds::Stream: Into<UnixStream>);
}
