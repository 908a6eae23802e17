//! Taking a name over from a socket file that nobody holds any more, and from nothing else.
#![cfg(unix)]

mod common;

use common::{
    connect, files, fresh_path, leave_stale_socket, listen, path_name,
    taking_over::{assert_in_use, assert_reached},
};
use local_socket::{
    Listener, ListenerOptions, StaleName, error::os_error, os::unix::ListenerOptionsExt,
};
use rustix::net::{AddressFamily, SocketAddrUnix, SocketType, bind, socket};
use std::{
    fs,
    io::ErrorKind,
    os::unix::{
        fs::{PermissionsExt, symlink},
        net::{UnixDatagram, UnixListener, UnixStream},
    },
    path::Path,
};

#[test]
fn a_name_that_a_killed_process_left_is_taken_over() {
    let (folder, path) = fresh_path();
    let name = path_name(path.clone());
    for _ in 0..3 {
        leave_stale_socket(&path);
        let listener = listen(&name);
        assert_reached(&name, &listener);
        let Listener::UdSocket(listener) = listener;
        assert_eq!(listener.inner().local_addr().unwrap().as_pathname(), Some(path.as_path()));
        drop(listener);
        assert!(files(folder.path()).is_empty());
    }
}

#[test]
fn it_is_taken_over_with_the_mode_asked_for() {
    let (_folder, path) = fresh_path();
    for mode in [0o600_u16, 0o666] {
        leave_stale_socket(&path);
        let options = ListenerOptions::new().name(path_name(path.clone())).mode(mode.into());
        let _listener = options.create_sync().unwrap();
        let file = fs::symlink_metadata(&path).unwrap();
        assert_eq!(file.permissions().mode() & 0o7777, mode.into());
    }
}

#[test]
fn a_socket_that_was_bound_and_never_listened_is_taken_over_too() {
    let (_folder, path) = fresh_path();
    drop(bound_only(&path));
    let name = path_name(path);
    assert_reached(&name, &listen(&name));
}

#[test]
fn a_stale_socket_of_another_type_is_taken_over_too() {
    let (_folder, path) = fresh_path();
    drop(UnixDatagram::bind(&path).unwrap());
    let name = path_name(path);
    assert_reached(&name, &listen(&name));
}

#[test]
fn told_to_fail_it_leaves_a_stale_name_in_use() {
    let (folder, path) = fresh_path();
    leave_stale_socket(&path);
    let name = path_name(path.clone());
    let options = || ListenerOptions::new().name(name.borrow()).stale(StaleName::Fail);
    let error = options().create_sync().unwrap_err();
    assert_eq!(os_error(&error), Some(libc::EADDRINUSE));
    assert_eq!(files(folder.path()), ["s"]);
    // Overwriting takes either, and says so by itself.
    let listener = options().try_overwrite(true).create_sync().unwrap();
    assert_reached(&name, &listener);
    drop(listener);
    drop(options().create_sync().expect("it is free"));
    assert!(files(folder.path()).is_empty());
}

#[test]
fn what_overwriting_left_when_it_was_killed_is_removed_by_the_next_listener() {
    let (folder, path) = fresh_path();
    let beside = path.with_file_name(".s.new");
    for stale in [false, true] {
        leave_stale_socket(&beside);
        if stale {
            leave_stale_socket(&path);
        }
        let _listener = listen(&path_name(path.clone()));
        assert_eq!(files(folder.path()), ["s"]);
    }
    // Somebody's all the same.
    let live = UnixListener::bind(&beside).unwrap();
    drop(listen(&path_name(path.clone())));
    assert_eq!(files(folder.path()), [".s.new"]);
    drop(live);
    fs::remove_file(&beside).unwrap();
    fs::write(&beside, "precious").unwrap();
    drop(listen(&path_name(path)));
    assert_eq!(fs::read_to_string(beside).unwrap(), "precious");
}

#[test]
fn a_live_listener_is_in_use_and_sees_no_client_however_full_its_backlog_is() {
    for backlog in [0, 128] {
        let (_folder, path) = fresh_path();
        let name = path_name(path.clone());
        let options = ListenerOptions::new().name(name.borrow()).backlog(backlog);
        let listener = options.create_sync().unwrap();
        let clients = if backlog == 0 { vec![connect(&name)] } else { Vec::new() };
        assert_eq!(assert_in_use(&path), None);
        for _ in &clients {
            listener.try_accept().unwrap();
        }
        assert_eq!(listener.try_accept().unwrap_err().kind(), ErrorKind::WouldBlock);
    }
}

fn bound_only(path: &Path) -> rustix::fd::OwnedFd {
    let socket = socket(AddressFamily::UNIX, SocketType::STREAM, None).unwrap();
    bind(&socket, &SocketAddrUnix::new(path).unwrap()).unwrap();
    socket
}

#[test]
fn a_socket_that_does_not_listen_yet_is_in_use() {
    let (_folder, path) = fresh_path();
    let socket = bound_only(&path);
    assert_eq!(assert_in_use(&path), None);
    rustix::net::listen(&socket, 1).unwrap();
    UnixStream::connect(&path).unwrap();
}

#[test]
#[cfg(target_os = "linux")]
fn live_sockets_of_other_types_are_in_use_and_see_nobody() {
    let (folder, path) = fresh_path();
    let datagrams = UnixDatagram::bind(&path).unwrap();
    assert_eq!(assert_in_use(&path), None);
    datagrams.set_nonblocking(true).unwrap();
    assert_eq!(datagrams.recv(&mut [0]).unwrap_err().kind(), ErrorKind::WouldBlock);

    let path = folder.path().join("packets");
    let packets = socket(AddressFamily::UNIX, SocketType::SEQPACKET, None).unwrap();
    bind(&packets, &SocketAddrUnix::new(&path).unwrap()).unwrap();
    rustix::net::listen(&packets, 1).unwrap();
    assert_eq!(assert_in_use(&path), None);
    let packets = UnixListener::from(packets);
    packets.set_nonblocking(true).unwrap();
    assert_eq!(packets.accept().unwrap_err().kind(), ErrorKind::WouldBlock);
}

#[test]
fn files_folders_and_symlinks_stay_as_they_are() {
    let (folder, path) = fresh_path();
    let advice = Some("what is there isn't a socket, and stays".to_owned());
    fs::write(&path, "precious").unwrap();
    assert_eq!(assert_in_use(&path), advice);
    assert_eq!(fs::read_to_string(&path).unwrap(), "precious");
    fs::remove_file(&path).unwrap();

    fs::create_dir(&path).unwrap();
    assert_eq!(assert_in_use(&path), advice);
    fs::remove_dir(&path).unwrap();

    let stale = folder.path().join("stale");
    leave_stale_socket(&stale);
    let missing = folder.path().join("missing");
    for target in [&stale, &missing] {
        symlink(target, &path).unwrap();
        assert_eq!(assert_in_use(&path), advice);
        assert_eq!(fs::read_link(&path).unwrap(), *target);
        fs::remove_file(&path).unwrap();
    }
    assert_eq!(files(folder.path()), ["stale"]);
}
