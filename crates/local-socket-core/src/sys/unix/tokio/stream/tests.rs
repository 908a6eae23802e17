//! Streams on tokio where the kernel can't refuse descriptors.

use super::Stream;
use crate::{
    sys::unix::{
        descriptors::tests::{
            LINGERS, assert_closed, assert_quick, lingering, send_descriptors, witness,
        },
        guarded::Guarded,
        reaper,
    },
    traits::tokio::Stream as _,
};
use ::tokio::{io::AsyncReadExt, net::UnixStream, time::timeout};
use std::{
    io::{self, ErrorKind, IoSliceMut, Read, Write},
    net::Shutdown,
    os::{
        fd::{AsFd, OwnedFd},
        unix::net::UnixStream as StdUnixStream,
    },
    sync::Arc,
    time::{Duration, Instant},
};

const PATIENCE: Duration = Duration::from_secs(60);

/// The result of reading; fails, naming `what`, if it isn't there in time.
async fn soon(what: &str, read: impl Future<Output = io::Result<usize>>) -> usize {
    let result = timeout(PATIENCE, read).await;
    result.unwrap_or_else(|_| panic!("waited {PATIENCE:?} for: {what}")).unwrap()
}

fn suspect_pair() -> (StdUnixStream, Stream) {
    let (sender, receiver) = StdUnixStream::pair().unwrap();
    sender.set_read_timeout(Some(PATIENCE)).unwrap();
    receiver.set_nonblocking(true).unwrap();
    (sender, Stream::register(Guarded::new(receiver, true), None).unwrap())
}

/// As [`suspect_pair`], whose keeper, when it is dropped, waits a moment until the reaper has
/// closed it: if it were dropped before the socket, that one would certainly be the last to be
/// closed.
fn patient_pair() -> (StdUnixStream, Stream) {
    let (sender, mut receiver) = suspect_pair();
    let spare = receiver.as_fd().try_clone_to_owned().unwrap();
    receiver.keeper.suspect = Some(Arc::new(Guarded::new(spare, true).holding_a_name()));
    // It would be waited for in vain while it has something else to close.
    reaper::close_within(vec![witness().0.into()], PATIENCE);
    (sender, receiver)
}

/// Passes a descriptor along with five bytes; gives what shows its end once every copy is closed.
fn pass(sender: &StdUnixStream) -> StdUnixStream {
    let (passed, witness) = witness();
    assert_eq!(send_descriptors(sender, b"bytes", &[passed.as_fd()]).unwrap(), 5);
    witness
}

/// As [`pass`], one that holds up whoever closes it last. What is given must be held until then.
fn pass_lingering(sender: &StdUnixStream) -> impl Sized {
    let (passed, server) = lingering();
    assert_eq!(send_descriptors(sender, b"bytes", &[passed.as_fd()]).unwrap(), 5);
    server
}

#[::tokio::test]
async fn descriptors_are_shed_by_every_way_to_read_from_a_stream() {
    let (sender, mut receiver) = suspect_pair();
    let buf = &mut [0u8; 8];

    let witness = pass(&sender);
    assert_eq!(soon("the stream's bytes", receiver.read(buf)).await, 5);
    assert_eq!(&buf[..5], b"bytes");
    assert_closed(witness, "the stream to close the descriptor");

    let witness = pass(&sender);
    assert_eq!(soon("the bytes by reference", (&receiver).read(buf)).await, 5);
    assert_closed(witness, "the reference to close the descriptor");

    let witness = pass(&sender);
    assert_eq!(receiver.try_read(buf).unwrap(), 5);
    assert_closed(witness, "try_read to close the descriptor");

    let witness = pass(&sender);
    let (one, other) = buf.split_at_mut(2);
    let bufs = &mut [IoSliceMut::new(one), IoSliceMut::new(other)];
    assert_eq!(receiver.try_read_vectored(bufs).unwrap(), 5);
    assert_closed(witness, "try_read_vectored to close the descriptor");
}

#[::tokio::test]
async fn descriptors_are_shed_by_every_way_to_read_from_a_half() {
    let (sender, receiver) = suspect_pair();
    let (mut rh, _sh) = receiver.split();
    let buf = &mut [0u8; 8];

    let witness = pass(&sender);
    assert_eq!(soon("the half's bytes", rh.read(buf)).await, 5);
    assert_closed(witness, "the half to close the descriptor");

    let witness = pass(&sender);
    assert_eq!(soon("the bytes by reference", (&rh).read(buf)).await, 5);
    assert_closed(witness, "the half's reference to close the descriptor");

    let witness = pass(&sender);
    assert_eq!(rh.try_read(buf).unwrap(), 5);
    assert_closed(witness, "the half's try_read to close the descriptor");

    let witness = pass(&sender);
    let (one, other) = buf.split_at_mut(2);
    let bufs = &mut [IoSliceMut::new(one), IoSliceMut::new(other)];
    assert_eq!(rh.try_read_vectored(bufs).unwrap(), 5);
    assert_closed(witness, "the half's try_read_vectored to close the descriptor");
}

#[::tokio::test]
async fn descriptors_are_shed_after_the_halves_have_become_the_stream_again() {
    let (sender, receiver) = suspect_pair();
    let (rh, sh) = receiver.split();
    let mut receiver = Stream::reunite(rh, sh).unwrap();
    assert!(receiver.sheds_descriptors());
    let witness = pass(&sender);
    assert_eq!(soon("the bytes", receiver.read(&mut [0; 8])).await, 5);
    assert_closed(witness, "the stream to close the descriptor");
}

async fn assert_quick_read(what: &str, read: impl Future<Output = io::Result<usize>>) {
    let start = Instant::now();
    assert_eq!(soon(what, read).await, 5);
    let took = start.elapsed();
    assert!(took < LINGERS / 2, "{what} took {took:?}");
}

#[::tokio::test]
async fn a_lingering_descriptor_holds_up_no_read() {
    let buf = &mut [0u8; 8];
    let (sender, mut receiver) = suspect_pair();
    let _held = pass_lingering(&sender);
    assert_quick_read("the stream's bytes", receiver.read(buf)).await;
    let _held = pass_lingering(&sender);
    assert_quick_read("the bytes by try_read", async { receiver.try_read(buf) }).await;
    let (mut rh, _sh) = receiver.split();
    let _held = pass_lingering(&sender);
    assert_quick_read("the half's bytes", rh.read(buf)).await;
    let _held = pass_lingering(&sender);
    assert_quick_read("the half's bytes by try_read", async { rh.try_read(buf) }).await;
}

#[::tokio::test]
async fn a_lingering_descriptor_holds_up_no_drop() {
    let (sender, receiver) = patient_pair();
    let held = pass_lingering(&sender);
    assert_quick("dropping a stream with the descriptor in its queue", || drop(receiver));
    // Ends the reaper's wait, for which it would be waited below.
    drop(held);

    for reader_last in [true, false] {
        let (sender, receiver) = patient_pair();
        let (rh, sh) = receiver.split();
        let _held = pass_lingering(&sender);
        assert_quick("dropping both halves with the descriptor in their queue", || {
            if reader_last { drop((sh, rh)) } else { drop((rh, sh)) }
        });
    }
}

#[::tokio::test]
async fn what_is_dropped_closes_its_socket_and_what_is_in_its_queue() {
    let (mut sender, receiver) = suspect_pair();
    let witness = pass(&sender);
    drop(receiver);
    assert_closed(witness, "the descriptor in the queue of a dropped stream to be closed");
    sender.read(&mut [0]).expect_err("the stream is closed with bytes unread");

    let (mut sender, receiver) = suspect_pair();
    let (rh, sh) = receiver.split();
    drop(rh);
    let witness = pass(&sender);
    drop(sh);
    assert_closed(witness, "the descriptor in the queue of dropped halves to be closed");
    sender.read(&mut [0]).expect_err("the halves are closed with bytes unread");
}

#[::tokio::test]
async fn reading_with_care_sees_the_end_and_an_empty_socket_as_any_read_does() {
    let (sender, mut receiver) = suspect_pair();
    assert_eq!(receiver.try_read(&mut [0; 8]).unwrap_err().kind(), ErrorKind::WouldBlock);
    sender.shutdown(Shutdown::Write).unwrap();
    assert_eq!(soon("the end", receiver.read(&mut [0; 8])).await, 0);
    assert_eq!(receiver.try_read(&mut [0; 8]).unwrap(), 0);
}

#[::tokio::test]
async fn a_socket_that_is_taken_out_stays_open() {
    let (mut sender, receiver) = suspect_pair();
    let taken = UnixStream::from(receiver);
    sender.write_all(b"x").unwrap();
    soon("the byte", async { taken.readable().await.map(|()| 1) }).await;
    assert_eq!(taken.try_read(&mut [0; 8]).unwrap(), 1);

    let (mut sender, receiver) = suspect_pair();
    let mut taken = StdUnixStream::from(OwnedFd::try_from(receiver).unwrap());
    sender.write_all(b"x").unwrap();
    assert_eq!(taken.read(&mut [0; 8]).unwrap(), 1);

    let (mut sender, receiver) = suspect_pair();
    let (rh, sh) = receiver.split();
    let (mut rh, _sh) = (rh.into_tokio(), sh.into_tokio());
    sender.write_all(b"x").unwrap();
    assert_eq!(soon("the byte", rh.read(&mut [0; 8])).await, 1);
}

#[::tokio::test]
async fn streams_made_of_others_sockets_shed_nothing() {
    let (one, _other) = UnixStream::pair().unwrap();
    assert!(!Stream::from(one).sheds_descriptors());
}
