//! A counterpart that knows only the `interprocess` crate, to show that it can't tell whom it
//! talks to:
//!
//! - `interprocess_peer serve path|ns NAME` prints `ready`, then sends back every message.
//! - `interprocess_peer connect path|ns NAME` sends its standard input as one message and prints
//!   what comes back.
//!
//! There is no half-close in `interprocess`, so a message is its length in four bytes, big-endian,
//! and then its bytes. The answer is the bytes alone.

use interprocess::local_socket::{
    GenericFilePath, GenericNamespaced, ListenerOptions, Name, Stream, prelude::*,
};
use std::{
    env,
    io::{self, Error, ErrorKind, Read, Write},
    process::ExitCode,
    thread,
};

const USAGE: &str = "usage: interprocess_peer serve|connect path|ns NAME";

fn main() -> ExitCode {
    match run() {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("interprocess_peer: {error}");
            ExitCode::FAILURE
        }
    }
}

fn run() -> io::Result<()> {
    let arguments: Vec<_> = env::args().skip(1).collect();
    let [role, kind, name] = arguments.as_slice() else {
        return Err(Error::new(ErrorKind::InvalidInput, USAGE));
    };
    let name = match kind.as_str() {
        "path" => name.as_str().to_fs_name::<GenericFilePath>()?,
        "ns" => name.as_str().to_ns_name::<GenericNamespaced>()?,
        _ => return Err(Error::new(ErrorKind::InvalidInput, USAGE)),
    };
    match role.as_str() {
        "serve" => serve(name),
        "connect" => connect(name),
        _ => Err(Error::new(ErrorKind::InvalidInput, USAGE)),
    }
}

fn serve(name: Name<'_>) -> io::Result<()> {
    let listener = ListenerOptions::new().name(name).create_sync()?;
    println!("ready");
    for stream in listener.incoming() {
        let stream = stream?;
        thread::spawn(move || echo(&stream));
    }
    Ok(())
}

fn echo(mut stream: &Stream) -> io::Result<()> {
    loop {
        let mut length = [0; 4];
        match stream.read_exact(&mut length) {
            Err(error) if error.kind() == ErrorKind::UnexpectedEof => return Ok(()),
            result => result?,
        }
        let mut message = Vec::new();
        stream.take(u32::from_be_bytes(length).into()).read_to_end(&mut message)?;
        stream.write_all(&message)?;
    }
}

fn connect(name: Name<'_>) -> io::Result<()> {
    let stream = Stream::connect(name)?;
    let mut message = Vec::new();
    io::stdin().lock().read_to_end(&mut message)?;
    let length = u32::try_from(message.len())
        .map_err(|_| Error::new(ErrorKind::InvalidInput, "the input is 4 GiB or longer"))?;
    (&stream).write_all(&length.to_be_bytes())?;
    thread::scope(|scope| {
        // While the message is still on its way out, the answer already comes in.
        let sending = scope.spawn(|| (&stream).write_all(&message));
        let received = io::copy(&mut (&stream).take(length.into()), &mut io::stdout().lock())?;
        if received < length.into() {
            return Err(ErrorKind::UnexpectedEof.into());
        }
        sending.join().unwrap_or_else(|_| Err(Error::other("sending failed")))
    })?;
    io::stdout().flush()
}
