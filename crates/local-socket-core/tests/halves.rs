//! Splitting a stream and putting it together again.

mod common;

use common::{PATIENCE, pair};
use local_socket::{
    ReuniteError, Stream,
    os::unix::uds_local_socket,
    prelude::*,
    traits::{RecvHalf as _, SendHalf as _},
};
use std::{
    io::{Read, Write},
    os::{
        fd::{AsFd, OwnedFd},
        unix::net::UnixStream,
    },
};

#[test]
fn halves_work_on_their_own_and_dropping_one_shuts_nothing_down() {
    let (client, mut server) = pair();
    let (mut rh, mut sh) = client.split();
    rh.set_timeout(Some(PATIENCE)).unwrap();
    sh.set_timeout(Some(PATIENCE)).unwrap();
    sh.write_all(b"there").unwrap();
    drop(sh);
    server.write_all(b"back").unwrap();
    let mut heard = [0; 5];
    server.read_exact(&mut heard).unwrap();
    rh.read_exact(&mut heard[..4]).unwrap();
    assert_eq!(&heard, b"backe");
    drop(rh);
    assert_eq!(server.read(&mut heard).unwrap(), 0);
}

#[test]
fn halves_of_one_stream_make_it_again() {
    let (client, server) = pair();
    let (rh, sh) = client.split();
    let mut client = Stream::reunite(rh, sh).unwrap();
    client.write_all(b"x").unwrap();
    assert_eq!(server.try_read(&mut [0; 8]).unwrap(), 1);
}

#[test]
fn halves_of_two_streams_are_handed_back() {
    let (client, server) = pair();
    let (client_rh, client_sh) = client.split();
    let (server_rh, server_sh) = server.split();
    let ReuniteError { rh, sh } = Stream::reunite(client_rh, server_sh).unwrap_err();
    Stream::reunite(rh, client_sh).unwrap();
    Stream::reunite(server_rh, sh).unwrap();
}

#[test]
fn a_cloned_half_makes_it_an_error_that_holds_both_halves() {
    let (client, server) = pair();
    let Stream::UdSocket(client) = client;
    let (rh, sh) = client.split();
    let clone = rh.clone();
    let error = uds_local_socket::Stream::reunite(rh, sh).unwrap_err();
    assert!(error.to_string().contains("cloned"), "{error}");
    drop(clone);
    let client = uds_local_socket::Stream::reunite(error.rh, error.sh).unwrap();
    client.try_write(b"x").unwrap();
    assert_eq!(server.try_read(&mut [0; 8]).unwrap(), 1);
}

#[test]
fn a_half_gives_its_stream() {
    let (client, _server) = pair();
    let Stream::UdSocket(client) = client;
    let (rh, sh) = client.split();
    assert!(std::sync::Arc::ptr_eq(rh.as_arc(), sh.as_arc()));
    assert!(std::ptr::eq(rh.as_stream(), sh.as_stream()));
    assert_eq!(format!("{:?}", rh.as_fd()), format!("{:?}", sh.as_fd()));
    drop(rh.into_arc());
    sh.into_arc().peer_creds().unwrap();
}

#[test]
fn a_stream_converts_to_and_from_the_standard_librarys() {
    let (client, server) = pair();
    let Stream::UdSocket(mut client) = client;
    client.inner().set_nonblocking(true).unwrap();
    client.inner_mut().set_nonblocking(false).unwrap();
    let client: OwnedFd = client.into();
    let client: uds_local_socket::Stream = client.into();
    let client: UnixStream = client.into();
    let mut client: Stream = uds_local_socket::Stream::from(client).into();
    client.write_all(b"x").unwrap();
    assert_eq!(server.try_read(&mut [0; 8]).unwrap(), 1);
}
