//! Plain sockets of the standard library, as the native side of benchmarks:
//!
//! - `bench_peer echo PATH SIZE`: sends back every SIZE bytes. One connection at a time.
//! - `bench_peer sink PATH`: reads to the end, answers with the number of bytes in eight bytes,
//!   big-endian, and closes. One connection at a time.
//! - `bench_peer ping PATH SIZE COUNT`: COUNT round trips of SIZE bytes; prints JSON.
//! - `bench_peer flood PATH SIZE COUNT`: COUNT messages of SIZE bytes one way; prints JSON.
//!
//! Servers print `ready`, and end when their standard input does. A message begins with its
//! number in eight bytes, little-endian, if it has room for that, and `ping` checks what arrives.

mod client;
mod server;

use std::{
    env,
    io::{self, Error, ErrorKind},
    process::ExitCode,
};

const USAGE: &str = "usage: bench_peer echo PATH SIZE | sink PATH | ping PATH SIZE COUNT | \
                     flood PATH SIZE COUNT";

fn main() -> ExitCode {
    match run() {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("bench_peer: {error}");
            ExitCode::FAILURE
        }
    }
}

fn run() -> io::Result<()> {
    let arguments: Vec<_> = env::args().skip(1).collect();
    let arguments: Vec<_> = arguments.iter().map(String::as_str).collect();
    match *arguments.as_slice() {
        ["echo", path, size] => server::echo(path, positive(size)?),
        ["sink", path] => server::sink(path),
        ["ping", path, size, count] => client::ping(path, positive(size)?, positive(count)?),
        ["flood", path, size, count] => client::flood(path, positive(size)?, positive(count)?),
        _ => Err(Error::new(ErrorKind::InvalidInput, USAGE)),
    }
}

fn positive(text: &str) -> io::Result<usize> {
    let number = text.parse().ok().filter(|&number| number > 0);
    number.ok_or_else(|| {
        Error::new(ErrorKind::InvalidInput, format!("{text:?} is not a positive number"))
    })
}
