//! The server, on Unix: that is where service managers pass sockets.

use local_socket::{
    Listener, ListenerOptions, Stream, activation, os::unix::ListenerOptionsExt, prelude::*,
};
use std::{io, process::ExitCode, thread, time::Duration};

/// How long to wait before accepting again when there were no descriptors or threads left.
const PAUSE: Duration = Duration::from_millis(20);

pub fn main() -> ExitCode {
    match run() {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("activated: {error}");
            ExitCode::FAILURE
        }
    }
}

fn run() -> io::Result<()> {
    let mut listeners = Vec::new();
    for socket in activation::sockets()? {
        let name = socket.name().to_owned();
        match ListenerOptions::new().receive_descriptors(false).create_sync_from(socket.into()) {
            Ok(listener) => listeners.push((name, listener)),
            // A unit may pass what is meant for others.
            Err(error) => println!("{name}: {error}"),
        }
    }
    if listeners.is_empty() {
        return Err(io::Error::other(
            "no listener was passed; start it by systemd-socket-activate",
        ));
    }
    thread::scope(|scope| {
        for (name, listener) in &listeners {
            let place = listener.name().map_or("an unknown place".into(), ToString::to_string);
            println!("{name}: listening on {place}");
            scope.spawn(|| serve(listener));
        }
    });
    Ok(())
}

fn serve(listener: &Listener) {
    for stream in listener.incoming() {
        // A client that can't be served is no reason to leave the others.
        let started = stream.and_then(|stream| thread::Builder::new().spawn(move || echo(stream)));
        if let Err(error) = started {
            eprintln!("activated: {error}");
            thread::sleep(PAUSE);
        }
    }
}

fn echo(stream: Stream) {
    if let Err(error) = io::copy(&mut &stream, &mut &stream) {
        eprintln!("activated: a client: {error}");
    }
}
