//! Splitting a stream and putting it together again.

mod common;

use common::{PATIENCE, pair, within};
use local_socket::{
    ReuniteError, Stream,
    prelude::*,
    traits::{RecvHalf as _, SendHalf as _},
};
#[cfg(windows)]
use local_socket::{Stream::NamedPipe as Os, os::windows::named_pipe::local_socket as system};
#[cfg(unix)]
use local_socket::{Stream::UdSocket as Os, os::unix::uds_local_socket as system};
use std::io::{ErrorKind, IoSlice, IoSliceMut, Read, Write};
#[cfg(unix)]
use std::os::{
    fd::{AsFd, OwnedFd},
    unix::net::UnixStream,
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
fn a_send_half_can_end_its_direction_and_the_other_goes_on() {
    let (client, mut server) = pair();
    let (mut rh, mut sh) = client.split();
    sh.write_all(b"question").unwrap();
    sh.shutdown_write().unwrap();
    let mut heard = String::new();
    server.read_to_string(&mut heard).unwrap();
    assert_eq!(heard, "question");
    assert_eq!(sh.write(b"x").unwrap_err().kind(), ErrorKind::BrokenPipe);
    server.write_all(b"answer").unwrap();
    drop(server);
    heard.clear();
    rh.read_to_string(&mut heard).unwrap();
    assert_eq!(heard, "answer");
}

#[test]
fn a_receive_half_can_end_its_direction_and_the_other_goes_on() {
    let (client, mut server) = pair();
    let (mut rh, mut sh) = client.split();
    rh.shutdown_read().unwrap();
    assert_eq!(rh.read(&mut [0]).unwrap(), 0);
    sh.write_all(b"still").unwrap();
    let mut heard = [0; 5];
    server.read_exact(&mut heard).unwrap();
    assert_eq!(&heard, b"still");
}

#[test]
fn halves_read_and_write_what_they_can_without_waiting() {
    let (client, server) = pair();
    let (rh, sh) = client.split();
    let (rh, nothing_yet) = within("reads of nothing", move || {
        let one = rh.try_read(&mut [0]).unwrap_err();
        let many = rh.try_read_vectored(&mut [IoSliceMut::new(&mut [0])]).unwrap_err();
        (rh, [one, many])
    });
    assert_eq!(nothing_yet.map(|error| error.kind()), [ErrorKind::WouldBlock; 2]);
    server.try_write(b"abc").unwrap();
    let mut heard = [0; 3];
    assert_eq!(rh.try_read(&mut heard[..1]).unwrap(), 1);
    assert_eq!(rh.try_read_vectored(&mut [IoSliceMut::new(&mut heard[1..])]).unwrap(), 2);
    assert_eq!(&heard, b"abc");

    assert_eq!(sh.try_write(b"x").unwrap(), 1);
    assert_eq!(sh.try_write_vectored(&[b"y", b"z"].map(|byte| IoSlice::new(byte))).unwrap(), 2);
    assert_eq!(server.try_read(&mut heard).unwrap(), 3);
    assert_eq!(&heard, b"xyz");
    let (sh, full) = within("a write without room", move || {
        loop {
            if let Err(error) = sh.try_write(&[0; 65_536]) {
                break (sh, error);
            }
        }
    });
    assert_eq!(full.kind(), ErrorKind::WouldBlock);
    let full = sh.try_write_vectored(&[IoSlice::new(&[0; 65_536])]).unwrap_err();
    assert_eq!(full.kind(), ErrorKind::WouldBlock);
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
    let Os(client) = client;
    let (rh, sh) = client.split();
    let clone = rh.clone();
    let error = system::Stream::reunite(rh, sh).unwrap_err();
    assert!(error.to_string().contains("cloned"), "{error}");
    drop(clone);
    let client = system::Stream::reunite(error.rh, error.sh).unwrap();
    client.try_write(b"x").unwrap();
    assert_eq!(server.try_read(&mut [0; 8]).unwrap(), 1);
}

#[test]
fn a_half_gives_its_stream() {
    let (client, _server) = pair();
    let Os(client) = client;
    let (rh, sh) = client.split();
    assert!(std::sync::Arc::ptr_eq(rh.as_arc(), sh.as_arc()));
    assert!(std::ptr::eq(rh.as_stream(), sh.as_stream()));
    #[cfg(unix)]
    assert_eq!(format!("{:?}", rh.as_fd()), format!("{:?}", sh.as_fd()));
    drop(rh.into_arc());
    sh.into_arc().peer_creds().unwrap();
}

#[cfg(unix)]
#[test]
fn a_stream_converts_to_and_from_the_standard_librarys() {
    let (client, server) = pair();
    let Os(mut client) = client;
    client.inner().set_nonblocking(true).unwrap();
    client.inner_mut().set_nonblocking(false).unwrap();
    let client: OwnedFd = client.into();
    let client: system::Stream = client.into();
    let client: UnixStream = client.into();
    let mut client: Stream = system::Stream::from(client).into();
    client.write_all(b"x").unwrap();
    assert_eq!(server.try_read(&mut [0; 8]).unwrap(), 1);
}
