//! Descriptors that nobody asked for, sent by clients that connected before there was a listener
//! that refuses them. Alone in its program, since closing them is held up for seconds.
#![cfg(target_os = "linux")]

mod common;

use common::fresh_path;
use local_socket::{ListenerOptions, Stream, os::unix::ListenerOptionsExt, prelude::*};
use rustix::{
    io::Errno,
    net::{SendAncillaryBuffer, SendAncillaryMessage, SendFlags, sendmsg},
};
use std::{
    io::{IoSlice, Write},
    mem::MaybeUninit,
    net::{TcpListener, TcpStream},
    os::{
        fd::AsFd,
        unix::net::{UnixListener, UnixStream},
    },
    path::Path,
    time::{Duration, Instant},
};

/// For how long the descriptor holds up whoever closes it last.
const LINGER: Duration = Duration::from_secs(3);

/// A client, and the other end of what it has sent.
type Client = (UnixStream, TcpStream);

/// Sends a TCP socket that holds up whoever closes it last, since it has bytes to send that nobody
/// reads.
fn send_what_lingers(client: &UnixStream) -> Result<TcpStream, Errno> {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let tcp = TcpStream::connect(listener.local_addr().unwrap()).unwrap();
    let (unread, _) = listener.accept().unwrap();
    rustix::net::sockopt::set_socket_linger(&tcp, Some(LINGER)).unwrap();
    tcp.set_nonblocking(true).unwrap();
    while (&tcp).write(&[0; 65_536]).is_ok() {}
    let descriptors = [tcp.as_fd()];
    let mut space = [MaybeUninit::uninit(); rustix::cmsg_space!(ScmRights(1))];
    let mut control = SendAncillaryBuffer::new(&mut space);
    assert!(control.push(SendAncillaryMessage::ScmRights(&descriptors)));
    sendmsg(client, &[IoSlice::new(b"x")], &mut control, SendFlags::empty())?;
    // What is closed here isn't the last reference: that one is in the queue.
    Ok(unread)
}

fn client_that_lingers(path: &Path) -> Client {
    let client = UnixStream::connect(path).expect("somebody listens");
    let unread = send_what_lingers(&client).expect("nobody refuses yet");
    (client, unread)
}

fn quick<T>(what: &str, action: impl FnOnce() -> T) -> T {
    let start = Instant::now();
    let result = action();
    assert!(start.elapsed() < LINGER / 2, "{what} was held up for {:?}", start.elapsed());
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
        assert_eq!(send_what_lingers(&later).unwrap_err(), Errno::PERM);
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
