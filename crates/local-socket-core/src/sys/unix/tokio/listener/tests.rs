//! Listeners whose sockets may hold descriptors that nobody asked for, as on kernels that can't
//! refuse them.

use super::*;
use crate::sys::unix::descriptors::tests::{
    assert_name_is_free_after_drop, assert_quick, lingering, send_descriptors,
};
use std::{
    net::TcpStream,
    os::{
        linux::net::SocketAddrExt,
        unix::net::{SocketAddr, UnixListener as StdUnixListener, UnixStream as StdUnixStream},
    },
};

fn address(what: &str) -> SocketAddr {
    let id = format!("local-socket-suspect-{what}-{}", std::process::id());
    SocketAddr::from_abstract_name(id).expect("the name is short")
}

fn suspect(address: &SocketAddr) -> io::Result<Listener> {
    let socket = StdUnixListener::bind_addr(address)?;
    socket.set_nonblocking(true)?;
    let socket = Guarded::new(socket, true).holding_a_name();
    Listener::register(Bound { reclaim: None, socket })
}

/// Passes a TCP socket that holds up whoever closes it last; gives the end that nobody reads.
fn pass_what_lingers(socket: &StdUnixStream) -> TcpStream {
    let (tcp, unread) = lingering();
    send_descriptors(socket, b"x", &[tcp.as_fd()]).expect("sent");
    unread
}

#[::tokio::test]
async fn a_lingering_descriptor_in_the_backlog_does_not_hold_up_its_drop() {
    let address = address("backlog");
    let listener = suspect(&address).unwrap();
    let client = StdUnixStream::connect_addr(&address).unwrap();
    let _unread = pass_what_lingers(&client);
    assert_quick("dropping a listener", || drop(listener));
}

#[::tokio::test]
async fn streams_of_a_suspect_listener_are_suspects_however_they_are_accepted() {
    let address = address("streams");
    let listener = suspect(&address).unwrap();
    let mut clients = Vec::new();
    let mut unread = Vec::new();
    for _ in 0..2 {
        let client = StdUnixStream::connect_addr(&address).unwrap();
        unread.push(pass_what_lingers(&client));
        clients.push(client);
    }
    let accepted = traits::tokio::Listener::accept(&listener).await.unwrap();
    assert_quick("dropping an accepted stream", || drop(accepted));
    let accepted = listener.try_accept().unwrap();
    assert_quick("dropping a stream accepted without waiting", || drop(accepted));
}

#[::tokio::test]
async fn the_abstract_name_of_a_suspect_listener_is_free_once_it_is_dropped() {
    let address = address("name");
    assert_name_is_free_after_drop(|| suspect(&address));
}
