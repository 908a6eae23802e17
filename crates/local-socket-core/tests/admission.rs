//! Whom a listener lets in. Most of it takes other users, so it is tested as root.
#![cfg(target_os = "linux")]

mod common;

use common::{
    child::{STRANGER, as_stranger, as_user, may_become_another_user},
    connect, fresh_id, fresh_path, path_name, within,
};
use local_socket::{
    Allow, Listener, ListenerNonblockingMode, ListenerOptions, Name, PeerCreds, RefusalReason,
    Stream, prelude::*,
};
use std::{
    io::{ErrorKind, Read, Write},
    panic::{AssertUnwindSafe, catch_unwind},
    sync::{Arc, OnceLock, mpsc},
};

const OTHER: libc::uid_t = 4_343;
const GROUP: libc::gid_t = 4_444;

fn listen(name: &Name<'_>, allow: Allow) -> Listener {
    ListenerOptions::new().name(name.borrow()).allow(allow).create_sync().expect("a free name")
}

/// Reads to the end, which a client that is turned away sees soon.
fn assert_turned_away(mut client: &Stream) {
    client.set_recv_timeout(Some(common::PATIENCE)).unwrap();
    match client.read(&mut [0]) {
        Ok(count) => assert_eq!(count, 0, "nobody answers"),
        Err(error) => assert_eq!(error.kind(), ErrorKind::ConnectionReset),
    }
}

/// Whether a client that a user makes is let in: it says who it is, and one that surely is let in
/// comes after it.
fn is_let_in(allow: Allow, uid: libc::uid_t, groups: &[libc::gid_t]) -> bool {
    let name = fresh_id();
    let root = Allow::uid(0);
    let listener = listen(&name, Allow::any_of([allow, root]));
    let mut client = as_user(uid, groups, || connect(&name));
    client.write_all(b"c").unwrap();
    let mut after = connect(&name);
    after.write_all(b"a").unwrap();
    let mut first = listener.try_accept().unwrap();
    let mut hello = [0];
    first.read_exact(&mut hello).unwrap();
    if &hello == b"a" {
        assert_turned_away(&client);
    }
    &hello == b"c"
}

#[test]
fn each_rule_lets_in_whom_it_says_and_nobody_else() {
    if !may_become_another_user() {
        return;
    }
    type Case = (fn() -> Allow, bool, bool);
    // Whether the stranger is let in, and whether another user with the group GROUP is.
    let cases: [Case; 10] = [
        (Allow::anyone, true, true),
        (Allow::same_user, false, false),
        (|| Allow::uid(STRANGER), true, false),
        (|| Allow::gid(STRANGER), true, false),
        (|| Allow::gid(GROUP), false, true),
        (|| Allow::any_of([]), false, false),
        (|| Allow::any_of([Allow::uid(STRANGER), Allow::gid(GROUP)]), true, true),
        (|| Allow::any_of([Allow::any_of([Allow::uid(OTHER)])]), false, true),
        (|| Allow::by(|peer| peer.euid() == Some(STRANGER)), true, false),
        (|| Allow::by(|peer| peer.egid() == Some(OTHER)), false, true),
    ];
    for (allow, stranger, other) in cases {
        assert_eq!(is_let_in(allow(), STRANGER, &[]), stranger, "a stranger by {:?}", allow());
        assert_eq!(is_let_in(allow(), OTHER, &[1, GROUP]), other, "another by {:?}", allow());
    }
}

#[test]
fn a_group_is_found_among_hundreds() {
    if may_become_another_user() {
        let groups: Vec<_> = (10_000..10_500).collect();
        assert!(is_let_in(Allow::gid(10_499), STRANGER, &groups));
        assert!(!is_let_in(Allow::gid(10_500), STRANGER, &groups));
    }
}

#[test]
fn same_user_is_the_user_who_accepts_and_root() {
    if !may_become_another_user() {
        return;
    }
    let name = fresh_id();
    let listener = listen(&name, Allow::same_user());
    let other = as_user(OTHER, &[], || connect(&name));
    let own = as_stranger(|| connect(&name));
    let root = connect(&name);
    let accepted = as_stranger(|| {
        [(); 2].map(|()| listener.try_accept().unwrap().peer_creds().unwrap().euid().unwrap())
    });
    assert_eq!(accepted, [STRANGER, 0]);
    assert_turned_away(&other);
    assert_eq!(listener.refused(), 1);
    drop((own, root));
}

#[test]
fn a_program_of_the_same_user_is_let_in_by_a_path_and_by_a_namespaced_name() {
    let (_folder, path) = fresh_path();
    for name in [fresh_id(), path_name(path)] {
        let listener = listen(&name, Allow::same_user());
        let client = connect(&name);
        listener.try_accept().unwrap();
        assert_eq!(listener.refused(), 0);
        drop(client);
    }
}

#[test]
fn who_is_turned_away_has_seen_the_end_and_is_counted_when_the_observer_is_told() {
    let name = fresh_id();
    let client = Arc::new(OnceLock::<Stream>::new());
    let (seen, (tell, told)) = (client.clone(), mpsc::channel());
    let listener = ListenerOptions::new()
        .name(name.borrow())
        .allow(Allow::any_of([]))
        .on_refused(move |refusal| {
            let client = seen.get().unwrap();
            let ended =
                client.try_read(&mut [0]).map_or_else(|e| e.kind(), |_| ErrorKind::UnexpectedEof);
            tell.send((refusal.reason(), refusal.peer().copied(), ended)).unwrap();
        })
        .nonblocking(ListenerNonblockingMode::Accept)
        .create_sync()
        .unwrap();
    let client = client.get_or_init(|| connect(&name));
    assert_eq!(client.try_write(&[1; 10_000]).unwrap(), 10_000);
    assert_eq!(listener.try_accept().unwrap_err().kind(), ErrorKind::WouldBlock);
    let (reason, peer, ended) = told.try_recv().expect("told by the call that turned it away");
    assert_eq!(reason, RefusalReason::NotAllowed);
    assert_eq!(peer.and_then(|peer| peer.pid()), Some(std::process::id().cast_signed()));
    assert!(matches!(ended, ErrorKind::UnexpectedEof | ErrorKind::ConnectionReset), "{ended:?}");
    assert_eq!(listener.refused(), 1);
    assert_eq!(client.try_write(b"x").unwrap_err().kind(), ErrorKind::BrokenPipe);
}

#[test]
fn a_function_sees_the_peer_and_what_the_peer_sent_is_still_there_if_it_is_let_in() {
    let name = fresh_id();
    let judge = |peer: &PeerCreds| peer.pid() == Some(std::process::id().cast_signed());
    let listener = listen(&name, Allow::by(judge));
    let mut client = connect(&name);
    client.write_all(b"hello").unwrap();
    let mut server = listener.try_accept().unwrap();
    let mut hello = [0; 5];
    server.read_exact(&mut hello).unwrap();
    assert_eq!(&hello, b"hello");
}

#[test]
fn a_panic_in_a_function_closes_the_connection_and_the_listener_goes_on() {
    let name = fresh_id();
    let judged = std::sync::atomic::AtomicUsize::new(0);
    let listener = listen(
        &name,
        Allow::by(move |_| match judged.fetch_add(1, std::sync::atomic::Ordering::Relaxed) {
            0 => panic!("on purpose"),
            _ => true,
        }),
    );
    let first = connect(&name);
    assert!(catch_unwind(|| listener.try_accept()).is_err());
    assert_turned_away(&first);
    let _second = connect(&name);
    listener.try_accept().unwrap();
}

#[test]
fn a_panic_in_the_observer_closes_the_connection_and_the_listener_goes_on() {
    let name = fresh_id();
    let listener = ListenerOptions::new()
        .name(name.borrow())
        .allow(Allow::any_of([]))
        .on_refused(|_| panic!("on purpose"))
        .create_sync()
        .unwrap();
    for count in 1..=2 {
        let client = connect(&name);
        assert!(catch_unwind(AssertUnwindSafe(|| listener.try_accept())).is_err());
        assert_turned_away(&client);
        assert_eq!(listener.refused(), count);
    }
}

#[test]
fn a_call_that_must_not_wait_turns_away_so_many_in_a_row_and_then_says_so() {
    let name = fresh_id();
    for mode in [ListenerNonblockingMode::Neither, ListenerNonblockingMode::Accept] {
        let listener = ListenerOptions::new()
            .name(name.borrow())
            .allow(Allow::any_of([]))
            .nonblocking(mode)
            .create_sync()
            .unwrap();
        let _clients: Vec<_> = (0..100).map(|_| connect(&name)).collect();
        assert_eq!(listener.try_accept().unwrap_err().kind(), ErrorKind::ConnectionAborted);
        assert_eq!(listener.refused(), 64);
        assert_eq!(listener.try_accept().unwrap_err().kind(), ErrorKind::WouldBlock);
        assert_eq!(listener.refused(), 100);
    }
}

#[test]
fn a_thread_that_waits_for_a_client_passes_over_any_number_of_those_turned_away() {
    if !may_become_another_user() {
        return;
    }
    let name = fresh_id();
    let listener = listen(&name, Allow::same_user());
    let accepting = std::thread::spawn(move || (listener.accept().map(drop), listener.refused()));
    as_stranger(|| (0..300).for_each(|_| assert_turned_away(&connect(&name))));
    let _good = connect(&name);
    let (accepted, refused) = within("the good client", move || accepting.join().unwrap());
    accepted.unwrap();
    assert_eq!(refused, 300);
}
