//! Through the enums to what is within, to the standard library, and back, on Unix.

use crate::sockets::{listen, pass};
use interprocess::{
    local_socket::{Listener, Name, Stream, prelude::*},
    os::unix::uds_local_socket,
};
use std::{
    io,
    os::{
        fd::{AsFd, OwnedFd},
        unix::net::{UnixListener, UnixStream},
    },
};

pub fn convert(name: &Name<'_>) -> io::Result<()> {
    let Listener::UdSocket(inner) = listen(name)?;
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
