//! The files and descriptors of listeners.
#![cfg(unix)]

mod common;

use common::{connect, fresh_id, fresh_path, listen, path_name};
use local_socket::{
    Listener, ListenerNonblockingMode, ListenerOptions, Stream, error::os_error,
    os::unix::uds_local_socket, prelude::*, traits,
};
use std::{
    fs,
    io::ErrorKind,
    os::{
        fd::{AsFd, OwnedFd},
        unix::{
            fs::FileTypeExt,
            net::{UnixListener, UnixStream},
        },
    },
};

#[test]
fn a_folder_that_is_not_there_is_not_found() {
    let (folder, _) = fresh_path();
    let name = path_name(folder.path().join("missing/s"));
    let error = ListenerOptions::new().name(name).create_sync().unwrap_err();
    assert_eq!(error.kind(), ErrorKind::NotFound);
    assert_eq!(os_error(&error), Some(libc::ENOENT));
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
fn streams_are_nonblocking_as_the_mode_says() {
    use ListenerNonblockingMode::{Accept, Both, Neither, Stream as Streams};
    for mode in [Neither, Accept, Streams, Both] {
        let name = fresh_id();
        let options = ListenerOptions::new().name(name.borrow()).nonblocking(mode);
        let listener = options.create_sync().unwrap();
        let _client = connect(&name);
        let Stream::UdSocket(stream) = listener.try_accept().unwrap();
        let flags = rustix::fs::fcntl_getfl(stream.as_fd()).unwrap();
        assert_eq!(flags.contains(rustix::fs::OFlags::NONBLOCK), mode.stream_nonblocking());
    }
}
