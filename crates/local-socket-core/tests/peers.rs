//! Who is on the other end. Over pipes: `windows_trust`.
#![cfg(unix)]

mod common;

use common::{fresh_path, listen, pair, path_name};
use local_socket::prelude::*;
use std::os::unix::net::UnixStream;

fn euid() -> libc::uid_t {
    // SAFETY: has no preconditions and can't fail.
    unsafe { libc::geteuid() }
}

fn egid() -> libc::gid_t {
    // SAFETY: has no preconditions and can't fail.
    unsafe { libc::getegid() }
}

#[test]
fn both_ends_see_this_process_and_user() {
    let (client, server) = pair();
    for stream in [client, server] {
        let creds = stream.peer_creds().unwrap();
        assert_eq!(creds.euid(), Some(euid()));
        assert_eq!(creds.egid(), Some(egid()));
        if cfg!(target_os = "linux") {
            assert_eq!(creds.pid(), Some(std::process::id().cast_signed()));
            assert_eq!(creds.groups(), None);
            assert!(!creds.groups_truncated());
        }
    }
}

#[test]
#[cfg(target_os = "linux")]
fn the_groups_are_those_of_this_process() {
    let (client, _server) = pair();
    let LocalSocketStream::UdSocket(client) = &client;
    let mut groups = client.peer_groups().unwrap().unwrap();
    let mut own = vec![0; 65_536];
    // SAFETY: there is room for as many groups as are said, the most that Linux has.
    let count = unsafe { libc::getgroups(65_536, own.as_mut_ptr()) };
    own.truncate(count.try_into().expect("getgroups works"));
    groups.sort_unstable();
    own.sort_unstable();
    assert_eq!(groups, own);
}

#[test]
fn a_plain_client_is_seen_too() {
    let (_folder, path) = fresh_path();
    let listener = listen(&path_name(path.clone()));
    let _client = UnixStream::connect(path).unwrap();
    let creds = listener.accept().unwrap().peer_creds().unwrap();
    assert_eq!(creds.euid(), Some(euid()));
}

#[test]
#[cfg(target_os = "linux")]
fn a_socket_that_is_not_connected_has_no_peer() {
    use local_socket::os::unix::uds_local_socket;
    use std::io::ErrorKind;

    let socket = rustix::net::socket(
        rustix::net::AddressFamily::UNIX,
        rustix::net::SocketType::STREAM,
        None,
    )
    .unwrap();
    let stream = uds_local_socket::Stream::from(socket);
    assert_eq!(stream.peer_creds().unwrap_err().kind(), ErrorKind::NotConnected);
    assert_eq!(stream.peer_groups().unwrap_err().kind(), ErrorKind::NotConnected);
}
