//! What single streams and listeners can do.
#![allow(deprecated, reason = "interprocess would rather have nobody split streams")]

use crate::{
    PATIENCE,
    blocking::{self, join},
    outcome,
};
use interprocess::{
    ConnectWaitMode, TryClone,
    local_socket::{
        ConnectOptions, Listener, ListenerNonblockingMode, ListenerOptions, Name, RecvHalf,
        ReuniteError, SendHalf, Stream,
        prelude::*,
        traits::{RecvHalf as _, SendHalf as _},
    },
};
use std::{
    io::{self, Read, Write},
    process, thread,
};

pub fn listen(name: &Name<'_>) -> io::Result<Listener> {
    ListenerOptions::new().name(name.borrow()).create_sync()
}

/// The two ends of a stream, client first.
fn pair(name: &Name<'_>) -> io::Result<(Stream, Stream)> {
    let listener = listen(name)?;
    let client = Stream::connect(name.borrow())?;
    let server = listener.accept()?;
    blocking::be_patient(&client)?;
    blocking::be_patient(&server)?;
    Ok((client, server))
}

/// Sends a word by one and gives what arrives at the other.
pub fn pass(mut from: impl Write, mut to: impl Read, word: &str) -> io::Result<String> {
    from.write_all(word.as_bytes())?;
    let mut heard = vec![0; word.len()];
    to.read_exact(&mut heard)?;
    String::from_utf8(heard).map_err(io::Error::other)
}

pub fn wait_modes(name: &Name<'_>) -> io::Result<()> {
    let listener = listen(name)?;
    let limit = ConnectWaitMode::Timeout(PATIENCE);
    // Interprocess waits on Windows whatever is asked for, and takes nothing to read for the end.
    let modes: &[_] = if cfg!(unix) {
        &[ConnectWaitMode::Unbounded, limit, ConnectWaitMode::Deferred]
    } else {
        &[ConnectWaitMode::Unbounded, limit]
    };
    for mode in modes {
        let options = ConnectOptions::new().name(name.borrow()).wait_mode(*mode);
        if cfg!(unix) {
            let client = options.try_clone()?.nonblocking_stream(true).connect_sync()?;
            let server = listener.accept()?;
            let empty = outcome((&client).read(&mut [0]));
            println!("{mode:?}: {} {empty}", pass(&client, &server, "connected")?);
        }
        let (client, server) = (options.connect_sync_as::<Stream>()?, listener.accept()?);
        println!("{mode:?}: {}", pass(server, client, "once more")?);
    }
    Ok(())
}

pub fn nonblocking_modes(name: &Name<'_>) -> io::Result<()> {
    use ListenerNonblockingMode::{Accept, Both, Neither, Stream as Streams};
    let listener = ListenerOptions::new().name(name.borrow()).nonblocking(Both).create_sync()?;
    for mode in [Both, Accept, Streams, Neither] {
        listener.set_nonblocking(mode)?;
        let accepting = mode.accept_nonblocking().then(|| outcome(listener.accept()));
        let client = Stream::connect(name.borrow())?;
        let mut server = listener.accept()?;
        let looks = cfg!(unix) && mode.stream_nonblocking();
        let reading = looks.then(|| outcome(server.read(&mut [0])));
        println!("{mode:?}: {accepting:?} {reading:?} {}", pass(client, server, "works")?);
    }
    Ok(())
}

/// Interprocess has none on Windows.
#[cfg(unix)]
pub fn timeouts(name: &Name<'_>) -> io::Result<()> {
    use std::time::Duration;

    let (client, mut server) = pair(name)?;
    let short = Duration::from_millis(10);
    server.set_recv_timeout(Some(short))?;
    println!("a read in vain: {}", outcome(server.read(&mut [0])));
    client.set_send_timeout(Some(short))?;
    println!("writes in vain: {}", outcome((&client).write_all(&vec![0; 16 << 20])));
    println!("no time at all: {}", outcome(client.set_recv_timeout(Some(Duration::ZERO))));
    Ok(())
}

pub fn credentials(name: &Name<'_>) -> io::Result<()> {
    let (client, server) = pair(name)?;
    let (seen, other) = (server.peer_creds()?, client.peer_creds()?);
    let this = Some(i64::from(process::id()));
    println!("the client is this process: {}", seen.pid().map(i64::from) == this);
    println!("the server is this process: {}", other.pid().map(i64::from) == this);
    #[cfg(unix)]
    {
        println!("one user: {}", seen.euid().is_some() && seen.euid() == other.euid());
        println!("one group: {}", seen.egid().is_some() && seen.egid() == other.egid());
        println!("groups: {:?}, cut off: {}", seen.groups(), seen.groups_truncated());
    }
    println!("pending error: {:?}", client.take_error()?);
    Ok(())
}

pub fn clones(name: &Name<'_>) -> io::Result<()> {
    let (client, mut server) = pair(name)?;
    let clone = client.try_clone()?;
    drop(client);
    println!("{}", pass(&clone, &server, "a clone stays")?);
    drop(clone);
    println!("then the end: {}", server.read(&mut [0])?);
    println!("and nobody to write to: {}", outcome(server.write(b"x")));
    Ok(())
}

pub fn halves(name: &Name<'_>) -> io::Result<()> {
    let (client, server) = pair(name)?;
    let (mut reader, mut writer): (RecvHalf, SendHalf) = client.split();
    if cfg!(unix) {
        reader.set_timeout(Some(PATIENCE))?;
        writer.set_timeout(Some(PATIENCE))?;
    }
    let (reader, writer) = thread::scope(|scope| {
        let echo = scope.spawn(|| {
            let mut heard = [0; 9];
            (&server).read_exact(&mut heard)?;
            (&server).write_all(&heard)
        });
        let reading = scope.spawn(|| {
            let mut heard = String::new();
            (&mut reader).take(9).read_to_string(&mut heard)?;
            io::Result::Ok((heard, reader))
        });
        writer.write_all(b"by halves")?;
        join(echo)?;
        let (heard, reader) = join(reading)?;
        println!("{heard}");
        io::Result::Ok((reader, writer))
    })?;
    let client = Stream::reunite(reader, writer).map_err(io::Error::other)?;
    let (reader, writer) = client.split();
    let (other_reader, other_writer) = server.split();
    let Err(ReuniteError { rh, sh }) = Stream::reunite(reader, other_writer) else {
        return Err(io::Error::other("strangers made a stream"));
    };
    let client = Stream::reunite(rh, writer).map_err(io::Error::other)?;
    let server = Stream::reunite(other_reader, sh).map_err(io::Error::other)?;
    println!("{}", pass(client, server, "whole again")?);
    Ok(())
}
