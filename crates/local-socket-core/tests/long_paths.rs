//! Paths that don't fit into a socket address, which Linux takes all the same.
#![cfg(target_os = "linux")]

mod common;

use common::{
    PATIENCE,
    child::{as_stranger, may_become_another_user, refusing},
    connect, fresh_long_path, listen,
    mounts::without_proc,
    path_name, within,
};
use local_socket::{
    ConnectOptions, ConnectWaitMode, Listener, ListenerOptions, Stream, error::os_error,
    os::unix::ListenerOptionsExt, prelude::*,
};
use std::{
    fs::{self, Permissions},
    io::{self, ErrorKind, Read, Write},
    os::unix::{
        fs::{FileTypeExt, PermissionsExt, symlink},
        net::UnixStream,
    },
    path::{Path, PathBuf},
};

/// One byte more than fits, the length that people meet, and the most that Linux takes.
const LENGTHS: [usize; 3] = [108, 300, 4_095];

fn try_listen(path: &Path) -> io::Result<Listener> {
    ListenerOptions::new().name(path_name(path)).create_sync()
}

fn try_connect(path: &Path, wait: ConnectWaitMode) -> io::Result<Stream> {
    ConnectOptions::new().name(path_name(path)).wait_mode(wait).connect_sync()
}

fn overwrite(path: &Path) -> Listener {
    let options = ListenerOptions::new().name(path_name(path)).try_overwrite(true);
    options.create_sync().expect("only sockets are there")
}

/// What getsockname(2) says.
fn own_address(listener: &Listener) -> PathBuf {
    let Listener::UdSocket(listener) = listener;
    listener.inner().local_addr().unwrap().as_pathname().unwrap().to_owned()
}

/// Passes a byte from a client to the listener.
fn assert_reaches(mut client: Stream, listener: Listener) -> Listener {
    within("the client's byte", move || {
        client.write_all(b"x").unwrap();
        let mut byte = [0];
        listener.accept().unwrap().read_exact(&mut byte).unwrap();
        listener
    })
}

fn files_beside(path: &Path) -> usize {
    fs::read_dir(path.parent().unwrap()).unwrap().count()
}

#[test]
fn a_long_path_is_listened_and_connected_at_and_given_back() {
    for length in LENGTHS {
        let (_folder, path) = fresh_long_path(length);
        let listener = listen(&path_name(&path));
        assert!(fs::symlink_metadata(&path).unwrap().file_type().is_socket());
        assert_eq!(listener.name().and_then(|name| name.as_path()), Some(path.as_path()));
        for wait in [
            ConnectWaitMode::Unbounded,
            ConnectWaitMode::Timeout(PATIENCE),
            ConnectWaitMode::Deferred,
        ] {
            drop(try_connect(&path, wait).unwrap());
            listener.accept().unwrap();
        }
        drop(assert_reaches(connect(&path_name(&path)), listener));
        assert_eq!(files_beside(&path), 0);
    }
}

#[test]
fn a_long_path_is_overwritten_and_what_is_left_of_it_given_back() {
    for length in LENGTHS {
        let (_folder, path) = fresh_long_path(length);
        let displaced = listen(&path_name(&path));
        let listener = overwrite(&path);
        assert_eq!(own_address(&listener), Path::new(".s.new"));
        drop(displaced);
        drop(assert_reaches(connect(&path_name(&path)), listener));
        assert_eq!(files_beside(&path), 0);
    }
}

#[test]
fn the_mode_of_a_long_path_is_the_mode_there_is() {
    for mode in [0o000, 0o600, 0o666, 0o777] {
        let (_folder, path) = fresh_long_path(300);
        let options = || ListenerOptions::new().name(path_name(&path)).mode(mode);
        let modes_are_right = || {
            let _fresh = options().create_sync().unwrap();
            let fresh = fs::symlink_metadata(&path).unwrap().permissions().mode() & 0o7777;
            let _in_its_place = options().try_overwrite(true).create_sync().unwrap();
            let in_its_place = fs::symlink_metadata(&path).unwrap().permissions().mode() & 0o7777;
            assert_eq!((fresh, in_its_place), (mode, mode));
        };
        modes_are_right();
        refusing(&[libc::SYS_unshare], libc::EPERM, modes_are_right);
    }
}

#[test]
fn the_last_part_may_fill_an_address() {
    let (_folder, path) = fresh_long_path(300);
    let path = path.with_file_name("s".repeat(107));
    let listener = listen(&path_name(&path));
    assert_eq!(own_address(&listener).as_os_str().len(), 107);
    assert_reaches(connect(&path_name(&path)), listener);
}

#[test]
fn the_sockets_own_address_is_the_last_part_and_the_process_stays_in_its_folder() {
    let before = std::env::current_dir().unwrap();
    let (_folder, path) = fresh_long_path(300);
    let listener = listen(&path_name(&path));
    assert_eq!(own_address(&listener), Path::new("s"));
    assert_eq!(std::env::current_dir().unwrap(), before);
}

#[test]
fn where_a_thread_cannot_have_a_folder_of_its_own_the_address_goes_through_proc() {
    for error in [libc::EPERM, libc::ENOSYS] {
        let (_folder, path) = fresh_long_path(300);
        let listener = refusing(&[libc::SYS_unshare], error, || listen(&path_name(&path)));
        let address = own_address(&listener);
        assert!(address.starts_with("/proc/self/fd") && address.ends_with("s"), "{address:?}");
        let listener = refusing(&[libc::SYS_unshare], error, || overwrite(&path));
        drop(assert_reaches(connect(&path_name(&path)), listener));
        assert_eq!(files_beside(&path), 0);

        let full = path.with_file_name("s".repeat(107));
        let refused = refusing(&[libc::SYS_unshare], error, || try_listen(&full)).unwrap_err();
        assert_eq!(os_error(&refused), Some(libc::ENAMETOOLONG));
        assert_eq!(files_beside(&path), 0);
    }
}

#[test]
fn without_proc_a_long_path_can_be_listened_at_and_not_connected_to() {
    let (_folder, path) = fresh_long_path(300);
    let listener = without_proc(|| {
        let listener = listen(&path_name(&path));
        let error = try_connect(&path, ConnectWaitMode::Unbounded).unwrap_err();
        assert_eq!(os_error(&error), Some(libc::ENAMETOOLONG));
        listener
    });
    if listener.is_some() {
        connect(&path_name(&path));
    }
}

#[test]
fn other_programs_reach_it_by_a_symlink_with_a_shorter_path() {
    let (folder, path) = fresh_long_path(300);
    let listener = listen(&path_name(&path));
    assert!(UnixStream::connect(&path).is_err());
    let link = folder.path().join("link");
    symlink(&path, &link).unwrap();
    UnixStream::connect(&link).unwrap();
    listener.accept().unwrap();
    // A long path may lead through links as a short one may.
    let other = path.with_file_name("other");
    symlink("s", &other).unwrap();
    connect(&path_name(other));
    listener.accept().unwrap();
}

#[test]
fn the_errors_of_a_long_path_are_those_of_a_short_one() {
    let (_folder, path) = fresh_long_path(300);
    let connect_error =
        |path: &Path| os_error(&try_connect(path, ConnectWaitMode::Deferred).unwrap_err());
    let listen_error = |path: &Path| os_error(&try_listen(path).unwrap_err());
    assert_eq!(connect_error(&path), Some(libc::ENOENT));
    assert_eq!(listen_error(&path.join("s")), Some(libc::ENOENT));
    fs::write(&path, "text").unwrap();
    assert_eq!(connect_error(&path), Some(libc::ECONNREFUSED));
    assert_eq!(connect_error(&path.join("s")), Some(libc::ENOTDIR));
    assert_eq!(listen_error(&path), Some(libc::EADDRINUSE));
    assert_eq!(listen_error(&path.join("s")), Some(libc::ENOTDIR));
    for end in ["", ".", ".."] {
        let folder = path.with_file_name(end);
        assert_eq!(listen_error(&folder), Some(libc::EADDRINUSE), "{folder:?}");
        assert_eq!(connect_error(&folder), Some(libc::ECONNREFUSED), "{folder:?}");
    }
    let part_too_long = Path::new("/tmp").join("d".repeat(256)).join("s");
    assert_eq!(connect_error(&part_too_long), Some(libc::ENAMETOOLONG));
    assert_eq!(listen_error(&part_too_long), Some(libc::ENAMETOOLONG));
    assert_eq!(fs::read(&path).unwrap(), b"text");
    assert_eq!(files_beside(&path), 1);
}

#[test]
fn a_long_path_is_in_use_while_somebody_listens_there() {
    let (_folder, path) = fresh_long_path(300);
    let listener = listen(&path_name(&path));
    assert_eq!(try_listen(&path).unwrap_err().kind(), ErrorKind::AddrInUse);
    assert_reaches(connect(&path_name(&path)), listener);
}

#[test]
fn a_full_backlog_is_waited_for_within_the_limit() {
    let (_folder, path) = fresh_long_path(300);
    let options = ListenerOptions::new().name(path_name(&path)).backlog(0);
    let listener = options.create_sync().unwrap();
    let _first = connect(&path_name(&path));
    let soon = ConnectWaitMode::Timeout(std::time::Duration::from_millis(20));
    assert_eq!(try_connect(&path, soon).unwrap_err().kind(), ErrorKind::TimedOut);
    let full = try_connect(&path, ConnectWaitMode::Deferred).unwrap_err();
    assert_eq!(full.kind(), ErrorKind::WouldBlock);
    listener.accept().unwrap();
    try_connect(&path, ConnectWaitMode::Timeout(PATIENCE)).unwrap();
}

#[test]
fn permissions_count_as_they_do_for_a_short_path() {
    if !may_become_another_user() {
        return;
    }
    let (folder, path) = fresh_long_path(300);
    fs::set_permissions(folder.path(), Permissions::from_mode(0o755)).unwrap();
    let listen_with = |mode| {
        let options = ListenerOptions::new().name(path_name(&path)).mode(mode);
        options.try_overwrite(true).create_sync().unwrap()
    };
    let stranger = || as_stranger(|| try_connect(&path, ConnectWaitMode::Deferred));
    let _closed = listen_with(0o600);
    assert_eq!(stranger().unwrap_err().kind(), ErrorKind::PermissionDenied);
    let _open = listen_with(0o666);
    stranger().unwrap();
    let squatted = path.with_file_name("squatted");
    let refused = as_stranger(|| try_listen(&squatted)).unwrap_err();
    assert_eq!(refused.kind(), ErrorKind::PermissionDenied);
    fs::set_permissions(folder.path(), Permissions::from_mode(0o700)).unwrap();
    assert_eq!(stranger().unwrap_err().kind(), ErrorKind::PermissionDenied);
}

#[cfg(feature = "tokio")]
mod on_tokio {
    use super::*;
    use common::tokio::{accept, connect, listen};
    use tokio::io::{AsyncReadExt, AsyncWriteExt};

    #[tokio::test]
    async fn a_long_path_is_listened_and_connected_at_and_given_back() {
        for length in LENGTHS {
            let (_folder, path) = fresh_long_path(length);
            let name = path_name(&path);
            let displaced = listen(&name);
            let options = ListenerOptions::new().name(name.borrow()).try_overwrite(true);
            let listener = options.create_tokio().unwrap();
            drop(displaced);
            let mut client = connect(&name).await;
            let mut server = accept(&listener).await;
            client.write_all(b"x").await.unwrap();
            assert_eq!(server.read_u8().await.unwrap(), b'x');
            drop(listener);
            assert_eq!(files_beside(&path), 0);
        }
    }
}
