//! Sends back whatever it receives, one thread for each client:
//! `cargo run --example echo_server my-echo.sock`

use local_socket::{GenericFilePath, GenericNamespaced, ListenerOptions, Name, Stream, prelude::*};
use std::{env, io, path::is_separator, process::ExitCode, thread, time::Duration};

/// How long to wait before accepting again when there were no descriptors or threads left.
const PAUSE: Duration = Duration::from_millis(20);

fn main() -> ExitCode {
    let name = env::args().nth(1).unwrap_or_else(|| "my-echo.sock".into());
    match serve(&name) {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("echo_server: {error}");
            ExitCode::FAILURE
        }
    }
}

fn serve(name: &str) -> io::Result<()> {
    let name = to_name(name)?;
    let listener = ListenerOptions::new().name(name.borrow()).create_sync()?;
    println!("listening on {name}");
    for stream in listener.incoming() {
        // A client that can't be served is no reason to leave the others.
        let started =
            stream.and_then(|stream| thread::Builder::new().spawn(move || report(echo(&stream))));
        if let Err(error) = started {
            eprintln!("echo_server: {error}");
            thread::sleep(PAUSE);
        }
    }
    Ok(())
}

fn echo(mut stream: &Stream) -> io::Result<()> {
    // A reference reads and writes as well, so one stream can be both ends of the copy.
    io::copy(&mut &*stream, &mut stream)?;
    Ok(())
}

fn report(served: io::Result<()>) {
    if let Err(error) = served {
        eprintln!("echo_server: a client: {error}");
    }
}

/// With a slash, or a backslash on Windows, it is a path, otherwise an id in whatever the system has for names without files.
fn to_name(text: &str) -> io::Result<Name<'_>> {
    match text.contains(is_separator) {
        true => text.to_fs_name::<GenericFilePath>(),
        false => text.to_ns_name::<GenericNamespaced>(),
    }
}
