//! How many connections of a listener may be open.

mod common;

#[cfg(target_os = "linux")]
use common::child::{as_stranger, may_become_another_user};
use common::{connect, fresh_id, fresh_names};
#[cfg(unix)]
use local_socket::os::unix::uds_local_socket as uds;
use local_socket::{
    ConnectOptions, Listener, ListenerNonblockingMode, ListenerOptions, RefusalReason, Stream,
    TryClone, error::NameError, prelude::*,
};
#[cfg(unix)]
use std::os::{fd::OwnedFd, unix::net::UnixStream};
use std::{
    io::{ErrorKind, Read},
    sync::{Arc, Mutex},
};

/// Accepts without waiting: `None` where whoever came was turned away.
fn next(listener: &Listener) -> Option<Stream> {
    match listener.try_accept() {
        Ok(stream) => Some(stream),
        Err(error) => {
            assert_eq!(error.kind(), ErrorKind::WouldBlock);
            None
        }
    }
}

fn limited_to(name: &local_socket::Name<'_>, most: usize) -> Listener {
    ListenerOptions::new()
        .name(name.borrow())
        .max_connections(most)
        .nonblocking(ListenerNonblockingMode::Accept)
        .create_sync()
        .unwrap()
}

/// With room for one connection: whether what is made of it takes the room, and gives it back.
fn assert_takes_the_room<T>(what: &str, make: impl FnOnce(Stream) -> T) {
    let name = fresh_id();
    let listener = limited_to(&name, 1);
    let mut clients = vec![connect(&name)];
    let made = make(next(&listener).expect("there is room"));
    clients.push(connect(&name));
    assert!(next(&listener).is_none(), "{what} takes the room");
    drop(made);
    clients.push(connect(&name));
    assert!(next(&listener).is_some(), "{what} has given the room back");
    assert_eq!(listener.refused(), 1);
}

#[test]
fn beyond_the_limit_clients_are_closed_at_once_and_those_within_go_on() {
    let name = fresh_id();
    let listener = limited_to(&name, 2);
    let clients = [connect(&name), connect(&name), connect(&name)];
    let (first, second) = (next(&listener).unwrap(), next(&listener).unwrap());
    assert!(next(&listener).is_none());
    assert_eq!((&clients[2]).read(&mut [0]).unwrap(), 0);
    for (client, server) in clients.iter().zip([&first, &second]) {
        assert_eq!(server.try_write(b"x").unwrap(), 1);
        assert_eq!({ client }.read(&mut [0]).unwrap(), 1);
    }
}

#[test]
fn a_connection_counts_while_its_stream_a_clone_or_a_half_is_there() {
    assert_takes_the_room("a stream", |stream| stream);
    assert_takes_the_room("a clone", |stream| stream.try_clone().unwrap());
    assert_takes_the_room("a clone of a clone", |stream| {
        stream.try_clone().unwrap().try_clone().unwrap()
    });
    assert_takes_the_room("a receiving half", |stream| stream.split().0);
    assert_takes_the_room("a sending half", |stream| stream.split().1);
    assert_takes_the_room("both", |stream| {
        let (recv, send) = stream.split();
        Stream::reunite(recv, send).unwrap()
    });
    #[cfg(unix)]
    assert_takes_the_room("a shared stream", |stream| {
        let local_socket::RecvHalf::UdSocket(half) = stream.split().0;
        half.into_arc()
    });
}

#[test]
#[cfg(unix)]
fn what_is_taken_out_no_longer_counts() {
    let name = fresh_id();
    let listener = limited_to(&name, 1);
    let mut open: Vec<UnixStream> = Vec::new();
    for _ in 0..3 {
        let client = connect(&name);
        let Stream::UdSocket(stream) = next(&listener).expect("there is room");
        open.push(UnixStream::from(stream));
        let another = connect(&name);
        let Stream::UdSocket(stream) = next(&listener).expect("there is room");
        open.push(OwnedFd::from(stream).into());
        drop((client, another));
    }
    assert_eq!(listener.refused(), 0);
}

#[test]
#[cfg(unix)]
fn a_stream_closed_in_the_background_gives_its_room_back_and_its_client_sees_the_end() {
    let name = fresh_id();
    let listener = limited_to(&name, 1);
    for _ in 0..3 {
        let client = connect(&name);
        client.set_recv_timeout(Some(common::PATIENCE)).unwrap();
        assert_eq!(client.try_write(b"unread").unwrap(), 6);
        let Stream::UdSocket(stream) = next(&listener).expect("there is room");
        let clone: uds::Stream = stream.try_clone().unwrap();
        stream.close_in_background();
        assert_eq!(client.try_read(&mut [0]).unwrap(), 0);
        drop(clone);
    }
}

#[test]
#[cfg(target_os = "linux")]
fn one_user_cannot_use_up_the_room_of_others() {
    if !may_become_another_user() {
        return;
    }
    let name = fresh_id();
    let reasons = Arc::new(Mutex::new(Vec::new()));
    let seen = reasons.clone();
    let listener = ListenerOptions::new()
        .name(name.borrow())
        .max_connections(3)
        .max_connections_per_user(2)
        .on_refused(move |refusal| {
            let user = refusal.peer().and_then(|peer| peer.euid());
            seen.lock().unwrap().push((refusal.reason(), user));
        })
        .nonblocking(ListenerNonblockingMode::Accept)
        .create_sync()
        .unwrap();
    let strangers = as_stranger(|| [(); 3].map(|()| connect(&name)));
    let user = strangers[0].peer_creds().unwrap().euid();
    assert_eq!(user, Some(0), "the listener's");
    let mut open = vec![next(&listener).unwrap(), next(&listener).unwrap()];
    assert!(next(&listener).is_none());
    let own = connect(&name);
    open.push(next(&listener).expect("there is room for another user"));
    let too_many = connect(&name);
    assert!(next(&listener).is_none());
    let stranger = Some(common::child::STRANGER);
    assert_eq!(
        *reasons.lock().unwrap(),
        [(RefusalReason::TooManyOfUser, stranger), (RefusalReason::TooManyConnections, Some(0))]
    );
    drop((own, too_many));
}

#[test]
fn one_user_has_as_many_as_the_limit_says_and_the_observer_hears_of_the_rest() {
    let name = fresh_id();
    let reasons = Arc::new(Mutex::new(Vec::new()));
    let seen = reasons.clone();
    let listener = ListenerOptions::new()
        .name(name.borrow())
        .max_connections_per_user(2)
        .on_refused(move |refusal| seen.lock().unwrap().push(refusal.reason()))
        .nonblocking(ListenerNonblockingMode::Accept)
        .create_sync()
        .unwrap();
    let _clients = [(); 3].map(|()| connect(&name));
    let _open = [next(&listener).unwrap(), next(&listener).unwrap()];
    assert!(next(&listener).is_none());
    assert_eq!(*reasons.lock().unwrap(), [RefusalReason::TooManyOfUser]);
    assert_eq!(listener.refused(), 1);
}

#[test]
fn limits_of_zero_are_refused_and_leave_nothing() {
    let (_folder, names) = fresh_names();
    let options = || ListenerOptions::new().name(names[0].borrow());
    for (options, named) in [
        (options().max_connections(0), "max_connections must"),
        (options().max_connections_per_user(0), "max_connections_per_user must"),
    ] {
        let error = options.create_sync().unwrap_err();
        assert_eq!(error.kind(), ErrorKind::InvalidInput);
        assert!(error.to_string().contains(named), "{error}");
        assert!(!error.get_ref().unwrap().is::<NameError>());
        let error = ConnectOptions::new().name(names[0].borrow()).connect_sync().unwrap_err();
        assert_eq!(error.kind(), ErrorKind::NotFound);
    }
}

#[test]
fn threads_that_accept_together_never_pass_the_limit() {
    const MOST: usize = 5;
    let name = fresh_id();
    let listener = limited_to(&name, MOST);
    let clients: Vec<_> = (0..100).map(|_| connect(&name)).collect();
    let accepted: Vec<Stream> = std::thread::scope(|scope| {
        let accept = || {
            let mut accepted = Vec::new();
            loop {
                match listener.try_accept() {
                    Ok(stream) => accepted.push(stream),
                    Err(error) if error.kind() == ErrorKind::WouldBlock => return accepted,
                    Err(error) => assert_eq!(error.kind(), ErrorKind::ConnectionAborted),
                }
            }
        };
        let threads: Vec<_> = (0..4).map(|_| scope.spawn(accept)).collect();
        threads.into_iter().flat_map(|thread| thread.join().unwrap()).collect()
    });
    assert_eq!(accepted.len(), MOST);
    assert_eq!(listener.refused(), (clients.len() - MOST) as u64);
}
