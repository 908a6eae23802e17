//! What is here beyond interprocess. That `items` compiles without a word on deprecation belongs to it.

use crate::items::inner;
use local_socket::{
    Allow, ConnectOptions, Listener, ListenerOptions, Name, RecvHalf, Refusal, SendHalf, Stream,
    error::{AddressError, NameError, ServerNotAllowed},
};
use std::{
    error::Error,
    fmt::{Debug, Display},
    hash::Hash,
    io::{self, IoSlice, IoSliceMut},
    net::Shutdown,
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
    let _: Read<inner::Stream> = inner::Stream::try_read;
    let _: Read<RecvHalf> = RecvHalf::try_read;
    let _: Read<inner::RecvHalf> = inner::RecvHalf::try_read;
    let _: ReadMany<Stream> = Stream::try_read_vectored;
    let _: ReadMany<inner::Stream> = inner::Stream::try_read_vectored;
    let _: ReadMany<RecvHalf> = RecvHalf::try_read_vectored;
    let _: ReadMany<inner::RecvHalf> = inner::RecvHalf::try_read_vectored;

    let _: Write<Stream> = Stream::try_write;
    let _: Write<inner::Stream> = inner::Stream::try_write;
    let _: Write<SendHalf> = SendHalf::try_write;
    let _: Write<inner::SendHalf> = inner::SendHalf::try_write;
    let _: WriteMany<Stream> = Stream::try_write_vectored;
    let _: WriteMany<inner::Stream> = inner::Stream::try_write_vectored;
    let _: WriteMany<SendHalf> = SendHalf::try_write_vectored;
    let _: WriteMany<inner::SendHalf> = inner::SendHalf::try_write_vectored;

    let _: for<'a> fn(&'a Listener) -> io::Result<Stream> = Listener::try_accept;
}

#[test]
fn listeners_say_whom_they_turned_away_and_options_outlive_a_panic_that_was_caught() {
    let _: for<'a> fn(&'a Listener) -> u64 = Listener::refused;
    let _: for<'a> fn(&'a inner::Listener) -> u64 = inner::Listener::refused;
    implements!(Allow: Clone + Debug + Send + Sync + UnwindSafe + RefUnwindSafe);
    implements!(Refusal: Clone + Copy + Debug + Send + Sync);
    implements!(ServerNotAllowed: Error + Clone + Send + Sync + 'static);
    implements!(ListenerOptions<'static>: Send + Sync + UnwindSafe + RefUnwindSafe);
    implements!(ConnectOptions<'static>: Send + Sync + UnwindSafe + RefUnwindSafe);
    implements!(Listener: Send + Sync + UnwindSafe + RefUnwindSafe);
}

#[test]
fn streams_tell_the_process_of_the_peer() {
    let _: for<'a> fn(&'a inner::Stream) -> io::Result<Option<bool>> =
        inner::Stream::peer_is_running;
    #[cfg(unix)]
    {
        type Process = io::Result<Option<std::os::fd::OwnedFd>>;
        let _: for<'a> fn(&'a inner::Stream) -> Process = inner::Stream::peer_pidfd;
        let _: fn(inner::Stream) = inner::Stream::close_in_background;
    }
}

#[test]
fn streams_and_halves_can_end_a_direction() {
    let _: for<'a> fn(&'a Stream, Shutdown) -> io::Result<()> = Stream::shutdown;
    let _: for<'a> fn(&'a inner::Stream, Shutdown) -> io::Result<()> = inner::Stream::shutdown;
    let _: End<Stream> = Stream::shutdown_write;
    let _: End<inner::Stream> = inner::Stream::shutdown_write;
    let _: End<RecvHalf> = RecvHalf::shutdown_read;
    let _: End<inner::RecvHalf> = inner::RecvHalf::shutdown_read;
    let _: End<SendHalf> = SendHalf::shutdown_write;
    let _: End<inner::SendHalf> = inner::SendHalf::shutdown_write;
}

#[test]
#[cfg(unix)]
fn streams_become_the_standard_librarys() {
    implements!(inner::Stream: Into<std::os::unix::net::UnixStream>);
}

#[test]
#[cfg(windows)]
fn c_strings_become_names_on_windows_too() {
    use local_socket::{GenericFilePath, GenericNamespaced, NamespacedNameType, PathNameType};
    use std::ffi::CStr;

    implements!(GenericFilePath: PathNameType<CStr>);
    implements!(GenericNamespaced: NamespacedNameType<CStr>);
    implements!(local_socket::os::windows::NamedPipe: PathNameType<CStr>);
}

#[test]
#[cfg(windows)]
fn event_loops_can_be_told_what_became_possible() {
    use local_socket::os::windows::Readiness;

    implements!(Readiness: Clone + Copy + Debug + PartialEq + Eq + Send + Sync);
    let _: fn(Readiness) -> bool = Readiness::is_readable;
    let _ = |stream: &inner::Stream| stream.on_ready(|_| ());
    let _ = |listener: &inner::Listener| listener.on_ready(|_| ());
    let _: for<'a> fn(&'a inner::Stream) -> bool = inner::Stream::is_writing;
}

#[test]
#[cfg(windows)]
fn listeners_become_interprocesss() {
    use local_socket::os::windows::named_pipe::{PipeListener, pipe_mode::Bytes};

    implements!(inner::Listener: Into<PipeListener<Bytes, Bytes>>);
}
