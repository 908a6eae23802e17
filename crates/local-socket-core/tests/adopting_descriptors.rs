//! Descriptors that nobody asked for, sent by clients that connected before there was a listener
//! that refuses them. Alone in its program, since closing them is held up.
#![cfg(target_os = "linux")]

mod common;

use common::{
    descriptors::{LINGERS, pass_lingering, try_to_pass_lingering},
    fresh_path,
};
use local_socket::{ListenerOptions, Stream, os::unix::ListenerOptionsExt, prelude::*};
use rustix::io::Errno;
use std::{
    net::TcpStream,
    os::unix::net::{UnixListener, UnixStream},
    path::Path,
    time::Instant,
};

/// A client, and the other end of what it has sent.
type Client = (UnixStream, TcpStream);

fn client_that_lingers(path: &Path) -> Client {
    let client = UnixStream::connect(path).expect("somebody listens");
    let unread = pass_lingering(&client);
    (client, unread)
}

fn quick<T>(what: &str, action: impl FnOnce() -> T) -> T {
    let start = Instant::now();
    let result = action();
    assert!(start.elapsed() < LINGERS / 2, "{what} was held up for {:?}", start.elapsed());
    result
}

fn options() -> ListenerOptions<'static> {
    ListenerOptions::new().receive_descriptors(false)
}

#[test]
fn what_an_earlier_client_sent_holds_up_neither_a_read_nor_a_drop() {
    let (_folder, path) = fresh_path();
    let socket = UnixListener::bind(&path).unwrap();
    let _clients = [(); 3].map(|()| client_that_lingers(&path));
    let listener = options().create_sync_from(socket.into()).unwrap();
    let stream = listener.accept().unwrap();
    quick("a read", || assert_eq!(stream.try_read(&mut [0; 8]).unwrap(), 1));
    let stream = listener.accept().unwrap();
    quick("dropping a stream", || drop(stream));
    quick("dropping the listener", || drop(listener));
}

#[test]
fn a_later_client_is_refused_by_the_kernel_or_read_with_care() {
    let (_folder, path) = fresh_path();
    let socket = UnixListener::bind(&path).unwrap();
    let _earlier = UnixStream::connect(&path).unwrap();
    let listener = options().create_sync_from(socket.into()).unwrap();
    let later = UnixStream::connect(&path).unwrap();
    let [earlier_is_read_with_care, later_is_read_with_care] = [(); 2].map(|()| {
        let Stream::UdSocket(stream) = listener.accept().unwrap();
        let with_care = stream.sheds_descriptors();
        if with_care {
            return true;
        }
        // While the stream is open: afterwards the error would be another one.
        assert_eq!(try_to_pass_lingering(&later).unwrap_err(), Errno::PERM);
        false
    });
    assert!(earlier_is_read_with_care);
    let kernel_can = kernel_refuses();
    assert_eq!(later_is_read_with_care, !kernel_can);
}

/// Whether streams of a listener that made its own name need no care.
fn kernel_refuses() -> bool {
    let (_folder, path) = fresh_path();
    let name = common::path_name(path.clone());
    let listener = options().name(name).create_sync().unwrap();
    let _client = UnixStream::connect(path).unwrap();
    let Stream::UdSocket(stream) = listener.accept().unwrap();
    !stream.sheds_descriptors()
}

#[cfg(feature = "tokio")]
#[::tokio::test]
async fn what_an_earlier_client_sent_holds_up_nothing_on_tokio() {
    let (_folder, path) = fresh_path();
    let socket = UnixListener::bind(&path).unwrap();
    let _clients = [(); 3].map(|()| client_that_lingers(&path));
    let listener = options().create_tokio_from(socket.into()).unwrap();
    let accepted = common::tokio::accept(&listener).await;
    quick("dropping an accepted stream", || drop(accepted));
    let accepted = listener.try_accept().unwrap();
    quick("dropping a stream accepted without waiting", || drop(accepted));
    quick("dropping the listener", || drop(listener));
}
