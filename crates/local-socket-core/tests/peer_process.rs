//! The process of a peer, told apart from others that get its pid.
#![cfg(target_os = "linux")]

mod common;

use common::{fresh_id, listen, processes::fork, within};
use local_socket::{ConnectOptions, Stream, os::unix::uds_local_socket as uds, prelude::*};
use rustix::{
    event::{PollFd, PollFlags, Timespec, poll},
    io::FdFlags,
};
use std::{
    io::{Read, Write},
    os::{fd::OwnedFd, unix::net::UnixStream},
};

/// A stream whose client is a process that ends when it is told a byte, and that process.
fn peer() -> (uds::Stream, UnixStream, common::processes::Child) {
    let name = fresh_id();
    let listener = listen(&name);
    let (told, mut wait) = UnixStream::pair().unwrap();
    let child = fork(|| {
        let client = ConnectOptions::new().name(name.borrow()).connect_sync();
        let _client = client.map_err(|error| error.to_string())?;
        wait.read_exact(&mut [0]).map_err(|error| error.to_string())
    });
    let server = within("the child's connection", move || listener.accept()).unwrap();
    let Stream::UdSocket(server) = server;
    (server, told, child)
}

fn can_be_read(pidfd: &OwnedFd) -> bool {
    let at_once = Timespec { tv_sec: 0, tv_nsec: 0 };
    poll(&mut [PollFd::new(pidfd, PollFlags::IN)], Some(&at_once)).unwrap() > 0
}

/// Whether this kernel has such descriptors; says so if it has not.
fn supported(stream: &uds::Stream) -> bool {
    let supported = stream.peer_pidfd().is_ok_and(|pidfd| pidfd.is_some());
    if !supported {
        eprintln!("not tested: needs SO_PEERPIDFD, Linux 6.5");
    }
    supported
}

#[test]
fn it_runs_until_it_has_ended_and_not_again_when_its_pid_is_free() {
    let (stream, mut told, child) = peer();
    if !supported(&stream) {
        return;
    }
    assert_eq!(stream.peer_creds().unwrap().pid(), Some(child.id()));
    let pidfd = stream.peer_pidfd().unwrap().unwrap();
    assert!(rustix::io::fcntl_getfd(&pidfd).unwrap().contains(FdFlags::CLOEXEC));
    assert!(!can_be_read(&pidfd));
    assert_eq!(stream.peer_is_running().unwrap(), Some(true));

    told.write_all(b"x").unwrap();
    // Waits for it too, so that its pid is free.
    child.join();
    assert!(can_be_read(&pidfd));
    assert_eq!(stream.peer_is_running().unwrap(), Some(false));
    match stream.peer_pidfd() {
        Ok(pidfd) => assert!(can_be_read(&pidfd.unwrap())),
        Err(error) => assert_eq!(error.raw_os_error(), Some(libc::ESRCH)),
    }
}

#[test]
#[cfg(feature = "tokio")]
fn a_stream_on_tokio_tells_the_same() {
    let (stream, mut told, child) = peer();
    if !supported(&stream) {
        return;
    }
    let runtime = tokio::runtime::Builder::new_current_thread().enable_io().build().unwrap();
    let _guard = runtime.enter();
    let stream = uds::tokio::Stream::try_from(OwnedFd::from(stream)).unwrap();
    assert!(!can_be_read(&stream.peer_pidfd().unwrap().unwrap()));
    assert_eq!(stream.peer_is_running().unwrap(), Some(true));
    told.write_all(b"x").unwrap();
    child.join();
    assert_eq!(stream.peer_is_running().unwrap(), Some(false));
}

#[test]
fn a_socket_that_is_not_connected_has_no_process() {
    use rustix::net::{AddressFamily, SocketType, socket};

    let stream = uds::Stream::from(socket(AddressFamily::UNIX, SocketType::STREAM, None).unwrap());
    for result in [stream.peer_pidfd().map(drop), stream.peer_is_running().map(drop)] {
        if let Err(error) = result {
            assert_eq!(error.kind(), std::io::ErrorKind::NotConnected);
        }
    }
}
