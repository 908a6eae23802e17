//! The traits of blocking listeners, streams and halves.

use super::inner;
use interprocess::{
    bound_util::{RefRead, RefWrite},
    local_socket::{
        ConnectOptions, Incoming, Listener, ListenerNonblockingMode, ListenerOptions, Name,
        PeerCreds, RecvHalf, SendHalf, Stream,
        traits::{self, ListenerExt, StreamCommon},
    },
};
use std::{
    fmt::Debug,
    io::{self, Read, Write},
    iter::FusedIterator,
    time::Duration,
};

fn of_any_listener<L: traits::Listener>() {
    fn implied<L, S: traits::Stream>()
    where
        L: Iterator<Item = io::Result<S>> + FusedIterator + ListenerExt<Stream = S>,
        L: Debug + Send + Sync + Sized,
    {
    }
    implied::<L, L::Stream>();
    let _: for<'a> fn(&'a L) -> io::Result<L::Stream> = L::accept;
    let _: for<'a> fn(&'a L, ListenerNonblockingMode) -> io::Result<()> = L::set_nonblocking;
    let _: for<'a> fn(&'a mut L) = L::do_not_reclaim_name_on_drop;
    let _: for<'a> fn(ListenerOptions<'a>) -> io::Result<L> = L::from_options;
    let _: for<'a> fn(&'a L) -> Incoming<'a, L> = L::incoming;
    of_any_stream::<L::Stream>();
}

fn of_any_stream<S: traits::Stream>() {
    implements!(S: Read + RefRead + Write + RefWrite + StreamCommon);
    let _: for<'a> fn(Name<'a>) -> io::Result<S> = S::connect;
    let _: for<'a> fn(&'a S, bool) -> io::Result<()> = S::set_nonblocking;
    let _: for<'a> fn(&'a S, Option<Duration>) -> io::Result<()> = S::set_recv_timeout;
    let _: for<'a> fn(&'a S, Option<Duration>) -> io::Result<()> = S::set_send_timeout;
    let _: fn(S) -> (S::RecvHalf, S::SendHalf) = S::split;
    let _: fn(S::RecvHalf, S::SendHalf) -> traits::ReuniteResult<S> = S::reunite;
    let _: for<'a, 'n> fn(&'a ConnectOptions<'n>) -> io::Result<S> = S::from_options;
    of_any_stream_at_all::<S>();
    of_any_halves::<S::RecvHalf, S::SendHalf, S>();
}

fn of_any_stream_at_all<S: StreamCommon>() {
    implements!(S: Debug + Send + Sync + 'static);
    let _: for<'a> fn(&'a S) -> io::Result<Option<io::Error>> = S::take_error;
    let _: for<'a> fn(&'a S) -> io::Result<PeerCreds> = S::peer_creds;
}

fn of_any_halves<R, W, S>()
where
    R: traits::RecvHalf<Stream = S>,
    W: traits::SendHalf<Stream = S>,
    S: traits::Stream,
{
    implements!(R: Read + RefRead + Send + Sync + 'static);
    implements!(W: Write + RefWrite + Send + Sync + 'static);
    let _: for<'a> fn(&'a R, Option<Duration>) -> io::Result<()> = R::set_timeout;
    let _: for<'a> fn(&'a W, Option<Duration>) -> io::Result<()> = W::set_timeout;
}

#[test]
fn the_enums_and_the_systems_types_have_all_traits() {
    of_any_listener::<Listener>();
    of_any_listener::<inner::Listener>();
    of_any_stream::<Stream>();
    of_any_stream::<inner::Stream>();
    of_any_halves::<RecvHalf, SendHalf, Stream>();
    of_any_halves::<inner::RecvHalf, inner::SendHalf, inner::Stream>();
}

#[test]
fn what_reads_or_writes_by_reference_can_be_asked_to() {
    fn reader<T: RefRead + ?Sized>(from: &T) -> impl Read + '_ {
        from.as_read()
    }
    fn writer<T: RefWrite + ?Sized>(to: &T) -> impl Write + '_ {
        to.as_write()
    }
    let _ = |stream: &Stream| {
        let _reads = reader(stream);
        let _writes = writer(stream);
    };
    let mut heard = [0; 3];
    // A type whose size isn't known.
    reader::<[u8]>(b"abc").read_exact(&mut heard).expect("three bytes");
    assert_eq!(&heard, b"abc");
    writer(&io::sink()).write_all(b"abc").expect("no error");
}
