//! Descriptors that a peer passes along, and what holds up whoever closes them.

use super::connect;
use local_socket::{Allow, Listener, ListenerNonblockingMode, ListenerOptions, Name, Stream};
use rustix::{
    io::Errno,
    net::{
        SendAncillaryBuffer, SendAncillaryMessage, SendFlags, sendmsg, sockopt::set_socket_linger,
    },
};
use std::{
    io::{IoSlice, Write},
    mem::MaybeUninit,
    net::{TcpListener, TcpStream},
    os::fd::{AsFd, BorrowedFd},
    time::Duration,
};

/// How long whoever closes what lingers is held up, unless its other end is dropped before. No machine
/// is so busy that it takes half as long by itself.
pub const LINGERS: Duration = Duration::from_secs(120);

/// Passes a descriptor along with a byte.
pub fn pass(stream: &impl AsFd, descriptor: BorrowedFd<'_>) {
    try_to_pass(stream, descriptor).unwrap();
}

fn try_to_pass(stream: &impl AsFd, descriptor: BorrowedFd<'_>) -> Result<(), Errno> {
    let descriptors = [descriptor];
    let mut space = [MaybeUninit::uninit(); rustix::cmsg_space!(ScmRights(1))];
    let mut control = SendAncillaryBuffer::new(&mut space);
    assert!(control.push(SendAncillaryMessage::ScmRights(&descriptors)));
    sendmsg(stream, &[IoSlice::new(b"x")], &mut control, SendFlags::empty()).map(drop)
}

/// Passes a TCP socket with bytes unsent because nobody reads them, and SO_LINGER. It lingers as long
/// as what is given is held.
pub fn pass_lingering(stream: &impl AsFd) -> TcpStream {
    try_to_pass_lingering(stream).unwrap()
}

/// As [`pass_lingering`], where it may be refused.
pub fn try_to_pass_lingering(stream: &impl AsFd) -> Result<TcpStream, Errno> {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let client = TcpStream::connect(listener.local_addr().unwrap()).unwrap();
    let (unread, _) = listener.accept().unwrap();
    set_socket_linger(&client, Some(LINGERS)).unwrap();
    client.set_nonblocking(true).unwrap();
    let block = [0; 65536];
    while (&client).write(&block).is_ok() {}
    try_to_pass(stream, client.as_fd())?;
    Ok(unread)
}

/// A client that passes what lingers, as long as what is given with it is held.
pub fn lingering_client(name: &Name<'_>) -> (Stream, TcpStream) {
    let client = connect(name);
    let Stream::UdSocket(inner) = &client;
    let unread = pass_lingering(inner);
    (client, unread)
}

/// A listener that lets nobody in, where descriptors can be received.
pub fn closed_to_all(name: &Name<'_>) -> Listener {
    ListenerOptions::new()
        .name(name.borrow())
        .allow(Allow::any_of([]))
        .nonblocking(ListenerNonblockingMode::Accept)
        .create_sync()
        .unwrap()
}
