//! Through the enums on tokio to what is within, and back, on Windows.

use crate::on_tokio::soon;
use interprocess::{
    local_socket::{
        ConnectOptions, ListenerOptions, Name,
        tokio::{Listener, Stream, prelude::*},
    },
    os::windows::named_pipe::local_socket::tokio as pipes,
};
use std::{io, process};
use tokio::{
    io::{AsyncReadExt, AsyncWriteExt},
    try_join,
};

pub async fn convert(name: &Name<'_>) -> io::Result<()> {
    let listener = ListenerOptions::new().name(name.borrow()).create_tokio()?;
    let Listener::NamedPipe(inner) = listener;
    let listener = Listener::from(inner);
    let options = ConnectOptions::new().name(name.borrow());
    let client = options.connect_tokio_as::<pipes::Stream>();
    let (client, mut server) = soon(async { try_join!(client, listener.accept()) }).await?;
    let pid = client.peer_creds()?.pid();
    println!("this process: {}, error: {:?}", pid == Some(process::id()), client.take_error()?);
    let mut client = Stream::from(client);
    server.write_all(b"!").await?;
    println!("{}", soon(client.read_u8()).await? as char);
    Ok(())
}
