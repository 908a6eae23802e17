//! Sends its standard input and prints what comes back:
//! `echo hello | cargo run --example tokio_echo_client --features tokio my-echo.sock`

use local_socket::{
    ConnectOptions, ConnectWaitMode, GenericFilePath, GenericNamespaced, Name, tokio::prelude::*,
};
use std::{
    env,
    io::{self, Read, Write},
    path::is_separator,
    process::ExitCode,
    time::Duration,
};
use tokio::io::{AsyncReadExt, AsyncWriteExt};

/// How long a server may leave us waiting in its backlog.
const PATIENCE: Duration = Duration::from_secs(5);

fn main() -> ExitCode {
    let name = env::args().nth(1).unwrap_or_else(|| "my-echo.sock".into());
    match run(&name) {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("tokio_echo_client: {error}");
            ExitCode::FAILURE
        }
    }
}

/// The terminal can only be waited for with a thread, so all of it is read before.
fn run(name: &str) -> io::Result<()> {
    let mut question = Vec::new();
    io::stdin().lock().read_to_end(&mut question)?;
    let answer = ask(to_name(name)?, &question)?;
    io::stdout().lock().write_all(&answer)
}

#[tokio::main(flavor = "current_thread")]
async fn ask(name: Name<'_>, question: &[u8]) -> io::Result<Vec<u8>> {
    let options = ConnectOptions::new().name(name);
    let options = options.wait_mode(ConnectWaitMode::Timeout(PATIENCE));
    let (mut recv, mut send) = options.connect_tokio().await?.split();
    let mut answer = Vec::new();
    // Sends and receives at once: who only sends while nobody reads will wait for ever.
    tokio::try_join!(
        async {
            send.write_all(question).await?;
            // The server reads to its end and can still answer.
            send.shutdown().await
        },
        recv.read_to_end(&mut answer),
    )?;
    Ok(answer)
}

/// With a slash, or a backslash on Windows, it is a path, otherwise an id in whatever the system has for names without files.
fn to_name(text: &str) -> io::Result<Name<'_>> {
    match text.contains(is_separator) {
        true => text.to_fs_name::<GenericFilePath>(),
        false => text.to_ns_name::<GenericNamespaced>(),
    }
}
