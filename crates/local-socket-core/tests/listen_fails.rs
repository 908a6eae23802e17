//! What is left when the name could be taken but not be listened at.
#![cfg(target_os = "linux")]

mod common;

use common::{child::refusing, connect, fresh_path, listen, path_name};
use local_socket::{
    Listener, ListenerOptions, Name, error::os_error, os::unix::ListenerOptionsExt, prelude::*,
};
use std::{fs, io, path::Path};

fn fail_to_listen(options: ListenerOptions<'_>) -> io::Error {
    refusing(&[libc::SYS_listen], libc::ENOMEM, || options.create_sync().unwrap_err())
}

fn count_files(folder: &Path) -> usize {
    fs::read_dir(folder).unwrap().count()
}

fn options<'n>(name: &'n Name<'_>) -> ListenerOptions<'n> {
    ListenerOptions::new().name(name.borrow())
}

#[test]
fn a_listen_that_fails_leaves_no_file() {
    let (folder, path) = fresh_path();
    let name = path_name(path);
    for options in [
        options(&name),
        options(&name).mode(0o666),
        options(&name).try_overwrite(true),
        options(&name).reclaim_name(false),
    ] {
        let error = fail_to_listen(options);
        assert_eq!(os_error(&error), Some(libc::ENOMEM));
        assert_eq!(count_files(folder.path()), 0);
    }
    drop(listen(&name));
}

#[test]
fn a_listen_that_fails_displaces_nobody() {
    let (folder, path) = fresh_path();
    let name = path_name(path);
    let listener: Listener = listen(&name);
    for options in [options(&name), options(&name).mode(0o666)] {
        let error = fail_to_listen(options.try_overwrite(true));
        assert_eq!(os_error(&error), Some(libc::ENOMEM));
        assert_eq!(count_files(folder.path()), 1);
    }
    connect(&name);
    listener.accept().unwrap();
}
