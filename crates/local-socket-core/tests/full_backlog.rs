//! A listener whose backlog is full, in each wait mode. Only Linux and Windows let clients wait for
//! room.
#![cfg(any(target_os = "linux", windows))]

mod common;

use common::{drain, fresh_id, full, within};
use local_socket::{
    ConnectOptions, ConnectWaitMode, Name,
    error::{AddressError, os_error},
    prelude::*,
};
use std::{
    io::{ErrorKind, Read, Write},
    thread,
    time::{Duration, Instant},
};

#[cfg(unix)]
const NO_ROOM: i32 = libc::EAGAIN;
#[cfg(windows)]
const NO_ROOM: i32 = windows_sys::Win32::Networking::WinSock::WSAEWOULDBLOCK;

fn options(name: &Name<'_>, mode: ConnectWaitMode) -> ConnectOptions<'static> {
    ConnectOptions::new().name(name.clone().into_owned()).wait_mode(mode)
}

#[test]
fn with_a_full_backlog_deferred_is_would_block_and_leaves_nothing_behind() {
    let name = fresh_id();
    let (listener, clients) = full(&name);
    let error = options(&name, ConnectWaitMode::Deferred).connect_sync().unwrap_err();
    assert_eq!(error.kind(), ErrorKind::WouldBlock);
    assert_eq!(os_error(&error), Some(NO_ROOM));
    drain(&listener, &clients);
    options(&name, ConnectWaitMode::Deferred).connect_sync().unwrap();
}

#[test]
fn with_a_full_backlog_a_time_limit_is_kept_and_told() {
    let name = fresh_id();
    let (_listener, _clients) = full(&name);
    for limit in [Duration::ZERO, Duration::from_nanos(1), Duration::from_millis(150)] {
        let options = options(&name, ConnectWaitMode::Timeout(limit));
        let (error, took) = within("a connection to time out", move || {
            let start = Instant::now();
            (options.connect_sync().unwrap_err(), start.elapsed())
        });
        assert_eq!(error.kind(), ErrorKind::TimedOut);
        let inner = error.get_ref().and_then(|inner| inner.downcast_ref::<AddressError>()).unwrap();
        assert_eq!((inner.name(), inner.limit()), (&name, Some(limit)));
        assert!(took >= limit, "gave up after {took:?}, before {limit:?}");
    }
}

#[test]
fn with_a_full_backlog_waiting_ends_when_there_is_room() {
    let limits = [Duration::from_secs(600), Duration::MAX].map(ConnectWaitMode::Timeout);
    for mode in limits.into_iter().chain([ConnectWaitMode::Unbounded]) {
        let name = fresh_id();
        let (listener, clients) = full(&name);
        let options = options(&name, mode);
        let late = thread::spawn(move || options.connect_sync());
        // The waiting connection has most likely begun by then; if not, the test is easier.
        thread::sleep(Duration::from_millis(50));
        let mut servers = within("all clients to be accepted", move || {
            (0..=clients.len()).map(|_| listener.accept().unwrap()).collect::<Vec<_>>()
        });
        let late = within("the waiting client to be let in", || late.join().unwrap());
        late.unwrap().write_all(b"in").unwrap();
        let mut server = servers.pop().unwrap();
        server.set_recv_timeout(Some(common::PATIENCE)).unwrap();
        let mut heard = [0; 2];
        server.read_exact(&mut heard).unwrap();
        assert_eq!(&heard, b"in");
    }
}
