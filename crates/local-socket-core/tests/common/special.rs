//! What the tests of names in the shared folder have in common.
#![allow(deprecated, reason = "they have to work for those who use them")]

use super::within;
use local_socket::{
    ConnectOptions, Listener, ListenerOptions, Name, Stream, os::unix::SpecialDirUdSocket,
    prelude::*,
};
use std::{
    ffi::OsStr,
    io::{self, ErrorKind, Read, Write},
};
use tempfile::TempDir;

/// A folder of this user's among the names, and what their ids begin with.
pub fn folder() -> (TempDir, String) {
    let folder = tempfile::Builder::new().prefix("local-socket-").tempdir_in("/tmp").unwrap();
    let id = folder.path().file_name().and_then(OsStr::to_str).unwrap().to_owned();
    (folder, id)
}

pub fn special(id: impl Into<String>) -> Name<'static> {
    id.into().to_ns_name::<SpecialDirUdSocket>().expect("a good id")
}

pub fn try_connect(name: &Name<'_>) -> io::Result<Stream> {
    ConnectOptions::new().name(name.borrow()).connect_sync()
}

pub fn try_listen(name: &Name<'_>) -> io::Result<Listener> {
    ListenerOptions::new().name(name.borrow()).create_sync()
}

/// Fails unless it was refused, with this in the text.
pub fn assert_refused<T>(result: io::Result<T>, why: &str) {
    let Err(error) = result else { panic!("not refused, although: {why}") };
    assert_eq!(error.kind(), ErrorKind::PermissionDenied, "{error}");
    assert!(error.to_string().contains(why), "{error}");
}

/// Passes a byte from a client to the listener.
pub fn assert_reaches(mut client: Stream, listener: Listener) -> Listener {
    within("the client's byte", move || {
        client.write_all(b"x").unwrap();
        let mut byte = [0];
        listener.accept().unwrap().read_exact(&mut byte).unwrap();
        listener
    })
}
