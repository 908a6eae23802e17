//! Taking a name, accepting, and giving the name back.

mod common;

use common::{connect, fresh_id, fresh_names, listen, pair, within};
use local_socket::{
    ConnectOptions, ConnectWaitMode, ListenerNonblockingMode, ListenerOptions, TryClone,
    error::os_error, prelude::*, traits,
};
use std::{
    io::{ErrorKind, Read, Write},
    time::{Duration, Instant},
};

#[cfg(unix)]
const EADDRINUSE: i32 = libc::EADDRINUSE;
#[cfg(windows)]
const EADDRINUSE: i32 = windows_sys::Win32::Networking::WinSock::WSAEADDRINUSE;

#[test]
fn a_taken_name_is_addr_in_use_with_the_systems_number() {
    let (_folder, names) = fresh_names();
    for name in names {
        let _listener = listen(&name);
        for overwrite in [false, cfg!(windows)] {
            let options = ListenerOptions::new().name(name.borrow()).try_overwrite(overwrite);
            let error = options.create_sync().unwrap_err();
            assert_eq!(error.kind(), ErrorKind::AddrInUse);
            assert_eq!(os_error(&error), Some(EADDRINUSE));
        }
        connect(&name);
    }
}

#[test]
fn a_listener_says_where_it_listens() {
    let (_folder, names) = fresh_names();
    for name in names {
        assert_eq!(listen(&name).name(), Some(&name));
    }
}

#[test]
fn without_a_name_there_is_no_listener() {
    assert_eq!(ListenerOptions::new().create_sync().unwrap_err().kind(), ErrorKind::InvalidInput);
}

#[test]
fn once_it_is_dropped_the_name_can_be_taken_again_at_once() {
    let (_folder, names) = fresh_names();
    for name in names {
        for _ in 0..20 {
            let listener = listen(&name);
            let client = connect(&name);
            drop(listener.accept().unwrap());
            drop(client);
        }
    }
}

#[test]
fn clients_that_nobody_accepted_see_the_end_and_do_not_keep_the_name() {
    let name = fresh_id();
    let listener = listen(&name);
    let mut clients = [connect(&name), connect(&name)];
    drop(listener);
    let _listener = listen(&name);
    for client in &mut clients {
        client.set_recv_timeout(Some(common::PATIENCE)).unwrap();
        match client.read(&mut [0]) {
            Ok(0) => {}
            other => assert_eq!(other.unwrap_err().kind(), ErrorKind::ConnectionReset),
        }
    }
}

#[test]
fn dropping_leaves_accepted_streams_alone() {
    let (mut client, mut server) = pair();
    client.write_all(b"still here").unwrap();
    client.shutdown_write().unwrap();
    let mut heard = String::new();
    server.read_to_string(&mut heard).unwrap();
    assert_eq!(heard, "still here");
}

#[test]
fn a_client_that_has_left_is_accepted_with_what_it_sent() {
    let name = fresh_id();
    let listener = listen(&name);
    for text in ["it came and went", ""] {
        connect(&name).write_all(text.as_bytes()).unwrap();
        let mut server = listener.accept().unwrap();
        server.set_recv_timeout(Some(common::PATIENCE)).unwrap();
        let mut heard = String::new();
        server.read_to_string(&mut heard).unwrap();
        assert_eq!(heard, text);
    }
}

#[test]
fn accepting_waits_or_does_not_as_the_mode_says() {
    use ListenerNonblockingMode::{Accept, Both, Neither, Stream as Streams};
    for mode in [Neither, Accept, Streams, Both] {
        assert_eq!(
            ListenerNonblockingMode::from_bool(
                mode.accept_nonblocking(),
                mode.stream_nonblocking()
            ),
            mode
        );
        for later in [false, true] {
            let name = fresh_id();
            let at_first = if later { Neither } else { mode };
            let options = ListenerOptions::new().name(name.borrow()).nonblocking(at_first);
            let listener = options.create_sync().unwrap();
            traits::Listener::set_nonblocking(&listener, mode).unwrap();
            if mode.accept_nonblocking() {
                assert_eq!(listener.accept().unwrap_err().kind(), ErrorKind::WouldBlock);
            }
            assert_eq!(listener.try_accept().unwrap_err().kind(), ErrorKind::WouldBlock);
            let _client = connect(&name);
            let mut stream = listener.try_accept().unwrap();
            // What blocks gives up after a while instead, and what doesn't has no limit to blame.
            let limit = Duration::from_millis(20);
            let blocks = !mode.stream_nonblocking();
            stream.set_recv_timeout(blocks.then_some(limit)).unwrap();
            let (error, took) = within("an answer that nothing is there", move || {
                let start = Instant::now();
                (stream.read(&mut [0]).unwrap_err(), start.elapsed())
            });
            assert_eq!(error.kind(), ErrorKind::WouldBlock);
            assert!(!blocks || took >= limit, "it blocked for {took:?}");
        }
    }
}

#[test]
fn accepting_waits_for_a_client_and_iterating_goes_on() {
    let name = fresh_id();
    let listener = listen(&name);
    let clients = std::thread::spawn(move || [connect(&name), connect(&name), connect(&name)]);
    let count = within("three clients to be accepted", move || {
        let borrowed = listener.incoming().take(2).filter(|s| s.is_ok()).count();
        borrowed + { listener }.by_ref().take(1).filter(|s| s.is_ok()).count()
    });
    assert_eq!(count, 3);
    drop(clients.join().unwrap());
}

#[test]
fn threads_may_accept_together_and_each_client_goes_to_one() {
    const CLIENTS: usize = 60;
    let name = fresh_id();
    let listener = listen(&name);
    let accepted = std::thread::scope(|scope| {
        let accept = || (0..CLIENTS / 4).map(|_| listener.accept().unwrap()).collect::<Vec<_>>();
        let threads: Vec<_> = (0..4).map(|_| scope.spawn(accept)).collect();
        let mut clients: Vec<_> = (0..CLIENTS).map(|_| connect(&name)).collect();
        for (number, client) in clients.iter_mut().enumerate() {
            client.write_all(&[number as u8]).unwrap();
        }
        let mut servers: Vec<_> =
            threads.into_iter().flat_map(|thread| thread.join().unwrap()).collect();
        let mut heard: Vec<_> = servers
            .iter_mut()
            .map(|server| {
                let mut byte = [0];
                server.read_exact(&mut byte).unwrap();
                byte[0]
            })
            .collect();
        heard.sort_unstable();
        heard
    });
    assert_eq!(accepted, (0..CLIENTS as u8).collect::<Vec<_>>());
}

#[test]
#[cfg(any(target_os = "linux", windows))]
fn the_backlog_is_what_was_asked_for() {
    for backlog in [0, 1, 5, 20] {
        let name = fresh_id();
        let _listener =
            ListenerOptions::new().name(name.borrow()).backlog(backlog).create_sync().unwrap();
        let connect = |limit| {
            let mode = ConnectWaitMode::Timeout(limit);
            ConnectOptions::new().name(name.borrow()).wait_mode(mode).connect_sync()
        };
        // One more than it was told. Pipes may have to be made first.
        let _clients: Vec<_> = (0..=backlog).map(|_| connect(common::PATIENCE).unwrap()).collect();
        let error = connect(Duration::from_millis(100)).unwrap_err();
        assert_eq!(error.kind(), ErrorKind::TimedOut, "{error}");
    }
}

#[test]
fn options_can_be_cloned_printed_and_defaulted() {
    let options = ListenerOptions::default().name(fresh_id()).backlog(7);
    let clone = options.try_clone().unwrap();
    assert_eq!(format!("{options:?}"), format!("{clone:?}"));
    let options = ConnectOptions::default().name(fresh_id());
    assert_eq!(format!("{options:?}"), format!("{:?}", options.try_clone().unwrap()));
}
