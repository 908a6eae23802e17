//! What the errors of listening and connecting say.

mod common;

use common::{fresh_id, fresh_path, listen, path_name, wine};
use local_socket::{
    ConnectOptions, ConnectWaitMode, ListenerOptions, Name, Stream,
    error::{AddressError, NameError, Operation, os_error},
};
use std::{
    error::Error,
    io::{self, ErrorKind},
    time::Duration,
};

/// What the system says of nobody listening at a path, of a name in use, and of writing to nobody.
#[cfg(unix)]
mod numbers {
    pub const MISSING: i32 = libc::ENOENT;
    pub const IN_USE: i32 = libc::EADDRINUSE;
    pub const CLOSED: i32 = libc::EPIPE;
}
#[cfg(windows)]
mod numbers {
    pub const MISSING: i32 = 2; // ERROR_FILE_NOT_FOUND
    pub const IN_USE: i32 = 10_048; // WSAEADDRINUSE
    pub const CLOSED: i32 = 232; // ERROR_NO_DATA
}
use numbers::*;

fn inside(error: &io::Error) -> &AddressError {
    error.get_ref().and_then(|cause| cause.downcast_ref()).expect("the error holds the name")
}

/// The number that is in the error, and in its source.
fn number(error: &io::Error) -> Option<i32> {
    let source = inside(error).source().and_then(|source| source.downcast_ref::<io::Error>());
    assert_eq!(os_error(error), source.and_then(io::Error::raw_os_error));
    assert_eq!(os_error(error), inside(error).os_error());
    os_error(error)
}

fn connect(name: &Name<'_>, mode: ConnectWaitMode) -> io::Result<Stream> {
    ConnectOptions::new().name(name.borrow()).wait_mode(mode).connect_sync()
}

const MODES: [ConnectWaitMode; 3] = [
    ConnectWaitMode::Unbounded,
    ConnectWaitMode::Deferred,
    ConnectWaitMode::Timeout(Duration::from_secs(5)),
];

#[test]
fn an_error_of_connecting_names_whom_and_keeps_the_systems_number() {
    let (_folder, path) = fresh_path();
    let mut cases = vec![(path_name(path), ErrorKind::NotFound, MISSING)];
    #[cfg(any(target_os = "linux", target_os = "android"))]
    cases.push((fresh_id(), ErrorKind::ConnectionRefused, libc::ECONNREFUSED));
    #[cfg(windows)]
    cases.push((fresh_id(), ErrorKind::NotFound, MISSING));
    for (name, kind, errno) in cases {
        for mode in MODES {
            // There is no connection there that could become one later.
            if cfg!(windows) && matches!(mode, ConnectWaitMode::Deferred) {
                continue;
            }
            let error = connect(&name, mode).unwrap_err();
            assert_eq!((error.kind(), number(&error)), (kind, Some(errno)));
            assert_eq!(inside(&error).name(), &name);
            assert_eq!(inside(&error).operation(), Operation::Connect);
            assert_eq!(inside(&error).limit(), None);
            assert!(error.to_string().starts_with(&format!("connect to {name}: ")), "{error}");
        }
    }
}

#[test]
#[cfg(any(target_os = "linux", target_os = "android"))]
fn an_error_of_connecting_in_time_tells_the_limit() {
    const LIMIT: Duration = Duration::from_millis(150);
    let name = fresh_id();
    let _listener = ListenerOptions::new().name(name.borrow()).backlog(0).create_sync().unwrap();
    let mut queued = Vec::new();
    let full = loop {
        match connect(&name, ConnectWaitMode::Deferred) {
            Ok(stream) => queued.push(stream),
            Err(error) => break error,
        }
    };
    assert_eq!((full.kind(), number(&full)), (ErrorKind::WouldBlock, Some(libc::EAGAIN)));
    assert_eq!(inside(&full).limit(), None);

    let there = name.clone();
    let late = common::within("the time limit", move || {
        connect(&there, ConnectWaitMode::Timeout(LIMIT)).unwrap_err()
    });
    assert_eq!((late.kind(), number(&late)), (ErrorKind::TimedOut, Some(libc::ETIMEDOUT)));
    assert_eq!(inside(&late).limit(), Some(LIMIT));
    assert_eq!(
        late.to_string(),
        format!("connect to {name}: nobody took the connection within 150ms")
    );
}

#[test]
fn an_error_of_listening_names_where_and_keeps_the_systems_number() {
    let (folder, path) = fresh_path();
    let (taken, id) = (path_name(path), fresh_id());
    // Wine lets everybody add an instance to anybody's pipe.
    let listeners = if wine() { vec![] } else { vec![listen(&taken), listen(&id)] };
    let mut cases = vec![];
    if !listeners.is_empty() {
        cases.push((taken, ErrorKind::AddrInUse, IN_USE));
        cases.push((id, ErrorKind::AddrInUse, IN_USE));
    }
    if cfg!(unix) {
        let nowhere = path_name(folder.path().join("nowhere/s"));
        cases.push((nowhere, ErrorKind::NotFound, MISSING));
    }
    for (name, kind, errno) in cases {
        let error = ListenerOptions::new().name(name.borrow()).create_sync().unwrap_err();
        assert_eq!((error.kind(), number(&error)), (kind, Some(errno)));
        assert_eq!(inside(&error).name(), &name);
        assert_eq!(inside(&error).operation(), Operation::Listen);
        assert_eq!(inside(&error).limit(), None);
        assert!(error.to_string().starts_with(&format!("listen at {name}: ")), "{error}");
    }
}

#[test]
fn an_error_without_a_name_says_just_that() {
    let listen = ListenerOptions::new().create_sync().unwrap_err();
    let connect = ConnectOptions::new().connect_sync().unwrap_err();
    for error in [listen, connect] {
        let cause = error.get_ref().and_then(|cause| cause.downcast_ref::<NameError>());
        assert_eq!(cause, Some(&NameError::Missing));
        assert_eq!(os_error(&error), None);
    }
}

#[test]
fn the_number_of_any_other_error_is_its_own() {
    assert_eq!(os_error(&io::Error::from_raw_os_error(CLOSED)), Some(CLOSED));
    assert_eq!(os_error(&ErrorKind::BrokenPipe.into()), None);
    assert_eq!(os_error(&io::Error::other("something")), None);
}
