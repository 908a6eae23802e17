//! Giving names back on tokio, and listeners that are made of others.
#![cfg(all(feature = "tokio", unix))]

mod common;

use common::{
    fresh_id, fresh_path, path_name,
    tokio::{accept, at_once, connect, listen},
};
use local_socket::{
    ListenerOptions, Name,
    os::unix::uds_local_socket::tokio as uds,
    tokio::{Listener, prelude::*},
};
use rustix::fs::{OFlags, fcntl_getfl};
use std::{
    fs,
    os::{
        fd::{AsFd, OwnedFd},
        unix::{
            fs::FileTypeExt,
            net::{UnixListener, UnixStream},
        },
    },
    panic::{AssertUnwindSafe, catch_unwind},
    path::Path,
};
use tokio::runtime::{Builder, Runtime};

/// One made on tokio, and one made of a listener for threads.
const WAYS: [fn(&Name<'_>) -> Listener; 2] = [listen, |name| {
    let local_socket::Listener::UdSocket(listener) = common::listen(name);
    uds::Listener::try_from(listener).expect("it registers").into()
}];

fn runtime() -> Runtime {
    Builder::new_current_thread().enable_all().build().expect("a runtime")
}

fn is_socket(path: &Path) -> bool {
    fs::symlink_metadata(path).is_ok_and(|file| file.file_type().is_socket())
}

#[tokio::test]
async fn dropping_removes_the_socket_file_and_the_name_can_be_taken_again() {
    let (_folder, path) = fresh_path();
    for make in WAYS {
        for _ in 0..3 {
            let listener = make(&path_name(path.clone()));
            assert!(is_socket(&path));
            drop(listener);
            assert!(!path.exists());
        }
        let id = fresh_id();
        for _ in 0..3 {
            drop(make(&id));
        }
    }
}

#[tokio::test]
async fn dropping_leaves_a_newer_socket_at_the_same_path() {
    for make in WAYS {
        let (_folder, path) = fresh_path();
        let name = path_name(path.clone());
        let old = make(&name);
        fs::remove_file(&path).unwrap();
        let new = make(&name);
        drop(old);
        connect(&name).await;
        accept(&new).await;
    }
}

#[tokio::test]
async fn dropping_leaves_a_regular_file_put_in_its_place() {
    for make in WAYS {
        let (_folder, path) = fresh_path();
        let listener = make(&path_name(path.clone()));
        fs::remove_file(&path).unwrap();
        fs::write(&path, "precious").unwrap();
        drop(listener);
        assert_eq!(fs::read_to_string(&path).unwrap(), "precious");
    }
}

#[tokio::test]
async fn dropping_leaves_the_file_when_told_so_before_or_after() {
    let (_folder, path) = fresh_path();
    let name = path_name(path.clone());
    drop(ListenerOptions::new().name(name.borrow()).reclaim_name(false).create_tokio().unwrap());
    assert!(is_socket(&path));
    fs::remove_file(&path).unwrap();
    for make in WAYS {
        let mut listener = make(&name);
        listener.do_not_reclaim_name_on_drop();
        drop(listener);
        assert!(is_socket(&path));
        fs::remove_file(&path).unwrap();
    }
}

#[tokio::test]
async fn a_listener_from_sync_keeps_and_gives_back_its_name() {
    let (_folder, path) = fresh_path();
    let name = path_name(path.clone());
    let local_socket::Listener::UdSocket(listener) = common::listen(&name);
    let _client = common::connect(&name);
    let listener = Listener::from(uds::Listener::try_from(listener).unwrap());
    assert_eq!(listener.name(), Some(&name));
    accept(&listener).await;
    assert!(at_once(listener.accept()).await.is_none(), "nobody else is there");
    drop(listener);
    assert!(!path.exists());
}

#[tokio::test]
async fn a_listener_becomes_a_descriptor_and_one_again_and_its_file_stays() {
    let (_folder, path) = fresh_path();
    let name = path_name(path.clone());
    let Listener::UdSocket(listener) = listen(&name);
    let listener = UnixListener::from(OwnedFd::try_from(listener).unwrap());
    let _client = UnixStream::connect(&path).unwrap();
    listener.accept().unwrap();
    let listener = Listener::from(uds::Listener::try_from(OwnedFd::from(listener)).unwrap());
    assert_eq!(listener.name(), None);
    let _client = connect(&name).await;
    accept(&listener).await;
    drop(listener);
    assert!(is_socket(&path));
}

#[tokio::test]
async fn a_blocking_descriptor_is_made_nonblocking() {
    let (_folder, path) = fresh_path();
    let listener = UnixListener::bind(&path).unwrap();
    let listener = uds::Listener::try_from(OwnedFd::from(listener)).unwrap();
    assert!(fcntl_getfl(listener.as_fd()).unwrap().contains(OFlags::NONBLOCK));
    let listener = Listener::from(listener);
    assert!(at_once(listener.accept()).await.is_none(), "nobody is there");
    let _client = UnixStream::connect(&path).unwrap();
    accept(&listener).await;
}

#[tokio::test]
#[cfg(target_os = "linux")]
async fn a_descriptor_that_nobody_can_wait_for_is_an_error() {
    let file = tempfile::tempfile().unwrap();
    let error = uds::Listener::try_from(OwnedFd::from(file)).unwrap_err();
    assert_eq!(error.raw_os_error(), Some(libc::EPERM));
}

#[test]
fn a_listener_can_be_dropped_without_a_runtime() {
    let (_folder, path) = fresh_path();
    let name = path_name(path.clone());
    for make in WAYS {
        let runtime = runtime();
        let listener = runtime.block_on(async { make(&name) });
        drop(listener);
        assert!(!path.exists());
        let listener = runtime.block_on(async { make(&name) });
        drop(runtime);
        assert!(is_socket(&path));
        drop(listener);
        assert!(!path.exists());
    }
}

#[test]
fn listening_without_a_runtime_panics_and_leaves_the_name_free() {
    let (_folder, path) = fresh_path();
    for name in [path_name(path.clone()), fresh_id()] {
        for make in WAYS {
            catch_unwind(AssertUnwindSafe(|| make(&name))).expect_err("there is no runtime");
            assert!(!path.exists());
        }
        common::listen(&name);
    }
}

#[test]
fn what_is_put_in_place_of_a_listener_that_could_not_register_stays() {
    let (_folder, path) = fresh_path();
    let local_socket::Listener::UdSocket(listener) = common::listen(&path_name(path.clone()));
    fs::remove_file(&path).unwrap();
    fs::write(&path, "precious").unwrap();
    catch_unwind(AssertUnwindSafe(|| uds::Listener::try_from(listener)))
        .expect_err("there is no runtime");
    assert_eq!(fs::read_to_string(&path).unwrap(), "precious");
}
