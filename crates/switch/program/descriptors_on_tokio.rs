//! Through the enums on tokio to what is within, to tokio's and the standard library's, and back, on
//! Unix.

use crate::{PATIENCE, on_tokio::soon};
use interprocess::{
    local_socket::{
        self, ConnectOptions, ListenerOptions, Name,
        tokio::{Listener, Stream, prelude::*},
    },
    os::unix::uds_local_socket::tokio as uds,
};
use std::{
    io::{self, Read},
    os::{fd::OwnedFd, unix::net::UnixStream as StdStream},
    process,
};
use tokio::{
    io::{AsyncReadExt, AsyncWriteExt},
    net::UnixStream,
};

pub async fn convert(name: &Name<'_>) -> io::Result<()> {
    let listener = ListenerOptions::new().name(name.borrow()).create_sync()?;
    let local_socket::Listener::UdSocket(inner) = listener;
    let listener: Listener = uds::Listener::try_from(inner)?.into();

    let options = ConnectOptions::new().name(name.borrow());
    let client = options.connect_tokio_as::<uds::Stream>().await?;
    let pid = client.peer_creds()?.pid().map(i64::from);
    println!(
        "this process: {}, error: {:?}",
        pid == Some(process::id().into()),
        client.take_error()?
    );
    let client = UnixStream::from(client);
    let mut client = Stream::from(uds::Stream::from(client));

    let Stream::UdSocket(server) = listener.accept().await?;
    let mut server = StdStream::from(OwnedFd::try_from(server)?);
    client.write_all(b"the same descriptors").await?;
    server.set_nonblocking(false)?;
    server.set_read_timeout(Some(PATIENCE))?;
    let mut heard = [0; 20];
    server.read_exact(&mut heard)?;
    println!("{}", String::from_utf8_lossy(&heard));
    server.set_nonblocking(true)?;
    let mut server = Stream::from(uds::Stream::try_from(OwnedFd::from(server))?);
    server.write_all(b"!").await?;
    println!("{}", soon(client.read_u8()).await? as char);
    Ok(())
}
