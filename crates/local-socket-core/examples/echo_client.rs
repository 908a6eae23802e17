//! Sends its standard input and prints what comes back:
//! `echo hello | cargo run --example echo_client my-echo.sock`

use local_socket::{
    ConnectOptions, ConnectWaitMode, GenericFilePath, GenericNamespaced, Name, Stream, prelude::*,
};
use std::{env, io, path::is_separator, process::ExitCode, thread, time::Duration};

/// How long a server may leave us waiting in its backlog.
const PATIENCE: Duration = Duration::from_secs(5);

fn main() -> ExitCode {
    let name = env::args().nth(1).unwrap_or_else(|| "my-echo.sock".into());
    match connect(&name).and_then(|stream| exchange(&stream)) {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("echo_client: {error}");
            ExitCode::FAILURE
        }
    }
}

fn connect(name: &str) -> io::Result<Stream> {
    let options = ConnectOptions::new().name(to_name(name)?);
    options.wait_mode(ConnectWaitMode::Timeout(PATIENCE)).connect_sync()
}

/// Sends and receives at once: who only sends while nobody reads will wait for ever.
fn exchange(stream: &Stream) -> io::Result<()> {
    thread::scope(|scope| {
        let sending = scope.spawn(|| {
            io::copy(&mut io::stdin().lock(), &mut &*stream)?;
            // The server reads to its end and can still answer.
            stream.shutdown_write()
        });
        io::copy(&mut &*stream, &mut io::stdout().lock())?;
        sending.join().unwrap_or_else(|_| Err(io::Error::other("sending failed")))
    })
}

/// With a slash, or a backslash on Windows, it is a path, otherwise an id in whatever the system has for names without files.
fn to_name(text: &str) -> io::Result<Name<'_>> {
    match text.contains(is_separator) {
        true => text.to_fs_name::<GenericFilePath>(),
        false => text.to_ns_name::<GenericNamespaced>(),
    }
}
