//! Who must be serving, as a client says it.
#![cfg(target_os = "linux")]

mod common;

use common::{
    child::{STRANGER, as_stranger, become_user, may_become_another_user},
    fresh_id, fresh_path, listen, path_name,
    processes::fork,
};
use local_socket::{
    Allow, ConnectOptions, ListenerOptions, Name, PeerCreds, Stream,
    error::{AddressError, ServerNotAllowed},
};
use std::{
    io::{self, ErrorKind, Read, Write},
    os::unix::net::UnixStream,
};

fn connect_to(server: Allow, name: &Name<'_>) -> io::Result<Stream> {
    ConnectOptions::new().name(name.borrow()).server(server).connect_sync()
}

#[test]
fn a_squatter_is_not_taken_for_the_server_and_the_error_says_who_it_is() {
    if !may_become_another_user() {
        return;
    }
    let name = fresh_id();
    let listener = as_stranger(|| listen(&name));
    for server in [Allow::same_user(), Allow::uid(0), Allow::any_of([]), Allow::by(|_| false)] {
        let error = connect_to(server, &name).unwrap_err();
        assert_eq!(error.kind(), ErrorKind::PermissionDenied);
        assert_eq!(
            error.to_string(),
            format!(
                "connect to {name}: the server runs as uid {STRANGER}, which `server` doesn't \
                 allow; Allow::uid({STRANGER}) would"
            )
        );
        let creds = ServerNotAllowed::of(&error).and_then(ServerNotAllowed::creds).unwrap();
        assert_eq!((creds.euid(), creds.egid()), (Some(STRANGER), Some(STRANGER)));
        assert!(error.get_ref().unwrap().is::<AddressError>());
        let mut seen = listener.try_accept().expect("the client that left");
        assert_eq!(seen.read(&mut [0]).unwrap(), 0, "nothing was sent");
    }
    for server in [Allow::uid(STRANGER), Allow::gid(STRANGER), Allow::anyone()] {
        connect_to(server, &name).unwrap();
    }
}

#[test]
fn other_errors_are_not_taken_for_a_server_that_is_not_allowed() {
    let error = connect_to(Allow::same_user(), &fresh_id()).unwrap_err();
    assert_eq!(error.kind(), ErrorKind::ConnectionRefused);
    assert!(ServerNotAllowed::of(&error).is_none());
}

#[test]
fn ones_own_server_is_allowed_and_a_function_sees_who_it_is() {
    let (_folder, path) = fresh_path();
    for name in [fresh_id(), path_name(path)] {
        let _listener = listen(&name);
        connect_to(Allow::same_user(), &name).unwrap();
        let own = |peer: &PeerCreds| peer.pid() == Some(std::process::id().cast_signed());
        connect_to(Allow::by(own), &name).unwrap();
    }
}

#[test]
fn a_server_that_dropped_its_privileges_shows_who_listened_until_it_listens_again() {
    if !may_become_another_user() {
        return;
    }
    let name = fresh_id();
    let (mut told, mut tell) = UnixStream::pair().unwrap();
    told.set_read_timeout(Some(common::PATIENCE)).unwrap();
    let child = fork(|| {
        let listener = ListenerOptions::new()
            .name(name.borrow())
            .create_sync()
            .map_err(|error| error.to_string())?;
        become_user(STRANGER, &[]);
        tell.write_all(b"1").map_err(|error| error.to_string())?;
        tell.read_exact(&mut [0]).map_err(|error| error.to_string())?;
        let local_socket::Listener::UdSocket(listener) = listener;
        rustix::net::listen(&listener, 16).map_err(|error| error.to_string())?;
        tell.write_all(b"2").map_err(|error| error.to_string())?;
        tell.read_exact(&mut [0]).map_err(|error| error.to_string())
    });
    let mut step = [0];
    told.read_exact(&mut step).expect("the server listens");
    connect_to(Allow::same_user(), &name).expect("it shows as root");
    let error = connect_to(Allow::uid(STRANGER), &name).unwrap_err();
    assert_eq!(ServerNotAllowed::of(&error).unwrap().creds().unwrap().euid(), Some(0));

    told.write_all(b"x").unwrap();
    told.read_exact(&mut step).expect("the server has listened again");
    connect_to(Allow::uid(STRANGER), &name).expect("it shows as it is now");
    assert!(connect_to(Allow::same_user(), &name).is_err());
    told.write_all(b"x").unwrap();
    child.join();
}
