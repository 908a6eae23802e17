//! Sends back whatever it receives, one task for each client:
//! `cargo run --example tokio_echo_server --features tokio my-echo.sock`

use local_socket::{
    GenericFilePath, GenericNamespaced, ListenerOptions, Name,
    tokio::{Stream, prelude::*},
};
use std::{env, path::is_separator, process::ExitCode, time::Duration};
use tokio::{
    io::{self, AsyncWriteExt},
    time::sleep,
};

/// How long to wait before accepting again when there were no descriptors left.
const PAUSE: Duration = Duration::from_millis(20);

#[tokio::main]
async fn main() -> ExitCode {
    let name = env::args().nth(1).unwrap_or_else(|| "my-echo.sock".into());
    match serve(&name).await {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("tokio_echo_server: {error}");
            ExitCode::FAILURE
        }
    }
}

async fn serve(name: &str) -> io::Result<()> {
    let name = to_name(name)?;
    let listener = ListenerOptions::new().name(name.borrow()).create_tokio()?;
    println!("listening on {name}");
    loop {
        match listener.accept().await {
            Ok(stream) => {
                tokio::spawn(async move {
                    if let Err(error) = echo(&stream).await {
                        eprintln!("tokio_echo_server: a client: {error}");
                    }
                });
            }
            // A client that can't be accepted now waits in the queue.
            Err(error) => {
                eprintln!("tokio_echo_server: {error}");
                sleep(PAUSE).await;
            }
        }
    }
}

async fn echo(stream: &Stream) -> io::Result<()> {
    // A reference reads and writes as well, so one stream can be both ends of the copy.
    let (mut reader, mut writer) = (stream, stream);
    io::copy(&mut reader, &mut writer).await?;
    writer.shutdown().await
}

/// With a slash, or a backslash on Windows, it is a path, otherwise an id in whatever the system has for names without files.
fn to_name(text: &str) -> io::Result<Name<'_>> {
    match text.contains(is_separator) {
        true => text.to_fs_name::<GenericFilePath>(),
        false => text.to_ns_name::<GenericNamespaced>(),
    }
}
