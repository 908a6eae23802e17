//! Taking a name, accepting, and giving the name back.

mod common;

use common::{connect, fresh_id, fresh_path, listen, pair, path_name, within};
use local_socket::{
    ConnectOptions, Listener, ListenerNonblockingMode, ListenerOptions, Stream, TryClone,
    error::os_error, os::unix::uds_local_socket, prelude::*, traits,
};
use std::{
    fs,
    io::{ErrorKind, Read, Write},
    os::{
        fd::{AsFd, OwnedFd},
        unix::{
            fs::FileTypeExt,
            net::{UnixListener, UnixStream},
        },
    },
};

#[test]
fn a_taken_name_is_addr_in_use_with_the_systems_number() {
    let (_folder, path) = fresh_path();
    for name in [path_name(path), fresh_id()] {
        let _listener = listen(&name);
        let error = ListenerOptions::new().name(name).create_sync().unwrap_err();
        assert_eq!(error.kind(), ErrorKind::AddrInUse);
        assert_eq!(os_error(&error), Some(libc::EADDRINUSE));
    }
}

#[test]
fn a_folder_that_is_not_there_is_not_found() {
    let (folder, _) = fresh_path();
    let name = path_name(folder.path().join("missing/s"));
    let error = ListenerOptions::new().name(name).create_sync().unwrap_err();
    assert_eq!(error.kind(), ErrorKind::NotFound);
    assert_eq!(os_error(&error), Some(libc::ENOENT));
}

#[test]
fn a_listener_says_where_it_listens() {
    let (_folder, path) = fresh_path();
    for name in [path_name(path), fresh_id()] {
        assert_eq!(listen(&name).name(), Some(&name));
    }
}

#[test]
fn dropping_removes_the_socket_file_and_the_name_can_be_taken_again() {
    let (_folder, path) = fresh_path();
    let name = path_name(path.clone());
    for _ in 0..3 {
        let listener = listen(&name);
        assert!(fs::symlink_metadata(&path).unwrap().file_type().is_socket());
        drop(listener);
        assert!(!path.exists());
    }
}

#[test]
fn dropping_leaves_a_newer_socket_at_the_same_path() {
    let (_folder, path) = fresh_path();
    let name = path_name(path.clone());
    let old = listen(&name);
    fs::remove_file(&path).unwrap();
    let new = listen(&name);
    drop(old);
    connect(&name);
    new.accept().unwrap();
}

#[test]
fn dropping_leaves_a_regular_file_put_in_its_place() {
    let (_folder, path) = fresh_path();
    let listener = listen(&path_name(path.clone()));
    fs::remove_file(&path).unwrap();
    fs::write(&path, "precious").unwrap();
    drop(listener);
    assert_eq!(fs::read_to_string(&path).unwrap(), "precious");
}

#[test]
fn dropping_leaves_the_file_when_told_so_before_or_after() {
    let (_folder, path) = fresh_path();
    let name = path_name(path.clone());
    drop(ListenerOptions::new().name(name.borrow()).reclaim_name(false).create_sync().unwrap());
    assert!(path.exists());
    fs::remove_file(&path).unwrap();
    let mut listener = listen(&name);
    traits::Listener::do_not_reclaim_name_on_drop(&mut listener);
    drop(listener);
    assert!(path.exists());
}

#[test]
fn conversion_to_the_standard_librarys_listener_leaves_the_file() {
    let (_folder, path) = fresh_path();
    let Listener::UdSocket(listener) = listen(&path_name(path.clone()));
    assert_eq!(listener.name().unwrap().as_path(), Some(path.as_path()));
    let listener = UnixListener::from(listener);
    UnixStream::connect(&path).unwrap();
    listener.accept().unwrap();
    drop(OwnedFd::from(uds_local_socket::Listener::from(listener)));
    assert!(path.exists());
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
            let Stream::UdSocket(stream) = listener.try_accept().unwrap();
            let flags = rustix::fs::fcntl_getfl(stream.as_fd()).unwrap();
            assert_eq!(flags.contains(rustix::fs::OFlags::NONBLOCK), mode.stream_nonblocking());
        }
    }
}

#[test]
fn sockets_are_not_inherited_by_programs_that_are_started() {
    let name = fresh_id();
    let Listener::UdSocket(listener) = listen(&name);
    let Stream::UdSocket(client) = connect(&name);
    let server = traits::Listener::accept(&listener).unwrap();
    for fd in [listener.as_fd(), client.as_fd(), server.as_fd()] {
        let flags = rustix::io::fcntl_getfd(fd).unwrap();
        assert!(flags.contains(rustix::io::FdFlags::CLOEXEC));
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
#[cfg(target_os = "linux")]
fn the_backlog_is_what_was_asked_for() {
    for backlog in [0, 1, 5] {
        let name = fresh_id();
        let _listener =
            ListenerOptions::new().name(name.borrow()).backlog(backlog).create_sync().unwrap();
        let options =
            ConnectOptions::new().name(name).wait_mode(local_socket::ConnectWaitMode::Deferred);
        let mut clients = Vec::new();
        while let Ok(client) = options.connect_sync() {
            clients.push(client);
        }
        // Linux lets one more in than it was told.
        assert_eq!(clients.len(), backlog as usize + 1);
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
