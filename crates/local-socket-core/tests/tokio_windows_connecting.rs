//! Connecting and accepting on tokio where pipes are busy, many come at once, or somebody gives up.
#![cfg(all(feature = "tokio", windows))]

mod common;

use common::{
    PATIENCE, fresh_id,
    tokio::{accept, at_once, connect, inner, listen, within},
};
use local_socket::{
    ConnectOptions, ConnectWaitMode, ListenerOptions, Name,
    error::AddressError,
    tokio::{Listener, Stream, prelude::*},
};
use std::{
    collections::BTreeSet,
    io::{ErrorKind, Write},
    pin::pin,
    sync::Arc,
    time::{Duration, Instant},
};
use tokio::{
    io::{AsyncReadExt, AsyncWriteExt},
    net::windows::named_pipe::{NamedPipeServer, ServerOptions},
    runtime::Builder,
    task::{JoinSet, yield_now},
    time::sleep,
};

/// A pipe of tokio's own with one instance, and the client who has it.
async fn busy(name: &Name<'_>) -> (NamedPipeServer, Stream) {
    within("a pipe to be busy", busy_without_timers(name)).await
}

/// As [`busy`], on any runtime: whoever waits for it has to see to a deadline.
async fn busy_without_timers(name: &Name<'_>) -> (NamedPipeServer, Stream) {
    let path = name.as_path().expect("a pipe's name is a path");
    let server = ServerOptions::new().max_instances(1).create(path).expect("the name is free");
    let connecting = options(name, ConnectWaitMode::Unbounded);
    let client = connecting.connect_tokio().await.expect("somebody listens");
    server.connect().await.expect("the client is there");
    (server, client)
}

fn options(name: &Name<'_>, mode: ConnectWaitMode) -> ConnectOptions<'static> {
    ConnectOptions::new().name(name.clone().into_owned()).wait_mode(mode)
}

#[tokio::test]
async fn at_a_busy_pipe_deferred_is_an_error_at_once() {
    let name = fresh_id();
    let _busy = busy(&name).await;
    let options = options(&name, ConnectWaitMode::Deferred);
    at_once(options.connect_tokio()).await.expect("no waiting").unwrap_err();
}

#[tokio::test]
async fn at_a_busy_pipe_a_time_limit_is_kept() {
    let name = fresh_id();
    let _busy = busy(&name).await;
    for limit in [Duration::ZERO, Duration::from_nanos(1), Duration::from_millis(150)] {
        let options = options(&name, ConnectWaitMode::Timeout(limit));
        let start = Instant::now();
        let error = within("a time-out", options.connect_tokio()).await.unwrap_err();
        let took = start.elapsed();
        assert!(took >= limit, "gave up after {took:?}, before {limit:?}");
        assert_eq!(error.kind(), ErrorKind::TimedOut, "{error:?}");
        let cause = error.get_ref().and_then(|cause| cause.downcast_ref::<AddressError>());
        assert_eq!(cause.and_then(AddressError::limit), Some(limit));
        assert_eq!(cause.map(AddressError::name), Some(&name));
    }
}

#[tokio::test]
async fn at_a_busy_pipe_a_limit_of_zero_is_one_attempt_without_waiting() {
    let name = fresh_id();
    let _busy = busy(&name).await;
    let options = options(&name, ConnectWaitMode::Timeout(Duration::ZERO));
    let error = at_once(options.connect_tokio()).await.expect("no waiting").unwrap_err();
    assert_eq!(error.kind(), ErrorKind::TimedOut);
}

const PATIENT: [ConnectWaitMode; 3] = [
    ConnectWaitMode::Timeout(Duration::from_secs(600)),
    ConnectWaitMode::Timeout(Duration::MAX),
    ConnectWaitMode::Unbounded,
];

/// Connects while the pipe is busy, makes room, and sees who came in.
async fn waits_for_room(mode: ConnectWaitMode) {
    let name = fresh_id();
    let (mut server, client) = busy_without_timers(&name).await;
    let options = options(&name, mode);
    let mut connecting = pin!(options.connect_tokio());
    assert!(at_once(&mut connecting).await.is_none(), "it is busy");
    drop(client);
    server.disconnect().unwrap();
    let (connected, client) = tokio::join!(server.connect(), connecting);
    connected.unwrap();
    client.unwrap().write_all(b"in").await.unwrap();
    let mut heard = [0; 2];
    server.read_exact(&mut heard).await.unwrap();
    assert_eq!(&heard, b"in");
}

#[tokio::test]
async fn at_a_busy_pipe_waiting_ends_when_there_is_room() {
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
    });
}

#[tokio::test]
async fn a_cancelled_connect_takes_no_instance() {
    let name = fresh_id();
    let (server, client) = busy(&name).await;
    let options = options(&name, ConnectWaitMode::Unbounded);
    for _ in 0..20 {
        assert!(at_once(options.connect_tokio()).await.is_none(), "it is busy");
    }
    let waiting = tokio::time::timeout(Duration::from_millis(50), options.connect_tokio());
    waiting.await.expect_err("it is busy");
    drop(client);
    server.disconnect().unwrap();
    assert!(at_once(server.connect()).await.is_none(), "nobody takes the instance");
    let both = async { tokio::join!(server.connect(), options.connect_tokio()) };
    let (connected, client) = within("a client to be let in", both).await;
    connected.unwrap();
    client.unwrap();
}

#[tokio::test]
async fn tasks_of_the_same_thread_go_on_while_a_connection_waits() {
    let name = fresh_id();
    let (server, client) = busy(&name).await;
    let options = options(&name, ConnectWaitMode::Timeout(PATIENCE));
    let mut connecting = pin!(options.connect_tokio());
    for _others_turn in 0..100 {
        assert!(at_once(&mut connecting).await.is_none(), "it is busy");
        yield_now().await;
    }
    drop(client);
    server.disconnect().unwrap();
    let both = async { tokio::join!(server.connect(), connecting) };
    let (connected, client) = within("the waiting client to be let in", both).await;
    connected.unwrap();
    client.unwrap();
}

#[tokio::test]
async fn a_name_that_goes_while_it_is_waited_for_is_not_found() {
    let name = fresh_id();
    let (server, client) = busy(&name).await;
    let options = options(&name, ConnectWaitMode::Timeout(PATIENCE));
    let mut connecting = pin!(options.connect_tokio());
    assert!(at_once(&mut connecting).await.is_none(), "it is busy");
    drop((server, client));
    let error = within("an error", connecting).await.unwrap_err();
    assert_eq!(error.kind(), ErrorKind::NotFound);
}

const BURST: u8 = 200;

async fn answer_each(listener: Arc<Listener>) {
    let mut answers = JoinSet::new();
    for _ in 0..BURST {
        let mut server = accept(&listener).await;
        answers.spawn(async move {
            let number = server.read_u8().await.unwrap();
            server.write_u8(number).await.unwrap();
            server.shutdown().await.unwrap();
        });
    }
    within("all answers", answers.join_all()).await;
}

async fn ask(name: Name<'static>, number: u8) -> u8 {
    let mut client = connect(&name).await;
    client.write_u8(number).await.unwrap();
    let answer = within("an answer", client.read_u8()).await.unwrap();
    assert_eq!(within("the end", client.read(&mut [0])).await.unwrap(), 0);
    answer
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn two_hundred_clients_at_once_are_all_answered() {
    let name = fresh_id();
    let listener = Arc::new(listen(&name));
    let mut clients = JoinSet::new();
    for number in 0..BURST {
        clients.spawn(ask(name.clone(), number));
    }
    let answered = async { tokio::join!(answer_each(listener.clone()), clients.join_all()).1 };
    let answered = within("the burst", answered).await;
    assert_eq!(BTreeSet::from_iter(answered), (0..BURST).collect());
    assert_eq!(listener.try_accept().unwrap_err().kind(), ErrorKind::WouldBlock);
}

#[tokio::test]
async fn two_hundred_clients_at_once_on_one_thread_are_all_answered() {
    let name = fresh_id();
    let listener = Arc::new(listen(&name));
    let clients: JoinSet<_> = (0..BURST).map(|number| ask(name.clone(), number)).collect();
    let answered = async { tokio::join!(answer_each(listener), clients.join_all()).1 };
    assert_eq!(within("the burst", answered).await.len(), usize::from(BURST));
}

#[tokio::test]
async fn accepts_that_are_given_up_leave_no_client_behind_and_no_listener_open() {
    let name = fresh_id();
    let listener = Arc::new(listen(&name));
    for _ in 0..50 {
        let waiting = listener.clone();
        let task = tokio::spawn(async move { waiting.accept().await.map(drop) });
        yield_now().await;
        task.abort();
        assert!(within("the end of the task", task).await.unwrap_err().is_cancelled());
    }
    let mut client = connect(&name).await;
    client.write_u8(7).await.unwrap();
    let mut server = accept(&listener).await;
    assert_eq!(within("the byte", server.read_u8()).await.unwrap(), 7);
    drop((server, client, listener));
    within("the name to be free", async {
        while let Err(error) = ListenerOptions::new().name(name.borrow()).create_tokio() {
            assert_eq!(error.kind(), ErrorKind::AddrInUse);
            sleep(Duration::from_millis(5)).await;
        }
    })
    .await;
}

#[tokio::test]
async fn a_listener_for_threads_becomes_one_on_tokio_with_the_clients_who_wait_and_back() {
    let name = fresh_id();
    let local_socket::Listener::NamedPipe(listener) = common::listen(&name);
    let mut client = common::connect(&name);
    client.write_all(b"x").unwrap();
    let listener = Listener::from(inner::Listener::try_from(listener).unwrap());
    assert_eq!(listener.name(), Some(&name));
    let mut server = accept(&listener).await;
    assert_eq!(within("the byte", server.read_u8()).await.unwrap(), b'x');
    assert!(at_once(listener.accept()).await.is_none(), "nobody else is there");
    let Listener::NamedPipe(listener) = listener;
    let listener = local_socket::os::windows::named_pipe::local_socket::Listener::from(listener);
    let _client = connect(&name).await;
    common::tokio::on_a_thread(move || local_socket::traits::Listener::accept(&listener).map(drop))
        .await
        .unwrap();
}
