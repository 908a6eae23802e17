//! A listener whose backlog is full, in each wait mode, on tokio. Only Linux lets clients wait for
//! room.
#![cfg(all(feature = "tokio", target_os = "linux"))]

mod common;

use common::{
    PATIENCE, drain, fresh_id, full,
    tokio::{accept, at_once, listen, within},
};
use local_socket::{
    ConnectOptions, ConnectWaitMode, ListenerOptions, Name,
    error::{AddressError, os_error},
};
use std::{
    io::{ErrorKind, Read},
    pin::pin,
    time::{Duration, Instant},
};
use tokio::{
    io::AsyncWriteExt,
    runtime::Builder,
    task::{JoinSet, yield_now},
};

fn options(name: &Name<'_>, mode: ConnectWaitMode) -> ConnectOptions<'static> {
    ConnectOptions::new().name(name.clone().into_owned()).wait_mode(mode)
}

#[tokio::test]
async fn with_a_full_backlog_deferred_is_would_block_and_leaves_nothing_behind() {
    let name = fresh_id();
    let (listener, clients) = full(&name);
    let options = options(&name, ConnectWaitMode::Deferred);
    let error = at_once(options.connect_tokio()).await.expect("no waiting").unwrap_err();
    assert_eq!(error.kind(), ErrorKind::WouldBlock);
    assert_eq!(os_error(&error), Some(libc::EAGAIN));
    drain(&listener, &clients);
    options.connect_tokio().await.unwrap();
}

#[tokio::test]
async fn with_a_full_backlog_a_time_limit_is_kept() {
    let name = fresh_id();
    let (listener, clients) = full(&name);
    for limit in [Duration::ZERO, Duration::from_nanos(1), Duration::from_millis(150)] {
        let options = options(&name, ConnectWaitMode::Timeout(limit));
        let start = Instant::now();
        let error = within("a time-out", options.connect_tokio()).await.unwrap_err();
        let took = start.elapsed();
        assert!(took >= limit, "gave up after {took:?}, before {limit:?}");
        assert_eq!(error.kind(), ErrorKind::TimedOut);
        assert_eq!(os_error(&error), Some(libc::ETIMEDOUT));
        let cause = error.get_ref().and_then(|cause| cause.downcast_ref::<AddressError>());
        assert_eq!(cause.and_then(AddressError::limit), Some(limit));
        assert_eq!(cause.map(AddressError::name), Some(&name));
    }
    drain(&listener, &clients);
}

#[tokio::test]
async fn with_a_full_backlog_a_limit_of_zero_is_one_attempt_without_waiting() {
    let name = fresh_id();
    let (_listener, _clients) = full(&name);
    let options = options(&name, ConnectWaitMode::Timeout(Duration::ZERO));
    let error = at_once(options.connect_tokio()).await.expect("no waiting").unwrap_err();
    assert_eq!(error.kind(), ErrorKind::TimedOut);
}

/// Connects while the backlog is full, makes room, and sees who came in.
async fn waits_for_room(mode: ConnectWaitMode) {
    let name = fresh_id();
    let (listener, clients) = full(&name);
    let options = options(&name, mode);
    let mut connecting = pin!(options.connect_tokio());
    assert!(at_once(&mut connecting).await.is_none(), "there is no room");
    drain(&listener, &clients);
    let mut client = connecting.await.unwrap();
    client.write_all(b"in").await.unwrap();
    let mut server = listener.try_accept().unwrap();
    let mut heard = [0; 2];
    server.read_exact(&mut heard).unwrap();
    assert_eq!(&heard, b"in");
}

const PATIENT: [ConnectWaitMode; 3] = [
    ConnectWaitMode::Timeout(Duration::from_secs(600)),
    ConnectWaitMode::Timeout(Duration::MAX),
    ConnectWaitMode::Unbounded,
];

#[tokio::test]
async fn with_a_full_backlog_waiting_ends_when_there_is_room() {
    for mode in PATIENT {
        within("the waiting client to be let in", waits_for_room(mode)).await;
    }
}

#[test]
fn a_runtime_without_timers_waits_as_well() {
    let runtime = Builder::new_current_thread().enable_io().build().unwrap();
    common::within("the waiting client to be let in without timers", move || {
        for mode in PATIENT {
            runtime.block_on(waits_for_room(mode));
        }
        let name = fresh_id();
        let _full = full(&name);
        let limit = Duration::from_millis(50);
        let options = options(&name, ConnectWaitMode::Timeout(limit));
        let error = runtime.block_on(options.connect_tokio()).unwrap_err();
        assert_eq!(error.kind(), ErrorKind::TimedOut);
    });
}

#[tokio::test]
async fn a_cancelled_connect_leaves_nothing_in_the_backlog() {
    let name = fresh_id();
    let (listener, clients) = full(&name);
    let options = options(&name, ConnectWaitMode::Unbounded);
    for _ in 0..20 {
        assert!(at_once(options.connect_tokio()).await.is_none(), "there is no room");
    }
    let waiting = tokio::time::timeout(Duration::from_millis(50), options.connect_tokio());
    waiting.await.expect_err("there is no room");
    drain(&listener, &clients);
}

#[tokio::test]
async fn tasks_of_the_same_thread_go_on_while_a_connection_waits() {
    let name = fresh_id();
    let (listener, clients) = full(&name);
    let options = options(&name, ConnectWaitMode::Timeout(PATIENCE));
    let mut connecting = pin!(options.connect_tokio());
    for _others_turn in 0..100 {
        assert!(at_once(&mut connecting).await.is_none(), "there is no room");
        yield_now().await;
    }
    drain(&listener, &clients);
    connecting.await.unwrap();
}

#[tokio::test]
async fn many_connections_that_wait_on_one_thread_all_get_in() {
    let name = fresh_id();
    let listener = ListenerOptions::new().name(name.borrow()).backlog(0).create_tokio().unwrap();
    let mut clients = JoinSet::new();
    for _ in 0..20 {
        let options = options(&name, ConnectWaitMode::Unbounded);
        clients.spawn(async move { options.connect_tokio().await.map(drop) });
    }
    // There is one thread, so now all but one wait.
    yield_now().await;
    for _ in 0..20 {
        accept(&listener).await;
    }
    for result in within("all clients", clients.join_all()).await {
        result.unwrap();
    }
    drop(listener);
    listen(&name);
}
