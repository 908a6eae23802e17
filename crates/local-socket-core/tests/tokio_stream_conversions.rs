//! Streams on tokio: what they are made from and turned into, and what their sockets tell.
#![cfg(all(feature = "tokio", unix))]

mod common;

use common::{
    PATIENCE,
    tokio::{pair, within},
};
use local_socket::{os::unix::uds_local_socket::tokio as uds, tokio::Stream};
use std::{
    io::{ErrorKind, Read, Write},
    os::{
        fd::{AsFd, AsRawFd, OwnedFd},
        unix::net::UnixStream as StdUnixStream,
    },
    panic::{AssertUnwindSafe, catch_unwind},
};
use tokio::{
    io::{AsyncReadExt, AsyncWriteExt},
    net::UnixStream,
    runtime::{Builder, Runtime},
};

fn std_pair() -> (StdUnixStream, StdUnixStream) {
    let (one, other) = StdUnixStream::pair().unwrap();
    one.set_read_timeout(Some(PATIENCE)).unwrap();
    other.set_read_timeout(Some(PATIENCE)).unwrap();
    (one, other)
}

/// A runtime as programs may have it: without timers.
fn runtime() -> Runtime {
    Builder::new_current_thread().enable_io().build().unwrap()
}

#[tokio::test]
async fn a_blocking_descriptor_is_made_nonblocking() {
    let (mut peer, socket) = std_pair();
    let mut stream = uds::Stream::try_from(OwnedFd::from(socket)).unwrap();
    assert_eq!(stream.try_read(&mut [0]).unwrap_err().kind(), ErrorKind::WouldBlock);
    let flags = rustix::fs::fcntl_getfl(&stream).unwrap();
    assert!(flags.contains(rustix::fs::OFlags::NONBLOCK));
    peer.write_all(b"x").unwrap();
    let mut heard = [0; 1];
    within("the byte", stream.read_exact(&mut heard)).await.unwrap();
    assert_eq!(&heard, b"x");
}

#[tokio::test]
async fn a_stream_converts_to_and_from_tokios_and_a_descriptor() {
    let (mut peer, socket) = std_pair();
    let number = socket.as_raw_fd();
    let stream = Stream::from(uds::Stream::try_from(OwnedFd::from(socket)).unwrap());
    let Stream::UdSocket(mut stream) = stream;
    assert_eq!(stream.inner().as_raw_fd(), number);
    assert_eq!(stream.inner_mut().as_raw_fd(), number);
    assert_eq!(stream.as_fd().as_raw_fd(), number);

    let mut tokios = UnixStream::from(stream);
    assert_eq!(tokios.as_raw_fd(), number);
    within("writing", tokios.write_all(b"tokio")).await.unwrap();
    let mut stream = uds::Stream::from(tokios);
    within("writing", stream.write_all(b" ours")).await.unwrap();

    let fd = OwnedFd::try_from(stream).unwrap();
    assert_eq!(fd.as_raw_fd(), number);
    let mut socket = StdUnixStream::from(fd);
    assert_eq!(socket.read(&mut [0]).unwrap_err().kind(), ErrorKind::WouldBlock);
    socket.write_all(b" std").unwrap();
    drop(socket);
    let mut heard = String::new();
    peer.read_to_string(&mut heard).unwrap();
    assert_eq!(heard, "tokio ours std");
}

#[tokio::test]
#[cfg(any(target_os = "linux", target_os = "android"))]
async fn a_descriptor_that_cannot_be_waited_for_is_refused() {
    let file = tempfile::tempfile().unwrap();
    let error = uds::Stream::try_from(OwnedFd::from(file)).unwrap_err();
    assert_eq!(error.raw_os_error(), Some(libc::EPERM));
}

#[test]
fn outside_a_runtime_a_conversion_panics_and_closes_the_descriptor() {
    let (mut peer, socket) = std_pair();
    let convert = AssertUnwindSafe(|| uds::Stream::try_from(OwnedFd::from(socket)));
    catch_unwind(convert).expect_err("there is no runtime");
    assert_eq!(peer.read(&mut [0]).expect("waited for the end"), 0);
}

#[test]
fn a_runtime_with_io_alone_is_enough() {
    let (mut peer, socket) = std_pair();
    runtime().block_on(async {
        let mut stream = uds::Stream::try_from(OwnedFd::from(socket)).unwrap();
        stream.write_all(b"x").await.unwrap();
        peer.read_exact(&mut [0]).unwrap();
        peer.write_all(b"y").unwrap();
        let mut heard = [0; 1];
        stream.read_exact(&mut heard).await.unwrap();
        assert_eq!(&heard, b"y");
    });
}

#[test]
fn without_its_runtime_a_stream_still_tries_and_closes_and_does_not_wait() {
    let (mut peer, socket) = std_pair();
    let first = runtime();
    let stream = first.block_on(async { uds::Stream::try_from(OwnedFd::from(socket)).unwrap() });
    drop(first);
    runtime().block_on(stream.readable()).expect_err("nobody wakes it any more");
    runtime().block_on((&stream).read(&mut [0])).expect_err("nobody wakes it any more");
    peer.write_all(b"x").unwrap();
    assert_eq!(stream.try_read(&mut [0; 8]).unwrap(), 1);
    assert_eq!(stream.try_write(b"y").unwrap(), 1);
    drop(stream);
    let mut heard = String::new();
    peer.read_to_string(&mut heard).expect("waited for the end");
    assert_eq!(heard, "y");
}

#[tokio::test]
#[cfg(target_os = "linux")]
async fn the_groups_of_the_peer_are_those_of_this_process() {
    let (Stream::UdSocket(client), _server) = pair();
    let mut groups = client.peer_groups().unwrap().unwrap();
    let mut own = vec![0; 65_536];
    // SAFETY: there is room for as many groups as are said, the most that Linux has.
    let count = unsafe { libc::getgroups(65_536, own.as_mut_ptr()) };
    own.truncate(count.try_into().expect("getgroups works"));
    groups.sort_unstable();
    own.sort_unstable();
    assert_eq!(groups, own);
}

#[tokio::test]
async fn a_larger_send_buffer_takes_more_before_the_peer_reads() {
    let taken = |size| {
        let (Stream::UdSocket(client), _server) = pair();
        client.set_send_buffer_size(size).unwrap();
        let block = vec![0; 4096];
        let mut taken = 0;
        while let Ok(count) = client.try_write(&block) {
            taken += count;
        }
        taken
    };
    let (small, large) = (taken(16 << 10), taken(128 << 10));
    assert!(large >= 2 * small, "{large} bytes rather than {small}");
}

#[tokio::test]
async fn a_peer_that_closed_with_our_bytes_unread_is_an_error_after_its_own() {
    let (mut client, mut server) = pair();
    client.write_all(b"unread").await.unwrap();
    server.write_all(b"last").await.unwrap();
    drop(server);
    let mut heard = [0; 4];
    within("its bytes", client.read_exact(&mut heard)).await.unwrap();
    assert_eq!(&heard, b"last");
    if cfg!(target_os = "linux") {
        let error = within("the error", client.read(&mut heard)).await.unwrap_err();
        assert_eq!(error.kind(), ErrorKind::ConnectionReset);
    }
}
