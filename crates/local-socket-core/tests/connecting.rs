//! Reaching a listener, or not.

mod common;

use common::{fresh_id, fresh_names, listen};
#[cfg(unix)]
use common::{fresh_path, path_name};
use local_socket::{
    ConnectOptions, ConnectWaitMode, Listener, ListenerOptions, Name, Stream,
    error::{AddressError, NameError, Operation, os_error},
    prelude::*,
    traits,
};
#[cfg(unix)]
use std::os::fd::AsFd;
use std::{
    io::{self, ErrorKind, Read, Write},
    time::Duration,
};

#[cfg(unix)]
const NOT_THERE: i32 = libc::ENOENT;
#[cfg(windows)]
const NOT_THERE: i32 = windows_sys::Win32::Foundation::ERROR_FILE_NOT_FOUND.cast_signed();

/// A path with nobody there, on Windows one of a pipe.
fn nobodys_path() -> Name<'static> {
    let (_folder, mut names) = fresh_names();
    names.remove(0)
}

fn options(name: &Name<'_>, mode: ConnectWaitMode) -> ConnectOptions<'static> {
    ConnectOptions::new().name(name.clone().into_owned()).wait_mode(mode)
}

const MODES: [ConnectWaitMode; 4] = [
    ConnectWaitMode::Unbounded,
    ConnectWaitMode::Deferred,
    ConnectWaitMode::Timeout(Duration::from_secs(5)),
    ConnectWaitMode::Timeout(Duration::MAX),
];

#[test]
fn a_path_that_is_not_there_is_not_found_in_every_mode() {
    for mode in MODES {
        let error = options(&nobodys_path(), mode).connect_sync().unwrap_err();
        assert_eq!(error.kind(), ErrorKind::NotFound);
        assert_eq!(os_error(&error), Some(NOT_THERE));
    }
}

#[test]
#[cfg(unix)]
fn a_name_that_nobody_holds_is_refused_in_every_mode() {
    let (_folder, path) = fresh_path();
    let name = path_name(path);
    drop(ListenerOptions::new().name(name.borrow()).reclaim_name(false).create_sync().unwrap());
    for mode in MODES {
        let error = options(&name, mode).connect_sync().unwrap_err();
        assert_eq!(error.kind(), ErrorKind::ConnectionRefused);
        assert_eq!(os_error(&error), Some(libc::ECONNREFUSED));
    }
}

#[test]
fn the_error_of_connecting_says_whom_and_has_no_time_limit_to_blame() {
    let name = nobodys_path();
    for mode in MODES {
        let error = options(&name, mode).connect_sync().unwrap_err();
        let inner = error.get_ref().and_then(|inner| inner.downcast_ref::<AddressError>()).unwrap();
        assert_eq!(inner.operation(), Operation::Connect);
        assert_eq!(inner.name(), &name);
        assert_eq!(inner.limit(), None);
        let source = std::error::Error::source(inner).unwrap().downcast_ref::<io::Error>();
        assert_eq!(source.unwrap().raw_os_error(), Some(NOT_THERE));
    }
}

#[test]
fn without_a_name_connecting_is_refused_in_every_mode() {
    for mode in MODES {
        let error = ConnectOptions::new().wait_mode(mode).connect_sync().unwrap_err();
        assert_eq!(error.kind(), ErrorKind::InvalidInput);
        let inner = error.get_ref().and_then(|inner| inner.downcast_ref::<NameError>());
        assert_eq!(inner, Some(&NameError::Missing));
    }
}

#[test]
#[cfg(target_os = "linux")]
fn a_regular_file_and_an_unheld_abstract_name_are_refused() {
    let (_folder, path) = fresh_path();
    std::fs::write(&path, "").unwrap();
    for name in [path_name(path), fresh_id()] {
        let error = options(&name, ConnectWaitMode::Unbounded).connect_sync().unwrap_err();
        assert_eq!(error.kind(), ErrorKind::ConnectionRefused);
    }
}

#[test]
fn every_mode_gives_a_stream_that_works_and_blocks_as_asked() {
    for (mode, nonblocking) in MODES.into_iter().flat_map(|m| [(m, false), (m, true)]) {
        let name = fresh_id();
        let listener = listen(&name);
        let mut client =
            options(&name, mode).nonblocking_stream(nonblocking).connect_sync().unwrap();
        let mut server = listener.accept().unwrap();
        #[cfg(unix)]
        {
            let Stream::UdSocket(inner) = &client;
            let flags = rustix::fs::fcntl_getfl(inner.as_fd()).unwrap();
            assert_eq!(flags.contains(rustix::fs::OFlags::NONBLOCK), nonblocking, "{mode:?}");
            assert_eq!(inner.inner().write_timeout().unwrap(), None, "{mode:?}");
        }
        if nonblocking {
            assert_eq!(client.read(&mut [0]).unwrap_err().kind(), ErrorKind::WouldBlock);
        }
        client.write_all(b"x").unwrap();
        assert_eq!(server.read(&mut [0; 8]).unwrap(), 1);
    }
}

#[test]
fn a_listener_can_be_reached_by_its_type_and_by_the_short_way() {
    let name = fresh_id();
    let listener: Listener = ListenerOptions::new().name(name.borrow()).create_sync_as().unwrap();
    let _client = <Stream as traits::Stream>::connect(name).unwrap();
    listener.accept().unwrap();
}
