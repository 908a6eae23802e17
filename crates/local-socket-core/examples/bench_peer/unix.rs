//! The commands and their arguments.

mod client;
mod framed;
mod message;
mod report;
mod server;
mod waiting;

use std::{
    env,
    io::{self, Error, ErrorKind},
    process::ExitCode,
    time::Duration,
};
use waiting::Waiting;

const USAGE: &str = "usage: bench_peer echo PATH SIZE [--spin] | sink PATH | framed-sink PATH | \
                     ping PATH SIZE COUNT [--spin] [--think MICROS] | flood PATH SIZE COUNT | \
                     framed-flood PATH SIZE COUNT";

pub fn main() -> ExitCode {
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
        ["echo", path, size] => server::echo(path, positive(size)?, Waiting::Sleeps),
        ["echo", path, size, "--spin"] => server::echo(path, positive(size)?, Waiting::Spins),
        ["sink", path] => server::sink(path),
        ["framed-sink", path] => framed::sink(path),
        ["ping", path, size, count, ref options @ ..] => {
            let (waiting, think) = ping_options(options)?;
            client::ping(path, positive(size)?, positive(count)?, waiting, think)
        }
        ["flood", path, size, count] => client::flood(path, positive(size)?, positive(count)?),
        ["framed-flood", path, size, count] => {
            framed::flood(path, positive(size)?, positive(count)?)
        }
        _ => Err(usage()),
    }
}

fn ping_options(mut options: &[&str]) -> io::Result<(Waiting, Option<Duration>)> {
    let (mut waiting, mut think) = (Waiting::Sleeps, None);
    loop {
        options = match options {
            [] => return Ok((waiting, think)),
            ["--spin", rest @ ..] => {
                waiting = Waiting::Spins;
                rest
            }
            ["--think", micros, rest @ ..] => {
                think = Some(Duration::from_micros(positive(micros)? as u64));
                rest
            }
            _ => return Err(usage()),
        };
    }
}

fn usage() -> Error {
    Error::new(ErrorKind::InvalidInput, USAGE)
}

fn positive(text: &str) -> io::Result<usize> {
    let number = text.parse().ok().filter(|&number| number > 0);
    number.ok_or_else(|| {
        Error::new(ErrorKind::InvalidInput, format!("{text:?} is not a positive number"))
    })
}
