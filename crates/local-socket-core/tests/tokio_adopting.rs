//! Listeners on tokio made of descriptors that somebody else opened.
#![cfg(all(feature = "tokio", unix))]

mod common;

use common::{PATIENCE, fresh_id, fresh_path, path_name};
use local_socket::{
    ListenerOptions,
    error::{CannotListen, DescriptorError, FromFdError},
    os::unix::ListenerOptionsExt,
    tokio::{Listener, prelude::*},
};
use rustix::fs::{OFlags, fcntl_getfl};
use std::{
    io::{ErrorKind, Read},
    os::{
        fd::{AsRawFd, OwnedFd},
        unix::net::{UnixDatagram, UnixListener, UnixStream},
    },
};
use tokio::io::AsyncWriteExt;

async fn accepted(listener: &Listener) -> local_socket::tokio::Stream {
    tokio::time::timeout(PATIENCE, listener.accept()).await.expect("the client").unwrap()
}

#[tokio::test]
async fn whoever_connected_before_and_after_is_served_and_the_file_stays() {
    let (_folder, path) = fresh_path();
    let socket = UnixListener::bind(&path).unwrap();
    let mut clients = vec![UnixStream::connect(&path).unwrap()];
    let listener = ListenerOptions::new().create_tokio_from(socket.into()).unwrap();
    clients.push(UnixStream::connect(&path).unwrap());
    for client in &mut clients {
        client.set_read_timeout(Some(PATIENCE)).unwrap();
        accepted(&listener).await.write_all(b"served").await.unwrap();
        let mut heard = String::new();
        client.read_to_string(&mut heard).unwrap();
        assert_eq!(heard, "served");
    }
    assert_eq!(listener.name(), Some(&path_name(path.clone())));
    drop(listener);
    assert!(path.exists());
}

#[tokio::test]
async fn a_socket_that_blocks_is_made_nonblocking() {
    let (_folder, path) = fresh_path();
    let socket = UnixListener::bind(path).unwrap();
    let listener = ListenerOptions::new().create_tokio_from(socket.into()).unwrap();
    let Listener::UdSocket(inner) = &listener;
    assert!(fcntl_getfl(inner.inner()).unwrap().contains(OFlags::NONBLOCK));
    assert_eq!(listener.try_accept().unwrap_err().kind(), ErrorKind::WouldBlock);
}

#[tokio::test]
async fn whom_the_options_keep_out_is_turned_away() {
    let (_folder, path) = fresh_path();
    let socket = UnixListener::bind(&path).unwrap();
    let options = ListenerOptions::new().max_connections(1);
    let listener = options.create_tokio_from(socket.into()).unwrap();
    let _clients = [(); 2].map(|()| UnixStream::connect(&path).unwrap());
    let _open = accepted(&listener).await;
    assert_eq!(listener.try_accept().unwrap_err().kind(), ErrorKind::WouldBlock);
    assert_eq!(listener.refused(), 1);
}

#[tokio::test]
async fn what_can_not_listen_is_handed_back_with_the_reason() {
    let fresh = || UnixDatagram::unbound().unwrap();
    for (options, reason) in [
        (ListenerOptions::new(), DescriptorError::NotAStream),
        (ListenerOptions::new().name(fresh_id()), DescriptorError::NameOption { option: "name" }),
    ] {
        let fd = OwnedFd::from(fresh());
        let number = fd.as_raw_fd();
        let error: FromFdError<CannotListen> = options.create_tokio_from(fd).unwrap_err();
        let cause = error.cause.as_ref().and_then(|cause| cause.get_ref()).expect("a reason");
        assert_eq!(cause.downcast_ref(), Some(&reason));
        assert_eq!(error.source.expect("the descriptor came back").as_raw_fd(), number);
    }
}

#[tokio::test]
#[cfg(target_os = "linux")]
async fn clients_see_the_user_who_listened_last() {
    use common::child::{STRANGER, as_stranger, may_become_another_user};
    use std::os::{linux::net::SocketAddrExt, unix::net::SocketAddr};

    if !may_become_another_user() {
        return;
    }
    let name = fresh_id();
    let id = name.as_namespaced().unwrap().as_encoded_bytes();
    let address = SocketAddr::from_abstract_name(id).unwrap();
    let socket = UnixListener::bind_addr(&address).unwrap();
    let user = || common::connect(&name).peer_creds().unwrap().euid();
    assert_eq!(user(), Some(0));
    let runtime = tokio::runtime::Handle::current();
    let listener = as_stranger(|| {
        let _guard = runtime.enter();
        ListenerOptions::new().create_tokio_from(socket.into()).unwrap()
    });
    assert_eq!(user(), Some(STRANGER));
    drop(listener);
}
