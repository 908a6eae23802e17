//! Whom listeners on tokio let in, how many, and whom clients on tokio take for their server.
#![cfg(all(feature = "tokio", any(target_os = "linux", windows)))]

mod common;

#[cfg(target_os = "linux")]
use common::child::{STRANGER, as_stranger, may_become_another_user};
use common::{
    fresh_id,
    tokio::{accept, connect, inner, within},
};
use local_socket::{
    Allow, ListenerOptions,
    tokio::{Stream, prelude::*},
};
#[cfg(target_os = "linux")]
use local_socket::{
    ConnectOptions, Name,
    error::ServerNotAllowed,
    tokio::{Listener, RecvHalf, SendHalf},
};
use std::{
    io::{ErrorKind, Read},
    sync::{
        Arc,
        atomic::{AtomicUsize, Ordering::Relaxed},
    },
};
#[cfg(target_os = "linux")]
use tokio::io::{AsyncReadExt, AsyncWriteExt};

#[cfg(target_os = "linux")]
fn same_user(name: &Name<'_>) -> Listener {
    let options = ListenerOptions::new().name(name.borrow()).allow(Allow::same_user());
    options.create_tokio().unwrap()
}

#[cfg(target_os = "linux")]
fn strangers(name: &Name<'_>, count: usize) -> Vec<local_socket::Stream> {
    as_stranger(|| (0..count).map(|_| common::connect(name)).collect())
}

fn assert_turned_away(mut client: &local_socket::Stream) {
    use local_socket::traits::Stream as _;

    client.set_recv_timeout(Some(common::PATIENCE)).unwrap();
    assert_eq!(client.read(&mut [0]).unwrap(), 0);
}

#[tokio::test]
#[cfg(target_os = "linux")]
async fn a_stranger_is_turned_away_and_who_comes_next_is_accepted() {
    if !may_become_another_user() {
        return;
    }
    let name = fresh_id();
    let listener = same_user(&name);
    let strangers = strangers(&name, 3);
    let mut client = connect(&name).await;
    client.write_all(b"x").await.unwrap();
    let mut server = accept(&listener).await;
    assert_eq!(server.read_u8().await.unwrap(), b'x');
    assert_eq!(listener.refused(), 3);
    strangers.iter().for_each(assert_turned_away);
}

#[tokio::test]
async fn a_call_that_never_waits_turns_away_so_many_in_a_row_and_then_says_so() {
    let name = fresh_id();
    let options = ListenerOptions::new().name(name.borrow()).allow(Allow::any_of([]));
    let listener = options.create_tokio().unwrap();
    let _clients: Vec<_> = (0..100).map(|_| common::connect(&name)).collect();
    assert_eq!(listener.try_accept().unwrap_err().kind(), ErrorKind::ConnectionAborted);
    assert_eq!(listener.refused(), 64);
    assert_eq!(listener.try_accept().unwrap_err().kind(), ErrorKind::WouldBlock);
    assert_eq!(listener.refused(), 100);
}

#[tokio::test]
async fn other_tasks_run_while_a_flood_is_turned_away() {
    // Many times as many as are turned away in a row, and within the descriptors of most processes.
    const FLOOD: usize = 500;
    let name = fresh_id();
    let turns = Arc::new(AtomicUsize::new(0));
    let seen = turns.clone();
    let most_between = Arc::new(AtomicUsize::new(0));
    let (most, since) = (most_between.clone(), AtomicUsize::new(0));
    let last = AtomicUsize::new(0);
    let options = ListenerOptions::new().name(name.borrow()).backlog(4096).allow(Allow::any_of([]));
    let listener = options
        .on_refused(move |_| {
            let turn = seen.load(Relaxed);
            if last.swap(turn, Relaxed) != turn {
                since.store(0, Relaxed);
            }
            most.fetch_max(since.fetch_add(1, Relaxed) + 1, Relaxed);
        })
        .create_tokio()
        .unwrap();
    let clients: Vec<_> = (0..FLOOD).map(|_| common::connect(&name)).collect();
    let others = async {
        loop {
            turns.fetch_add(1, Relaxed);
            tokio::task::yield_now().await;
        }
    };
    let done = async {
        while listener.refused() < FLOOD as u64 {
            tokio::task::yield_now().await;
        }
    };
    within("the flood to be turned away", async {
        tokio::select! {
            // Tokio itself would see to it after a while, if it were let.
            _ = tokio::task::unconstrained(listener.accept()) => panic!("nobody is let in"),
            () = others => {}
            () = done => {}
        }
    })
    .await;
    let most = most_between.load(Relaxed);
    // Two turns of accepting can follow each other, since who comes first is left to chance.
    assert!(most <= 2 * 64, "{most} in a row without a turn for others");
    drop(clients);
}

#[tokio::test]
async fn a_panic_in_a_function_closes_the_connection_and_the_listener_goes_on() {
    let name = fresh_id();
    let judged = AtomicUsize::new(0);
    let judge = move |_: &_| match judged.fetch_add(1, Relaxed) {
        0 => panic!("on purpose"),
        _ => true,
    };
    let options = ListenerOptions::new().name(name.borrow()).allow(Allow::by(judge));
    let listener = Arc::new(options.create_tokio().unwrap());
    let first = common::connect(&name);
    let accepting = listener.clone();
    let task = tokio::spawn(async move { accepting.accept().await.map(drop) });
    assert!(within("the panic", task).await.unwrap_err().is_panic());
    assert_turned_away(&first);
    let _second = connect(&name).await;
    accept(&listener).await;
}

#[tokio::test]
async fn admission_goes_along_when_a_blocking_listener_becomes_one_on_tokio() {
    let name = fresh_id();
    let options = ListenerOptions::new().name(name.borrow()).max_connections(1);
    #[cfg(unix)]
    let local_socket::Listener::UdSocket(listener) = options.create_sync().unwrap();
    #[cfg(windows)]
    let local_socket::Listener::NamedPipe(listener) = options.create_sync().unwrap();
    let listener = inner::Listener::try_from(listener).unwrap();
    let _clients = [connect(&name).await, connect(&name).await];
    let _open = listener.try_accept().unwrap();
    assert_eq!(listener.try_accept().unwrap_err().kind(), ErrorKind::WouldBlock);
    assert_eq!(listener.refused(), 1);
}

/// With room for one connection: whether what is made of it takes the room, and gives it back.
async fn assert_room<T>(what: &str, takes: bool, make: impl FnOnce(Stream) -> T) {
    let name = fresh_id();
    let options = ListenerOptions::new().name(name.borrow()).max_connections(1);
    let listener = options.create_tokio().unwrap();
    let first = connect(&name).await;
    let made = make(accept(&listener).await);
    let second = connect(&name).await;
    assert_eq!(listener.try_accept().is_err(), takes, "{what} takes the room");
    drop(made);
    let third = connect(&name).await;
    assert!(listener.try_accept().is_ok(), "{what} has given the room back");
    assert_eq!(listener.refused(), u64::from(takes));
    drop((first, second, third));
}

#[tokio::test]
async fn a_connection_counts_while_its_stream_or_a_half_is_there() {
    assert_room("a stream", true, |stream| stream).await;
    assert_room("a receiving half", true, |stream| stream.split().0).await;
    assert_room("a sending half", true, |stream| stream.split().1).await;
    assert_room("both", true, |stream| {
        let (recv, send) = stream.split();
        Stream::reunite(recv, send).unwrap()
    })
    .await;
}

#[tokio::test]
#[cfg(unix)]
async fn a_connection_that_was_taken_out_of_its_stream_does_not_count() {
    assert_room("tokio's stream", false, |Stream::UdSocket(stream)| {
        tokio::net::UnixStream::from(stream)
    })
    .await;
    assert_room("tokio's halves", false, |stream| {
        let (RecvHalf::UdSocket(recv), SendHalf::UdSocket(send)) = stream.split();
        (recv.into_tokio(), send.into_tokio())
    })
    .await;
    assert_room("one closed in the background", false, |Stream::UdSocket(stream)| {
        stream.close_in_background();
    })
    .await;
}

#[tokio::test]
#[cfg(target_os = "linux")]
async fn a_squatter_is_not_taken_for_the_server() {
    if !may_become_another_user() {
        return;
    }
    let name = fresh_id();
    let _squatter = as_stranger(|| common::listen(&name));
    let options = ConnectOptions::new().name(name.borrow()).server(Allow::same_user());
    let error = within("an answer", options.connect_tokio()).await.unwrap_err();
    assert_eq!(error.kind(), ErrorKind::PermissionDenied);
    assert!(error.to_string().starts_with(&format!("connect to {name}: ")), "{error}");
    let creds = ServerNotAllowed::of(&error).unwrap().creds().unwrap();
    assert_eq!(creds.euid(), Some(STRANGER));
    let options = options.server(Allow::uid(STRANGER));
    within("a connection", options.connect_tokio()).await.unwrap();
}

#[tokio::test]
async fn limits_of_zero_are_refused() {
    let error = ListenerOptions::new().name(fresh_id()).max_connections(0).create_tokio();
    assert_eq!(error.unwrap_err().kind(), ErrorKind::InvalidInput);
}
