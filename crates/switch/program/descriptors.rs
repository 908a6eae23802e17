//! What Unix has beneath: users, descriptors, the types of the standard library.

use crate::sockets::pass;
use interprocess::{
    local_socket::{Listener, ListenerOptions, Name, PeerCreds, Stream, prelude::*},
    os::unix::uds_local_socket,
};
use std::{
    io,
    os::{
        fd::{AsFd, OwnedFd},
        unix::net::{UnixListener, UnixStream},
    },
};

/// Who is at the two ends, which is this process at both.
pub fn users(seen: &PeerCreds, other: &PeerCreds) {
    println!("one user: {}", seen.euid().is_some() && seen.euid() == other.euid());
    println!("one group: {}", seen.egid().is_some() && seen.egid() == other.egid());
    println!("groups: {:?}, cut off: {}", seen.groups(), seen.groups_truncated());
}

/// Through the enums to what is within, to the standard library, and back.
pub fn conversions(name: &Name<'_>) -> io::Result<()> {
    let Listener::UdSocket(inner) = ListenerOptions::new().name(name.borrow()).create_sync()?;
    let listener = uds_local_socket::Listener::from(UnixListener::from(inner));
    listener.as_fd().try_clone_to_owned()?;
    let Stream::UdSocket(client) = Stream::connect(name.borrow())?;
    let client = UnixStream::from(OwnedFd::from(client));
    let server: Stream = listener.accept()?.into();
    let client = Stream::from(uds_local_socket::Stream::from(client));
    println!("{}", pass(client, server, "the same descriptors")?);
    if let Some(path) = listener.inner().local_addr()?.as_pathname() {
        // Whoever takes the listener out of the enum has the file on their hands.
        std::fs::remove_file(path)?;
    }
    Ok(())
}
