//! What of listening and connecting is particular to pipes.
#![cfg(windows)]

mod common;

use common::{PATIENCE, connect, fresh_id, listen, program::Running, within};
use local_socket::{
    Allow, ConnectOptions, ConnectWaitMode, Listener, ListenerNonblockingMode, ListenerOptions,
    Name, PeerCreds, Stream, error::os_error, prelude::*,
};
use std::{
    env,
    io::{ErrorKind, Read, Write},
    process::Command,
    sync::{
        Arc,
        atomic::{AtomicUsize, Ordering::Relaxed},
        mpsc::channel,
    },
    thread,
    time::Duration,
};
use windows_sys::Win32::Foundation::ERROR_FILE_NOT_FOUND;

#[test]
fn a_connection_that_is_left_keeps_the_name_from_new_listeners() {
    let name = fresh_id();
    let listener = listen(&name);
    let client = connect(&name);
    let server = listener.accept().unwrap();
    drop(listener);
    let error = ListenerOptions::new().name(name.borrow()).create_sync().unwrap_err();
    assert_eq!(error.kind(), ErrorKind::AddrInUse);
    drop((server, client));
    listen(&name);
}

#[test]
fn pipes_have_no_folders_to_make_or_look_at() {
    let name = fresh_id();
    let options = || ListenerOptions::new().name(name.borrow());
    for (options, named) in [
        (options().create_folders(true), "create_folders"),
        (options().check_folders(true), "check_folders"),
    ] {
        let error = options.create_sync().unwrap_err();
        assert_eq!(error.kind(), ErrorKind::InvalidInput);
        assert!(error.to_string().contains(named), "{error}");
    }
}

#[test]
fn a_listener_outlives_the_thread_that_made_it() {
    let name = fresh_id();
    let made = name.clone();
    let listener = thread::spawn(move || listen(&made)).join().unwrap();
    for _ in 0..20 {
        let mut client = connect(&name);
        client.write_all(b"x").unwrap();
        assert_eq!(listener.accept().unwrap().read(&mut [0]).unwrap(), 1);
    }
}

#[test]
fn whoever_wants_to_know_is_told_once_after_each_call_that_would_have_blocked() {
    let name = fresh_id();
    let Listener::NamedPipe(listener) = listen(&name);
    let (sender, told) = channel();
    listener.on_ready(move |ready| sender.send(ready.is_readable()).unwrap()).unwrap();
    let nobody = Duration::from_millis(30);
    let _first = connect(&name);
    told.recv_timeout(nobody).expect_err("nobody has asked");
    listener.try_accept().unwrap();
    for _ in 0..3 {
        assert_eq!(listener.try_accept().unwrap_err().kind(), ErrorKind::WouldBlock);
        let _clients = [connect(&name), connect(&name)];
        assert!(told.recv_timeout(PATIENCE).unwrap());
        told.recv_timeout(nobody).expect_err("it is told once");
        listener.try_accept().unwrap();
        listener.try_accept().unwrap();
    }
}

#[test]
fn everyone_who_is_turned_away_sees_the_end_and_others_get_in() {
    let name = fresh_id();
    let refuse = Arc::new(AtomicUsize::new(70));
    let left = refuse.clone();
    let judge = move |_: &PeerCreds| {
        left.fetch_update(Relaxed, Relaxed, |left| left.checked_sub(1)).is_err()
    };
    let listener = ListenerOptions::new()
        .name(name.borrow())
        .allow(Allow::by(judge))
        .nonblocking(ListenerNonblockingMode::Accept)
        .create_sync()
        .unwrap();
    let mut clients: Vec<Stream> = (0..71).map(|_| connect(&name)).collect();
    assert_eq!(listener.accept().unwrap_err().kind(), ErrorKind::ConnectionAborted);
    assert_eq!(listener.refused(), 64);
    let mut server = listener.accept().unwrap();
    assert_eq!(listener.refused(), 70);
    for client in &mut clients[..70] {
        assert_eq!(client.read(&mut [0]).unwrap(), 0);
    }
    clients[70].write_all(b"in").unwrap();
    let mut heard = [0; 2];
    server.read_exact(&mut heard).unwrap();
}

#[test]
fn a_client_that_is_turned_away_as_it_connects_sees_the_end_or_a_reset() {
    let name = fresh_id();
    let listener = ListenerOptions::new()
        .name(name.borrow())
        .allow(Allow::by(|_| false))
        .nonblocking(ListenerNonblockingMode::Accept)
        .create_sync()
        .unwrap();
    let (stop, stopped) = channel::<()>();
    let refusing = thread::spawn(move || {
        while stopped.try_recv() == Err(std::sync::mpsc::TryRecvError::Empty) {
            listener.accept().unwrap_err();
            thread::yield_now();
        }
        listener.refused()
    });
    for _ in 0..200 {
        match ConnectOptions::new().name(name.borrow()).connect_sync() {
            Ok(mut client) => {
                client.set_recv_timeout(Some(PATIENCE)).unwrap();
                assert_eq!(client.read(&mut [0]).unwrap(), 0);
            }
            Err(error) => assert_eq!(error.kind(), ErrorKind::ConnectionReset, "{error}"),
        }
    }
    stop.send(()).unwrap();
    assert_eq!(refusing.join().unwrap(), 200);
}

#[test]
fn waiting_for_a_listener_that_goes_ends() {
    let name = fresh_id();
    let (listener, clients) = common::full(&name);
    let servers: Vec<_> = clients.iter().map(|_| listener.accept().unwrap()).collect();
    let fill = [connect(&name), connect(&name)];
    let waiting = name.clone();
    let late = thread::spawn(move || {
        ConnectOptions::new().name(waiting).wait_mode(ConnectWaitMode::Unbounded).connect_sync()
    });
    thread::sleep(Duration::from_millis(50));
    drop((listener, servers));
    // Clients of what is gone are still open.
    let error = within("the waiting client to give up", || late.join().unwrap()).unwrap_err();
    assert_eq!(os_error(&error), Some(ERROR_FILE_NOT_FOUND.cast_signed()));
    drop((clients, fill));
}

/// Tells a process that it is a part of a test, and at which name.
const NAME: &str = "LOCAL_SOCKET_TEST_NAME";

/// What a part prints when others can go on.
const READY: &str = "the part is ready";

/// Starts this program again, with only the ignored test of this name, and waits until it is ready.
fn start(part: &str, name: &Name<'_>) -> Running {
    let mut command = Command::new(env::current_exe().unwrap());
    command.args(["--ignored", "--exact", part, "--nocapture", "--test-threads=1"]);
    command.env(NAME, name.to_string());
    let mut running = Running::spawn(part, command);
    // Behind what the test program says first, and the name of the test in the same line.
    assert!((0..10).any(|_| running.line().ends_with(READY)), "{part} didn't become ready");
    running
}

fn name_of_part() -> Name<'static> {
    env::var(NAME).expect("a test starts this").parse().unwrap()
}

#[test]
#[ignore = "a part of another test"]
fn part_that_serves() {
    let listener = listen(&name_of_part());
    println!("{READY}");
    let _streams: Vec<_> = listener.incoming().collect();
}

#[test]
#[ignore = "a part of another test"]
fn part_that_connects() {
    let _stream = connect(&name_of_part());
    println!("{READY}");
    thread::sleep(PATIENCE);
}

#[test]
fn a_killed_client_ends_its_stream_and_nothing_else() {
    let name = fresh_id();
    let listener = listen(&name);
    let part = start("part_that_connects", &name);
    let mut stream = listener.accept().unwrap();
    drop(part);
    stream.set_recv_timeout(Some(PATIENCE)).unwrap();
    assert_eq!(stream.read(&mut [0]).unwrap(), 0);
    connect(&name);
    listener.accept().unwrap();
}

#[test]
fn a_killed_server_ends_its_streams_and_leaves_no_name() {
    let name = fresh_id();
    let part = start("part_that_serves", &name);
    let mut client = connect(&name);
    drop(part);
    client.set_recv_timeout(Some(PATIENCE)).unwrap();
    assert_eq!(client.read(&mut [0]).unwrap(), 0);
    drop(client);
    listen(&name);
}
