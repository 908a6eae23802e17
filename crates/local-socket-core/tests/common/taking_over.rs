//! What the tests of taking names over have in common.

use super::{connect, path_name};
use local_socket::{
    Listener, ListenerOptions, Name,
    error::{AddressError, os_error},
};
use std::{fs, io::ErrorKind, os::unix::fs::MetadataExt, path::Path};

/// The name is in use, and what is there stays the same file. Gives what the error says on top.
pub fn assert_in_use(path: &Path) -> Option<String> {
    let before = fs::symlink_metadata(path).unwrap();
    let error = ListenerOptions::new().name(path_name(path)).create_sync().unwrap_err();
    assert_eq!(error.kind(), ErrorKind::AddrInUse, "{error}");
    assert_eq!(os_error(&error), Some(libc::EADDRINUSE));
    let after = fs::symlink_metadata(path).unwrap();
    assert_eq!((before.dev(), before.ino()), (after.dev(), after.ino()));
    assert_eq!(before.file_type(), after.file_type());
    let error = error.get_ref().unwrap().downcast_ref::<AddressError>().unwrap();
    error.advice().map(str::to_owned)
}

pub fn assert_reached(name: &Name<'_>, listener: &Listener) {
    let _client = connect(name);
    listener.try_accept().unwrap();
}
