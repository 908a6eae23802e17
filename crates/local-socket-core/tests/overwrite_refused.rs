//! Names that can't be taken by overwriting, and what stays as it was then.
#![cfg(any(target_os = "linux", target_os = "android", target_vendor = "apple"))]

mod common;

use common::{files, fresh_path, listen, path_name, taking_over::assert_reached};
use local_socket::{Listener, ListenerOptions, Name, error::os_error, prelude::*};
use std::{
    fs,
    io::{self, ErrorKind},
    os::unix::{
        fs::symlink,
        net::{UnixListener, UnixStream},
    },
};

fn try_to_overwrite(name: &Name<'_>) -> io::Result<Listener> {
    ListenerOptions::new().name(name.borrow()).try_overwrite(true).create_sync()
}

/// Gives the error's text.
fn assert_in_use(name: &Name<'_>) -> String {
    let error = try_to_overwrite(name).unwrap_err();
    assert_eq!(error.kind(), ErrorKind::AddrInUse, "{error}");
    assert_eq!(os_error(&error), Some(libc::EADDRINUSE));
    error.to_string()
}

#[test]
fn a_regular_file_stays() {
    let (folder, path) = fresh_path();
    fs::write(&path, "precious").unwrap();
    assert_in_use(&path_name(path.clone()));
    assert_eq!(fs::read_to_string(path).unwrap(), "precious");
    assert_eq!(files(folder.path()), ["s"]);
}

#[test]
fn a_folder_stays_however_it_is_written() {
    let (folder, path) = fresh_path();
    fs::create_dir(&path).unwrap();
    fs::write(path.join("inside"), "precious").unwrap();
    for end in ["", "/", "/.", "/.."] {
        assert_in_use(&path_name(format!("{}{end}", path.display())));
    }
    assert_eq!(fs::read_to_string(path.join("inside")).unwrap(), "precious");
    assert_eq!(files(folder.path()), ["s"]);
}

#[test]
fn a_symlink_stays_and_so_does_what_it_leads_to() {
    let (folder, path) = fresh_path();
    let socket = folder.path().join("socket");
    let listener = listen(&path_name(socket.clone()));
    let file = folder.path().join("file");
    fs::write(&file, "precious").unwrap();
    let missing = folder.path().join("missing");
    for target in [&socket, &file, &missing] {
        symlink(target, &path).unwrap();
        assert_in_use(&path_name(path.clone()));
        assert_eq!(fs::read_link(&path).unwrap(), *target);
        fs::remove_file(&path).unwrap();
    }
    assert_eq!(files(folder.path()), ["file", "socket"]);
    assert_reached(&path_name(socket), &listener);
}

#[test]
fn what_has_the_temporary_name_stays_and_so_does_the_listener() {
    let (folder, path) = fresh_path();
    let beside = folder.path().join(".s.new");
    let name = path_name(path);
    let listener = listen(&name);
    fs::write(&beside, "precious").unwrap();
    let error = assert_in_use(&name);
    assert!(
        error.ends_with(r#"".s.new" beside it, which is needed for overwriting, isn't a socket"#)
    );
    assert_eq!(fs::read_to_string(&beside).unwrap(), "precious");
    fs::remove_file(&beside).unwrap();

    let other = UnixListener::bind(&beside).unwrap();
    assert!(assert_in_use(&name).ends_with("is used by somebody"));
    UnixStream::connect(&beside).unwrap();
    other.accept().unwrap();
    assert_reached(&name, &listener);
}

#[test]
#[cfg(any(target_os = "linux", target_os = "android"))]
fn an_abstract_name_stays_taken() {
    let name = common::fresh_id();
    let listener = listen(&name);
    assert_in_use(&name);
    assert_reached(&name, &listener);
}

#[test]
#[cfg(target_os = "linux")]
fn where_files_cannot_be_exchanged_the_error_says_so_and_the_listener_stays() {
    let (folder, path) = fresh_path();
    let name = path_name(path.clone());
    let listener = listen(&name);
    for number in [libc::EINVAL, libc::ENOSYS] {
        let error = common::child::refusing(&[libc::SYS_renameat2], number, || {
            try_to_overwrite(&name).unwrap_err()
        });
        assert_eq!(error.kind(), ErrorKind::Unsupported);
        assert!(error.to_string().contains("remove the socket file"), "{error}");
    }
    assert_eq!(files(folder.path()), ["s"]);
    UnixStream::connect(path).unwrap();
    listener.accept().unwrap();
}
