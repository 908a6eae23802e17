//! Reaching a listener on tokio, or not.
#![cfg(feature = "tokio")]

mod common;

use common::{
    fresh_id, fresh_names,
    tokio::{accept, connect, inner, listen, within},
};
#[cfg(unix)]
use common::{fresh_path, path_name};
#[cfg(unix)]
use local_socket::os::unix::{ConnectOptionsExt, ListenerOptionsExt};
use local_socket::{
    ConnectOptions, ConnectWaitMode, ListenerOptions, Name, TryClone,
    error::{AddressError, NameError, Operation, os_error},
    tokio::{Stream, prelude::*},
    traits,
};
use std::{
    io::{self, ErrorKind, Read, Write},
    time::Duration,
};
use tokio::{
    io::{AsyncReadExt, AsyncWriteExt},
    runtime::Builder,
};

fn options(name: &Name<'_>, mode: ConnectWaitMode) -> ConnectOptions<'static> {
    ConnectOptions::new().name(name.clone().into_owned()).wait_mode(mode)
}

const MODES: [ConnectWaitMode; 5] = [
    ConnectWaitMode::Unbounded,
    ConnectWaitMode::Deferred,
    ConnectWaitMode::Timeout(Duration::ZERO),
    ConnectWaitMode::Timeout(Duration::from_secs(5)),
    ConnectWaitMode::Timeout(Duration::MAX),
];

fn cause(error: &io::Error) -> &AddressError {
    error.get_ref().and_then(|cause| cause.downcast_ref()).expect("the name in the error")
}

#[tokio::test]
async fn a_name_that_is_not_there_is_not_found_in_every_mode() {
    /// ENOENT, and ERROR_FILE_NOT_FOUND.
    const NOT_FOUND: i32 = 2;
    let (_folder, names) = fresh_names();
    for mode in MODES {
        let options = options(&names[0], mode);
        let error = within("an error", options.connect_tokio()).await.unwrap_err();
        assert_eq!(error.kind(), ErrorKind::NotFound);
        assert_eq!(os_error(&error), Some(NOT_FOUND));
    }
}

#[tokio::test]
#[cfg(unix)]
async fn a_name_that_nobody_holds_is_refused_in_every_mode() {
    let (_folder, path) = fresh_path();
    let name = path_name(path);
    drop(ListenerOptions::new().name(name.borrow()).reclaim_name(false).create_tokio().unwrap());
    for mode in MODES {
        let options = options(&name, mode);
        let error = within("an error", options.connect_tokio()).await.unwrap_err();
        assert_eq!(error.kind(), ErrorKind::ConnectionRefused);
        assert_eq!(os_error(&error), Some(libc::ECONNREFUSED));
    }
}

#[tokio::test]
async fn an_error_of_connecting_names_whom_and_no_limit_that_was_not_the_reason() {
    let (_folder, names) = fresh_names();
    let name = &names[0];
    let mode = ConnectWaitMode::Timeout(Duration::from_secs(5));
    let error = options(name, mode).connect_tokio().await.unwrap_err();
    let cause = cause(&error);
    assert_eq!(cause.operation(), Operation::Connect);
    assert_eq!(cause.name(), name);
    assert_eq!(cause.limit(), None);
    assert!(error.to_string().contains(&name.to_string()), "{error}");
}

#[tokio::test]
async fn without_a_name_listening_and_connecting_are_refused() {
    let listening = ListenerOptions::new().create_tokio().unwrap_err();
    let connecting = ConnectOptions::new().connect_tokio().await.unwrap_err();
    for error in [listening, connecting] {
        assert_eq!(error.kind(), ErrorKind::InvalidInput);
        let cause = error.get_ref().and_then(|cause| cause.downcast_ref());
        assert_eq!(cause, Some(&NameError::Missing));
    }
}

#[tokio::test]
async fn every_mode_gives_a_stream_that_works() {
    let (_folder, names) = fresh_names();
    for name in names {
        let listener = listen(&name);
        for (mode, nonblocking) in MODES.into_iter().flat_map(|m| [(m, false), (m, true)]) {
            let options = options(&name, mode).nonblocking_stream(nonblocking);
            let mut client = within("a connection", options.connect_tokio()).await.unwrap();
            let mut server = accept(&listener).await;
            assert!(client.take_error().unwrap().is_none());
            let talk = async {
                client.write_all(b"x").await.unwrap();
                let byte = server.read_u8().await.unwrap();
                server.write_u8(byte).await.unwrap();
                client.read_u8().await.unwrap()
            };
            assert_eq!(within("an answer", talk).await, b'x', "{mode:?}");
        }
    }
}

#[tokio::test]
async fn options_connect_again_and_again() {
    let name = fresh_id();
    let listener = listen(&name);
    let options = options(&name, ConnectWaitMode::Unbounded);
    for options in [&options, &options, &options.try_clone().unwrap()] {
        let (client, server) = tokio::join!(options.connect_tokio(), accept(&listener));
        client.unwrap().write_all(b"x").await.unwrap();
        assert_eq!(within("a byte", { server }.read_u8()).await.unwrap(), b'x');
    }
}

#[tokio::test]
async fn a_listener_can_be_reached_by_type_and_by_the_short_way() {
    let name = fresh_id();
    let listener = listen(&name);
    let options = options(&name, ConnectWaitMode::Unbounded);
    let _: Stream = options.connect_tokio_as().await.unwrap();
    let _: inner::Stream = options.connect_tokio_as().await.unwrap();
    <Stream as traits::tokio::Stream>::connect(name.borrow()).await.unwrap();
    <inner::Stream as traits::tokio::Stream>::connect(name).await.unwrap();
    for _ in 0..4 {
        accept(&listener).await;
    }
}

#[tokio::test]
async fn nothing_happens_until_a_connection_is_waited_for() {
    let name = fresh_id();
    let options = options(&name, ConnectWaitMode::Deferred);
    let connecting = options.connect_tokio();
    let listener = listen(&name);
    assert_eq!(listener.try_accept().unwrap_err().kind(), ErrorKind::WouldBlock);
    connecting.await.unwrap();
    listener.try_accept().unwrap();
}

/// Asks a byte of a server that is no business of ours.
#[cfg(unix)]
fn ask_by_std(name: &Name<'_>) -> u8 {
    ask(std::os::unix::net::UnixStream::connect(name.as_path().unwrap()).unwrap())
}

/// Asks a byte of a server that is no business of ours.
#[cfg(windows)]
fn ask_by_std(name: &Name<'_>) -> u8 {
    let path = name.as_path().unwrap();
    ask(std::fs::File::options().read(true).write(true).open(path).unwrap())
}

#[tokio::test]
async fn blocking_clients_and_servers_of_ours_and_of_std_are_the_other_end() {
    let (_folder, names) = fresh_names();
    let name = &names[0];
    let listener = listen(name);
    for is_std in [false, true] {
        let name = name.clone();
        let asking = common::tokio::on_a_thread(move || match is_std {
            true => ask_by_std(&name),
            false => ask(common::connect(&name)),
        });
        let answering = async { answer(accept(&listener).await).await };
        let both = async { tokio::join!(asking, answering) };
        assert_eq!(within("an answer to a blocking client", both).await.0, b'?');
    }
    drop(listener);
    let listener = common::listen(name);
    let mut client = connect(name).await;
    let answering = common::tokio::on_a_thread(move || {
        let mut server = { listener }.next().unwrap().unwrap();
        let mut byte = [0];
        server.read_exact(&mut byte).unwrap();
        server.write_all(&byte).unwrap();
    });
    client.write_all(b"!").await.unwrap();
    let both = async { tokio::join!(answering, client.read_u8()) };
    assert_eq!(within("a blocking server's answer", both).await.1.unwrap(), b'!');
}

fn ask(mut stream: impl Read + Write) -> u8 {
    let mut byte = *b"?";
    stream.write_all(&byte).unwrap();
    byte = [0];
    stream.read_exact(&mut byte).unwrap();
    byte[0]
}

async fn answer(mut stream: Stream) {
    let byte = stream.read_u8().await.unwrap();
    stream.write_u8(byte).await.unwrap();
}

#[tokio::test]
#[cfg(unix)]
async fn both_ends_see_this_process_and_user() {
    let name = fresh_id();
    let listener = listen(&name);
    let client = connect(&name).await;
    let server = accept(&listener).await;
    for stream in [client, server] {
        let creds = stream.peer_creds().unwrap();
        assert_eq!(creds.euid(), Some(rustix::process::geteuid().as_raw()));
        assert_eq!(creds.egid(), Some(rustix::process::getegid().as_raw()));
        if cfg!(target_os = "linux") {
            assert_eq!(creds.pid(), i32::try_from(std::process::id()).ok());
        }
    }
}

#[tokio::test]
#[cfg(unix)]
async fn streams_work_with_descriptors_refused_at_either_end_or_both() {
    for (listening, connecting) in [(false, true), (true, false), (false, false)] {
        let name = fresh_id();
        let listener = ListenerOptions::new().name(name.borrow()).receive_descriptors(listening);
        let listener = listener.create_tokio().unwrap();
        let options = options(&name, ConnectWaitMode::Unbounded).receive_descriptors(connecting);
        let mut client = options.connect_tokio().await.unwrap();
        let server = accept(&listener).await;
        let asking = async {
            client.write_u8(b'?').await.unwrap();
            client.read_u8().await.unwrap()
        };
        let both = async { tokio::join!(asking, answer(server)) };
        assert_eq!(within("an answer", both).await.0, b'?');
    }
}

#[test]
fn connecting_and_accepting_need_no_timers() {
    let runtime = Builder::new_current_thread().enable_io().build().unwrap();
    common::within("a connection on a runtime without timers", move || {
        runtime.block_on(async {
            let name = fresh_id();
            let listener = listen(&name);
            let mode = ConnectWaitMode::Timeout(Duration::from_secs(5));
            let options = options(&name, mode);
            let (client, server) = tokio::join!(options.connect_tokio(), listener.accept());
            client.unwrap().write_u8(b'x').await.unwrap();
            assert_eq!(server.unwrap().read_u8().await.unwrap(), b'x');
        });
    });
}

/// Names in the folder where all users meet are looked at before and after.
#[tokio::test]
#[cfg(unix)]
#[allow(deprecated, reason = "they work all the same")]
async fn a_symlink_in_the_shared_folder_is_not_followed() {
    // Within a folder of its own, since others may hold the lock of the shared one.
    let (_shared, id) = common::special::folder();
    let name = common::special::special(format!("{id}/s"));
    let listener = listen(&name);
    let _client = connect(&name).await;
    accept(&listener).await;
    drop(listener);

    let (_folder, path) = fresh_path();
    let listener = listen(&path_name(path.clone()));
    let link = name.as_path().unwrap();
    std::os::unix::fs::symlink(path, link).unwrap();
    let connecting = ConnectOptions::new().name(name.borrow());
    let error = within("an error", connecting.connect_tokio()).await.unwrap_err();
    assert_eq!(cause(&error).name(), &name);
    assert_eq!(listener.try_accept().unwrap_err().kind(), ErrorKind::WouldBlock);
}
