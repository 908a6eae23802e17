//! Both ways of keeping descriptors away, each on a pair of sockets.

use super::{
    super::{
        guarded::{Guarded, NAME_PATIENCE},
        stream::Stream,
    },
    *,
};
use crate::{traits::Stream as _, try_clone::TryClone as _};
use rustix::net::{SendAncillaryBuffer, SendAncillaryMessage, SendFlags, sendmsg};
use std::{
    io::{ErrorKind, IoSlice, Read, Write},
    net::{Shutdown, TcpListener, TcpStream},
    os::{
        fd::AsFd,
        linux::net::SocketAddrExt,
        unix::net::{SocketAddr, UnixListener, UnixStream},
    },
    time::{Duration, Instant},
};

const PATIENCE: Duration = Duration::from_secs(60);

/// How long whoever closes what lingers is held up, unless its other end is dropped before. No machine
/// is so busy that it takes half as long by itself.
pub(crate) const LINGERS: Duration = Duration::from_secs(120);

pub(crate) fn send_descriptors(
    socket: &UnixStream,
    bytes: &[u8],
    descriptors: &[BorrowedFd<'_>],
) -> io::Result<usize> {
    let mut space = vec![MaybeUninit::uninit(); cmsg_space!(ScmRights(MAX_DESCRIPTORS))];
    let mut control = SendAncillaryBuffer::new(&mut space);
    assert!(control.push(SendAncillaryMessage::ScmRights(descriptors)));
    Ok(sendmsg(socket, &[IoSlice::new(bytes)], &mut control, SendFlags::NOSIGNAL)?)
}

/// A descriptor to pass, and a socket on which the end shows once every copy has been closed.
pub(crate) fn witness() -> (UnixStream, UnixStream) {
    let (passed, witness) = UnixStream::pair().unwrap();
    witness.set_read_timeout(Some(PATIENCE)).unwrap();
    (passed, witness)
}

pub(crate) fn assert_closed(mut witness: UnixStream, what: &str) {
    let end = witness.read(&mut [0]).unwrap_or_else(|e| panic!("waited for {what}: {e}"));
    assert_eq!(end, 0);
}

fn suspect_pair() -> (UnixStream, Stream) {
    let (sender, receiver) = UnixStream::pair().unwrap();
    (sender, Stream::new(receiver, true))
}

/// A TCP socket that holds up whoever closes it last, and its other end: bytes unsent because nobody
/// reads them, and SO_LINGER.
pub(crate) fn lingering() -> (TcpStream, TcpStream) {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let client = TcpStream::connect(listener.local_addr().unwrap()).unwrap();
    let (server, _) = listener.accept().unwrap();
    rustix::net::sockopt::set_socket_linger(&client, Some(LINGERS)).unwrap();
    client.set_nonblocking(true).unwrap();
    let block = [0; 65536];
    while (&client).write(&block).is_ok() {}
    (client, server)
}

pub(crate) fn assert_quick<T>(what: &str, action: impl FnOnce() -> T) -> T {
    let start = Instant::now();
    let result = action();
    let took = start.elapsed();
    assert!(took < LINGERS / 2, "{what} was held up for {took:?}");
    result
}

/// Listens and drops the listener, again and again. The name must be free after each drop, unless
/// that has waited as long as it may, since the reaper is held up by others.
pub(crate) fn assert_name_is_free_after_drop<T>(listen: impl Fn() -> io::Result<T>) {
    for _ in 0..100 {
        let listener = listen().expect("the name is free");
        let start = Instant::now();
        drop(listener);
        if start.elapsed() >= NAME_PATIENCE {
            reaper::close_within(vec![witness().0.into()], PATIENCE);
        }
    }
}

#[test]
fn a_kernel_that_can_refuses_descriptors_and_passes_bytes() {
    let (sender, receiver) = UnixStream::pair().unwrap();
    if !refuse(receiver.as_fd()).unwrap() {
        return;
    }
    let (passed, _witness) = witness();
    let error = send_descriptors(&sender, b"x", &[passed.as_fd()]).unwrap_err();
    assert_eq!(error.raw_os_error(), Some(libc::EPERM));
    (&sender).write_all(b"y").unwrap();
    assert_eq!(Stream::from(receiver).try_read(&mut [0; 8]).unwrap(), 1);
}

#[test]
fn without_the_kernels_help_read_gives_the_bytes_and_closes_the_descriptors() {
    let (sender, receiver) = suspect_pair();
    let (passed, witness) = witness();
    send_descriptors(&sender, b"bytes", &[passed.as_fd()]).unwrap();
    drop(passed);
    let mut buf = [0; 8];
    assert_eq!((&receiver).read(&mut buf).unwrap(), 5);
    assert_eq!(&buf[..5], b"bytes");
    assert_closed(witness, "the descriptor that came with the bytes to be closed");
}

#[test]
fn without_the_kernels_help_try_read_closes_all_253_descriptors() {
    let (sender, receiver) = suspect_pair();
    let (passed, witness) = witness();
    send_descriptors(&sender, b"x", &[passed.as_fd(); MAX_DESCRIPTORS]).unwrap();
    drop(passed);
    assert_eq!(receiver.try_read(&mut [0; 8]).unwrap(), 1);
    assert_eq!(receiver.try_read(&mut [0; 8]).unwrap_err().kind(), ErrorKind::WouldBlock);
    assert_closed(witness, "all descriptors that came with the byte to be closed");
}

#[test]
fn without_the_kernels_help_vectored_reads_and_halves_close_descriptors_too() {
    let (sender, receiver) = suspect_pair();
    let (passed, witness) = witness();
    send_descriptors(&sender, b"abcd", &[passed.as_fd()]).unwrap();
    drop(passed);
    let (rh, _sh) = receiver.try_clone().unwrap().split();
    let (mut first, mut second) = ([0; 2], [0; 4]);
    let bufs = &mut [IoSliceMut::new(&mut first), IoSliceMut::new(&mut second)];
    assert_eq!((&rh).read_vectored(bufs).unwrap(), 4);
    assert_eq!((&first, &second[..2]), (b"ab", &b"cd"[..]));
    assert_closed(witness, "the descriptor that came with the vectored read to be closed");
}

#[test]
fn without_the_kernels_help_a_lingering_descriptor_holds_up_neither_read_nor_drop() {
    let (sender, receiver) = suspect_pair();
    let (tcp, _server) = lingering();
    send_descriptors(&sender, b"x", &[tcp.as_fd()]).unwrap();
    drop(tcp);
    let read = assert_quick("reading", || receiver.try_read(&mut [0; 8]));
    assert_eq!(read.unwrap(), 1);

    let (tcp, _server) = lingering();
    send_descriptors(&sender, b"x", &[tcp.as_fd()]).unwrap();
    drop(tcp);
    assert_quick("dropping a stream with the descriptor in its queue", || drop(receiver));
}

#[test]
fn without_the_kernels_help_a_dropped_stream_closes_what_is_in_its_queue() {
    let (sender, receiver) = suspect_pair();
    let (passed, witness) = witness();
    send_descriptors(&sender, b"x", &[passed.as_fd()]).unwrap();
    drop((passed, receiver));
    assert_closed(witness, "the descriptor in the queue of a dropped stream to be closed");
}

#[test]
fn reading_with_care_sees_the_end_and_an_empty_socket_as_any_read_does() {
    let (sender, receiver) = suspect_pair();
    assert_eq!(receiver.try_read(&mut [0; 8]).unwrap_err().kind(), ErrorKind::WouldBlock);
    receiver.set_recv_timeout(Some(Duration::from_millis(10))).unwrap();
    assert_eq!((&receiver).read(&mut [0; 8]).unwrap_err().kind(), ErrorKind::WouldBlock);
    sender.shutdown(Shutdown::Write).unwrap();
    assert_eq!(receiver.try_read(&mut [0; 8]).unwrap(), 0);
}

#[test]
fn a_socket_taken_out_of_its_guard_stays_open() {
    let (mut sender, receiver) = UnixStream::pair().unwrap();
    let mut taken = Guarded::new(receiver, true).into_inner();
    sender.write_all(b"x").unwrap();
    assert_eq!(taken.read(&mut [0; 8]).unwrap(), 1);
}

#[test]
fn the_abstract_name_of_a_suspect_listener_is_free_once_it_is_dropped() {
    let id = format!("local-socket-guarded-{}", std::process::id());
    let address = SocketAddr::from_abstract_name(id).unwrap();
    assert_name_is_free_after_drop(|| {
        let listener = UnixListener::bind_addr(&address)?;
        Ok(Guarded::new(listener, true).holding_a_name())
    });
}
