//! Two services, each under a namespaced name and a path:
//! `demo_server --name NAME --path PATH [--exit-with-stdin]`
//!
//! - `NAME.digest` and `PATH.digest`: reads to the end, answers with the SHA-256 of what it read in
//!   lowercase hexadecimal and a newline, and closes.
//! - `NAME.echo` and `PATH.echo`: sends back what it receives, until the end.
//!
//! Prints `ready PID` when all four listen. With `--exit-with-stdin` it ends when its standard
//! input does, so that a killed parent leaves no orphan.

use local_socket::{
    GenericFilePath, GenericNamespaced, Listener, ListenerOptions, Name, Stream, prelude::*,
};
use sha2::{Digest, Sha256};
use std::{
    env,
    fmt::Write as _,
    io::{self, Read, Write},
    process::{self, ExitCode},
    thread,
    time::Duration,
};

const BUFFER: usize = 256 * 1024;

/// How long to wait before accepting again when there were no descriptors or memory left.
const PAUSE: Duration = Duration::from_millis(20);

const USAGE: &str = "usage: demo_server --name NAME --path PATH [--exit-with-stdin]";

struct Arguments {
    name: String,
    path: String,
    exit_with_stdin: bool,
}

fn main() -> ExitCode {
    match run() {
        Ok(()) => ExitCode::SUCCESS,
        Err(reason) => {
            eprintln!("demo_server: {reason}");
            ExitCode::FAILURE
        }
    }
}

fn run() -> Result<(), String> {
    let arguments = parse(env::args().skip(1))?;
    let mut services = Vec::new();
    for (suffix, service) in [("digest", digest as fn(&Stream) -> _), ("echo", echo)] {
        let (id, path) =
            (format!("{}.{suffix}", arguments.name), format!("{}.{suffix}", arguments.path));
        let id_name = id.as_str().to_ns_name::<GenericNamespaced>();
        let path_name = path.as_str().to_fs_name::<GenericFilePath>();
        services.push((listen(&id, id_name)?, service));
        services.push((listen(&path, path_name)?, service));
    }
    announce().map_err(|error| format!("standard output: {error}"))?;
    thread::scope(|scope| {
        for (listener, service) in &services {
            scope.spawn(move || serve(listener, *service));
        }
        if arguments.exit_with_stdin {
            let _ = io::copy(&mut io::stdin().lock(), &mut io::sink());
            leave(&arguments.path);
        }
    });
    Ok(())
}

fn parse(mut words: impl Iterator<Item = String>) -> Result<Arguments, String> {
    let (mut name, mut path, mut exit_with_stdin) = (None, None, false);
    while let Some(word) = words.next() {
        match word.as_str() {
            "--name" => name = words.next(),
            "--path" => path = words.next(),
            "--exit-with-stdin" => exit_with_stdin = true,
            _ => return Err(format!("unknown argument {word:?}; {USAGE}")),
        }
    }
    match (name, path) {
        (Some(name), Some(path)) if !name.is_empty() && !path.is_empty() => {
            Ok(Arguments { name, path, exit_with_stdin })
        }
        _ => Err(USAGE.into()),
    }
}

fn listen(text: &str, name: io::Result<Name<'_>>) -> Result<Listener, String> {
    name.and_then(|name| ListenerOptions::new().name(name).create_sync())
        .map_err(|error| format!("{text}: {error}"))
}

fn announce() -> io::Result<()> {
    let mut out = io::stdout().lock();
    writeln!(out, "ready {}", process::id())?;
    out.flush()
}

/// The listeners are in use by threads that wait, so their files are removed here. Pipes end with the
/// process.
fn leave(path: &str) -> ! {
    for suffix in ["digest", "echo"].into_iter().filter(|_| cfg!(unix)) {
        let _ = std::fs::remove_file(format!("{path}.{suffix}"));
    }
    process::exit(0)
}

fn serve(listener: &Listener, service: fn(&Stream) -> io::Result<()>) {
    for stream in listener.incoming() {
        let started = stream
            .and_then(|stream| thread::Builder::new().spawn(move || service(&stream)).map(drop));
        if let Err(error) = started {
            eprintln!("demo_server: a connection could not be served: {error}");
            thread::sleep(PAUSE);
        }
    }
}

fn digest(mut stream: &Stream) -> io::Result<()> {
    let (mut hash, mut buffer) = (Sha256::new(), vec![0; BUFFER]);
    loop {
        match stream.read(&mut buffer)? {
            0 => break,
            length => hash.update(&buffer[..length]),
        }
    }
    let mut answer = String::new();
    for byte in hash.finalize() {
        let _ = write!(answer, "{byte:02x}");
    }
    answer.push('\n');
    stream.write_all(answer.as_bytes())
}

fn echo(mut stream: &Stream) -> io::Result<()> {
    let mut buffer = vec![0; BUFFER];
    loop {
        match stream.read(&mut buffer)? {
            0 => return Ok(()),
            length => stream.write_all(&buffer[..length])?,
        }
    }
}
