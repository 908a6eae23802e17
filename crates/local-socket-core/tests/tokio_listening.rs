//! Listening on tokio: accepting.
#![cfg(feature = "tokio")]

mod common;

use common::{
    fresh_id, fresh_names,
    tokio::{accept, at_once, connect, inner, listen, within},
};
use local_socket::{
    ListenerOptions, Name,
    error::os_error,
    tokio::{Listener, Stream, prelude::*},
};
use std::{
    collections::BTreeSet,
    io::{ErrorKind, Write},
    sync::Arc,
};
use tokio::{
    io::{AsyncReadExt, AsyncWriteExt},
    sync::mpsc,
    task::{JoinSet, yield_now},
};

/// A client on a plain thread's terms, which has said its number.
fn client(name: &Name<'_>, number: u8) -> local_socket::Stream {
    let mut client = common::connect(name);
    client.write_all(&[number]).expect("room for a byte");
    client
}

async fn number(mut client: Stream) -> u8 {
    within("a client's number", client.read_u8()).await.expect("it has said it")
}

#[tokio::test]
async fn three_tasks_accept_and_each_client_goes_to_one() {
    let name = fresh_id();
    let listener = Arc::new(listen(&name));
    let mut tasks = JoinSet::new();
    for _ in 0..3 {
        let listener = Arc::clone(&listener);
        // Without a deadline of its own, which would wake the task and so hide that nobody else did.
        tasks.spawn(async move { listener.accept().await.unwrap().read_u8().await.unwrap() });
    }
    // There is one thread, so now every task waits.
    yield_now().await;
    let clients = [1, 2, 3].map(|number| client(&name, number));
    let numbers = within("each task to have its client", tasks.join_all()).await;
    assert_eq!(BTreeSet::from_iter(numbers), BTreeSet::from([1, 2, 3]));
    assert_eq!(listener.try_accept().unwrap_err().kind(), ErrorKind::WouldBlock);
    drop(clients);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn tasks_on_several_threads_share_a_hundred_clients() {
    let name = fresh_id();
    let listener = Arc::new(listen(&name));
    let (sender, mut accepted) = mpsc::unbounded_channel();
    let mut tasks = JoinSet::new();
    for _ in 0..3 {
        let (listener, sender) = (Arc::clone(&listener), sender.clone());
        tasks.spawn(async move {
            while let Ok(client) = listener.accept().await {
                sender.send(client).expect("the test goes on");
            }
        });
    }
    let clients =
        common::tokio::on_a_thread(move || (0..100).map(|n| client(&name, n)).collect::<Vec<_>>());
    let numbers = async {
        let mut numbers = BTreeSet::new();
        for _ in 0..100 {
            numbers.insert(number(accepted.recv().await.unwrap()).await);
        }
        numbers
    };
    let both = async { tokio::join!(clients, numbers) };
    let (_clients, numbers) = within("a hundred clients", both).await;
    assert_eq!(numbers, (0..100).collect());
    assert!(accepted.try_recv().is_err(), "a client came twice");
    tasks.shutdown().await;
}

#[tokio::test]
async fn an_accept_that_is_cancelled_loses_no_client() {
    let name = fresh_id();
    let listener = listen(&name);
    for n in 0..20 {
        assert!(at_once(listener.accept()).await.is_none(), "nobody is there");
        let _client = client(&name, n);
        let accepted = async {
            loop {
                match at_once(listener.accept()).await {
                    Some(accepted) => break accepted.unwrap(),
                    None => yield_now().await,
                }
            }
        };
        assert_eq!(number(within("the one client", accepted).await).await, n);
    }
}

#[tokio::test]
async fn try_accept_gives_who_is_there_and_never_waits() {
    let name = fresh_id();
    let listener = listen(&name);
    assert_eq!(listener.try_accept().unwrap_err().kind(), ErrorKind::WouldBlock);
    let mut client = connect(&name).await;
    let mut server = listener.try_accept().unwrap();
    client.write_all(b"there and ").await.unwrap();
    server.write_all(b"back").await.unwrap();
    client.shutdown().await.unwrap();
    drop(listener);
    let (mut there, mut back) = (String::new(), [0; 4]);
    within("the client's words", server.read_to_string(&mut there)).await.unwrap();
    within("the server's words", client.read_exact(&mut back)).await.unwrap();
    assert_eq!((there.as_str(), &back), ("there and ", b"back"));
}

#[tokio::test]
async fn accepting_goes_on_after_clients_that_were_taken_without_waiting() {
    let name = fresh_id();
    let listener = listen(&name);
    for n in 0..3 {
        let _client = client(&name, n);
        assert_eq!(number(listener.try_accept().unwrap()).await, n);
        let mut accepting = Box::pin(listener.accept());
        assert!(at_once(&mut accepting).await.is_none(), "nobody is there");
        let _client = client(&name, n);
        assert_eq!(number(within("a client", accepting).await.unwrap()).await, n);
    }
}

#[tokio::test]
async fn a_client_that_was_there_and_left_is_a_stream_that_has_ended() {
    let name = fresh_id();
    let listener = listen(&name);
    drop(connect(&name).await);
    let mut server = accept(&listener).await;
    assert_eq!(within("the end", server.read(&mut [0; 8])).await.unwrap(), 0);
}

#[cfg(unix)]
fn assert_nonblocking_and_not_inherited(socket: std::os::fd::BorrowedFd<'_>) {
    use rustix::{
        fs::{OFlags, fcntl_getfl},
        io::{FdFlags, fcntl_getfd},
    };

    assert!(fcntl_getfl(socket).unwrap().contains(OFlags::NONBLOCK));
    assert!(fcntl_getfd(socket).unwrap().contains(FdFlags::CLOEXEC));
}

#[tokio::test]
#[cfg(unix)]
async fn no_socket_blocks_or_is_inherited_whatever_the_options_say() {
    use local_socket::ListenerNonblockingMode::{Accept, Both, Neither, Stream as Streams};
    use std::os::fd::AsFd;
    for mode in [Neither, Accept, Streams, Both] {
        let name = fresh_id();
        let options = ListenerOptions::new().name(name.borrow()).nonblocking(mode);
        let listener = options.create_tokio().unwrap();
        let client = connect(&name).await;
        let other_client = connect(&name).await;
        let server = accept(&listener).await;
        let other_server = listener.try_accept().unwrap();
        for stream in [client, other_client, server, other_server] {
            let Stream::UdSocket(stream) = &stream;
            assert_nonblocking_and_not_inherited(stream.as_fd());
        }
        let Listener::UdSocket(listener) = &listener;
        assert_nonblocking_and_not_inherited(listener.as_fd());
    }
}

#[tokio::test]
async fn a_taken_name_is_addr_in_use_with_the_systems_number() {
    #[cfg(unix)]
    use libc::EADDRINUSE;
    /// WSAEADDRINUSE.
    #[cfg(windows)]
    const EADDRINUSE: i32 = 10048;
    let (_folder, names) = fresh_names();
    for name in names {
        let _listener = listen(&name);
        let error = ListenerOptions::new().name(name).create_tokio().unwrap_err();
        assert_eq!(error.kind(), ErrorKind::AddrInUse);
        assert_eq!(os_error(&error), Some(EADDRINUSE));
    }
}

#[tokio::test]
#[cfg(target_os = "linux")]
async fn the_backlog_is_what_was_asked_for() {
    for backlog in [0, 1, 5] {
        let name = fresh_id();
        let options = ListenerOptions::new().name(name.borrow()).backlog(backlog);
        let _listener = options.create_tokio().unwrap();
        let options = local_socket::ConnectOptions::new()
            .name(name)
            .wait_mode(local_socket::ConnectWaitMode::Deferred);
        let mut clients = Vec::new();
        while let Ok(client) = options.connect_tokio().await {
            clients.push(client);
        }
        // Linux lets one more in than it was told.
        assert_eq!(clients.len(), backlog as usize + 1);
    }
}

#[tokio::test]
async fn a_listener_can_be_had_by_its_type_and_says_where_it_listens() {
    let name = fresh_id();
    let options = || ListenerOptions::new().name(name.borrow());
    let listener: Listener = options().create_tokio_as().unwrap();
    assert_eq!(listener.name(), Some(&name));
    drop(listener);
    let listener: inner::Listener = options().create_tokio_as().unwrap();
    assert_eq!(listener.name(), Some(&name));
}

#[tokio::test]
#[cfg(unix)]
async fn tokios_listener_is_within() {
    let name = fresh_id();
    let mut listener: inner::Listener =
        ListenerOptions::new().name(name.borrow()).create_tokio_as().unwrap();
    assert!(listener.inner().take_error().unwrap().is_none());
    let _client = connect(&name).await;
    within("a client of tokio's listener", listener.inner_mut().accept()).await.unwrap();
}
