//! Through the enums to what is within, to handles, and back, on Windows.

use crate::sockets::{listen, pass};
use interprocess::{
    TryClone,
    local_socket::{Listener, Name, Stream, prelude::*},
    os::windows::named_pipe::local_socket as pipes,
};
use std::{
    io,
    os::windows::io::{AsHandle, OwnedHandle},
};

pub fn convert(name: &Name<'_>) -> io::Result<()> {
    let listener = listen(name)?;
    let Stream::NamedPipe(client) = Stream::connect(name.borrow())?;
    let server: Stream = listener.accept()?;
    let client = pipes::Stream::try_from(OwnedHandle::from(client))?;
    let clone = client.try_clone()?;
    clone.as_handle().try_clone_to_owned()?;
    drop(client);
    println!("{}", pass(&Stream::from(clone), server, "the same handles")?);
    let Listener::NamedPipe(inner) = listener;
    let _handle = OwnedHandle::from(inner);
    Ok(())
}
