//! The servers.

use super::waiting::{Socket, Waiting};
use std::{
    fs,
    io::{self, ErrorKind, Read, Write},
    os::unix::net::{UnixListener, UnixStream},
    process, thread,
};

const BUFFER: usize = 256 * 1024;

pub fn echo(path: &str, size: usize, waiting: Waiting) -> io::Result<()> {
    let mut message = vec![0; size];
    serve(path, |stream| {
        let mut stream = Socket::new(stream, waiting)?;
        loop {
            stream.read_exact(&mut message)?;
            stream.write_all(&message)?;
        }
    })
}

pub fn sink(path: &str) -> io::Result<()> {
    let mut buffer = vec![0; BUFFER];
    serve(path, |mut stream| {
        let mut total: u64 = 0;
        loop {
            match stream.read(&mut buffer)? {
                0 => return stream.write_all(&total.to_be_bytes()),
                length => total += length as u64,
            }
        }
    })
}

/// One connection at a time, until the standard input ends. A client's end isn't a failure.
pub fn serve(path: &str, mut service: impl FnMut(UnixStream) -> io::Result<()>) -> io::Result<()> {
    let listener = UnixListener::bind(path)?;
    exit_with_stdin(path.to_owned());
    println!("ready");
    loop {
        match service(listener.accept()?.0) {
            Err(error) if error.kind() != ErrorKind::UnexpectedEof => {
                eprintln!("bench_peer: a connection failed: {error}");
            }
            _ => {}
        }
    }
}

fn exit_with_stdin(path: String) {
    thread::spawn(move || {
        let _ = io::copy(&mut io::stdin().lock(), &mut io::sink());
        let _ = fs::remove_file(path);
        process::exit(0);
    });
}
