//! Connections that hold up whoever closes them. Alone in its program, because there is one thread that
//! does, and the tests keep it busy, one after the other.
#![cfg(target_os = "linux")]

mod common;

use common::{
    child::{STRANGER, may_become_another_user},
    descriptors::{LINGERS, closed_to_all, lingering_client, pass, pass_lingering},
    fresh_id,
    intercept::{Verdict, intercepting},
    special::{folder, special, try_connect},
    within,
};
use local_socket::{
    Allow, ConnectOptions, Listener, ListenerNonblockingMode, ListenerOptions, Name, Stream,
    os::unix::{ListenerOptionsExt, uds_local_socket as uds},
    prelude::*,
};
use rustix::net::{Shutdown, shutdown};
use std::{
    io::{ErrorKind, Read},
    os::{
        fd::AsFd,
        unix::{fs::chown, net::UnixStream},
    },
    sync::{Mutex, MutexGuard, PoisonError, mpsc::channel},
    time::{Duration, Instant},
};

/// What an event loop is stalled by at the most. The machine may be busy, hence the tries.
const STALL: Duration = Duration::from_millis(50);
/// Each leaves a connection to be closed, and there may not be more than 64.
const TRIES: usize = 50;

/// Waits for the other tests, and until what they have left to close is closed.
fn alone() -> MutexGuard<'static, ()> {
    static ONE_AT_A_TIME: Mutex<()> = Mutex::new(());
    let alone = ONE_AT_A_TIME.lock().unwrap_or_else(PoisonError::into_inner);
    let name = fresh_id();
    let listener = closed_to_all(&name);
    let (_client, mut witness) = witness(&name);
    let start = Instant::now();
    while listener.try_accept().unwrap_err().kind() != ErrorKind::WouldBlock {
        assert!(start.elapsed() < common::PATIENCE, "waited for what other tests have left");
        std::thread::sleep(Duration::from_millis(10));
    }
    assert_eq!(witness.read(&mut [0]).expect("waited for what other tests have left"), 0);
    alone
}

/// A client that passes a descriptor, and what shows its end once it is closed.
fn witness(name: &Name<'_>) -> (Stream, UnixStream) {
    let client = connect(name);
    let (passed, witness) = UnixStream::pair().unwrap();
    witness.set_read_timeout(Some(common::PATIENCE)).unwrap();
    let Stream::UdSocket(inner) = &client;
    pass(inner, passed.as_fd());
    (client, witness)
}

fn timed<T>(action: impl FnOnce() -> T) -> (T, Duration) {
    let start = Instant::now();
    (action(), start.elapsed())
}

fn assert_not_held_up<T>(what: &str, action: impl FnOnce() -> T) -> T {
    let (result, took) = timed(action);
    assert!(took < LINGERS / 2, "{what} took {took:?}");
    result
}

fn connect(name: &Name<'_>) -> Stream {
    let client = common::connect(name);
    client.set_recv_timeout(Some(common::PATIENCE)).unwrap();
    client
}

fn assert_ended(mut client: &Stream) {
    match client.read(&mut [0]) {
        Ok(count) => assert_eq!(count, 0),
        Err(error) => assert_eq!(error.kind(), ErrorKind::ConnectionReset),
    }
}

#[test]
fn a_lingering_descriptor_in_a_refused_connection_holds_up_neither_accepting_nor_other_clients() {
    let _alone = alone();
    let name = fresh_id();
    let listener = closed_to_all(&name);
    let mut held = Vec::new();
    let mut least = Duration::MAX;
    for tried in 1..=TRIES {
        let (client, unread) = lingering_client(&name);
        let others: Vec<_> = (0..10).map(|_| connect(&name)).collect();
        let (error, stall) = timed(|| listener.try_accept().unwrap_err());
        assert_eq!(error.kind(), ErrorKind::WouldBlock);
        assert_eq!(listener.refused(), tried as u64 * 11);
        assert_not_held_up("the end", || others.iter().chain([&client]).for_each(assert_ended));
        held.push(unread);
        least = least.min(stall);
        if least < STALL {
            return;
        }
    }
    panic!("accepting was stalled for {least:?}");
}

#[test]
fn a_lingering_descriptor_from_a_server_that_is_not_allowed_does_not_hold_up_the_client() {
    let _alone = alone();
    let name = fresh_id();
    let listener = common::listen(&name);
    let (hold, held) = channel();
    let judge = move |_: &_| {
        // The server passes it before it is judged.
        let Stream::UdSocket(server) = listener.try_accept().unwrap();
        hold.send((pass_lingering(&server), server)).unwrap();
        false
    };
    let options = ConnectOptions::new().name(name).server(Allow::by(judge));
    assert_not_held_up("connecting", || options.connect_sync().unwrap_err());
    let _held = held.try_recv().expect("the server was judged");
}

#[test]
fn a_lingering_descriptor_from_a_server_that_is_not_its_files_owner_does_not_hold_up_the_client() {
    if !may_become_another_user() {
        return;
    }
    let _alone = alone();
    let (_folder, id) = folder();
    let name = special(format!("{id}/s"));
    let listener = common::listen(&name);
    chown(name.as_path().unwrap(), Some(STRANGER), None).unwrap();
    let mut held = None;
    // The client is about to ask who has answered.
    let pass_first = |_: &libc::seccomp_data| {
        held.get_or_insert_with(|| {
            let Stream::UdSocket(server) = listener.try_accept().unwrap();
            (pass_lingering(&server), server)
        });
        Verdict::Go
    };
    let error = intercepting(&[libc::SYS_getsockopt], pass_first, || {
        assert_not_held_up("connecting", || try_connect(&name).unwrap_err())
    });
    assert_eq!(error.kind(), ErrorKind::PermissionDenied, "{error}");
    assert!(held.is_some());
}

#[test]
fn a_stream_closed_in_the_background_holds_nobody_up() {
    let _alone = alone();
    let name = fresh_id();
    let listener = common::listen(&name);
    let (_client, _unread) = lingering_client(&name);
    let Stream::UdSocket(server) = listener.try_accept().unwrap();
    assert_not_held_up("closing", || uds::Stream::close_in_background(server));
}

#[test]
fn streams_closed_in_the_background_do_not_pile_up_where_the_kernel_refuses_descriptors() {
    let open = || std::fs::read_dir("/proc/self/fd").unwrap().count();

    let _alone = alone();
    let (name, elsewhere) = (fresh_id(), fresh_id());
    let options = ListenerOptions::new().name(name.borrow()).receive_descriptors(false);
    let listener = options.create_sync().unwrap();
    let busy = closed_to_all(&elsewhere);
    let (_client, _unread) = lingering_client(&elsewhere);
    busy.try_accept().unwrap_err();
    let before = open();
    for _ in 0..200 {
        let client = connect(&name);
        assert_eq!(client.try_write(b"unread").unwrap(), 6);
        let Stream::UdSocket(server) = listener.try_accept().unwrap();
        if server.sheds_descriptors() {
            return eprintln!("not tested: needs SO_PASSRIGHTS, Linux 6.16");
        }
        server.close_in_background();
    }
    let more = open().saturating_sub(before);
    assert!(more <= 64, "{more} are still to be closed");
}

#[test]
fn descriptors_in_a_refused_connection_are_closed_in_the_end() {
    let _alone = alone();
    let name = fresh_id();
    let listener = closed_to_all(&name);
    let (_client, mut witness) = witness(&name);
    listener.try_accept().unwrap_err();
    assert_eq!(witness.read(&mut [0]).expect("waited for a descriptor to be closed"), 0);
}

#[test]
fn while_too_many_refused_connections_are_being_closed_clients_stay_in_the_backlog() {
    let _alone = alone();
    let name = fresh_id();
    let listener = closed_to_all(&name);
    let (first, unread) = lingering_client(&name);
    let clients: Vec<_> = (0..100).map(|_| connect(&name)).collect();
    for client in &clients {
        assert_eq!(client.try_write(b"x").unwrap(), 1);
    }
    let full = || {
        let error = assert_not_held_up("an answer", || listener.try_accept().unwrap_err());
        error.raw_os_error() == Some(libc::ENOBUFS)
    };
    // The first call may have turned away as many in a row as it does.
    assert!(full() || full());
    let refused = listener.refused();
    assert!((1..=64).contains(&refused), "{refused} of {}", clients.len());
    assert!(full() && full());
    assert_eq!(listener.refused(), refused);
    // Whoever may wait goes on once what lingers is closed, and turns the others away.
    listener.set_nonblocking(ListenerNonblockingMode::Neither).unwrap();
    let Listener::UdSocket(inner) = &listener;
    let spare = inner.as_fd().try_clone_to_owned().unwrap();
    let accepting = std::thread::spawn(move || (listener.accept().map(drop), listener.refused()));
    drop(unread);
    clients.iter().chain([&first]).for_each(assert_ended);
    shutdown(&spare, Shutdown::Both).unwrap();
    let (accepted, refused) = within("the end of accepting", move || accepting.join().unwrap());
    accepted.unwrap_err();
    assert_eq!(refused, 101);
}

#[test]
#[cfg(feature = "tokio")]
fn a_task_waits_while_too_many_refused_connections_are_being_closed_and_others_run() {
    use common::tokio::{on_a_thread, within};
    use local_socket::traits::tokio::Listener as _;

    let _alone = alone();
    let name = fresh_id();
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
    runtime.block_on(async {
        let options = ListenerOptions::new().name(name.borrow()).allow(Allow::any_of([]));
        let listener = std::sync::Arc::new(options.create_tokio().unwrap());
        let (first, unread) = lingering_client(&name);
        let clients: Vec<_> = (0..100).map(|_| connect(&name)).collect();
        for client in &clients {
            assert_eq!(client.try_write(b"x").unwrap(), 1);
        }
        let ended = on_a_thread(move || clients.iter().chain([&first]).for_each(assert_ended));
        // In a task of its own, which nothing wakes but what it waits for.
        let accepting = tokio::spawn({
            let listener = listener.clone();
            async move { listener.accept().await.map(drop) }
        });
        // There is one thread, so once it has turned some away, it waits for the others.
        within("as many as may to be turned away", async {
            while listener.refused() == 0 {
                tokio::task::yield_now().await;
            }
        })
        .await;
        assert!(listener.refused() <= 64, "{}", listener.refused());
        drop(unread);
        within("the end of all clients", ended).await;
        accepting.abort();
        assert!(within("the end of accepting", accepting).await.unwrap_err().is_cancelled());
        assert_eq!(listener.refused(), 101);
    });
}
