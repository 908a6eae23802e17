//! A program that names interprocess alone. Built twice: with it, and with this crate in its place.
//!
//! - Without arguments it goes through all that it can do, and prints what came out.
//! - `serve path|ns NAME` prints `ready` and answers every line in capitals, until one says `bye`.
//! - `ask path|ns NAME LINE...` sends the lines and prints the answers.
//! - `serve-tokio` and `ask-tokio` do the same with tasks instead of threads.

mod blocking;
#[cfg(unix)]
mod descriptors;
#[cfg(unix)]
mod descriptors_on_tokio;
#[cfg(unix)]
mod files;
#[cfg(windows)]
mod handles;
#[cfg(windows)]
mod handles_on_tokio;
mod on_tokio;
#[cfg(windows)]
mod pipes;
mod sockets;

#[cfg(unix)]
use {
    descriptors as system, descriptors_on_tokio as system_on_tokio,
    std::{env::temp_dir, fs, path::Path},
};
#[cfg(windows)]
use {handles as system, handles_on_tokio as system_on_tokio};

use interprocess::local_socket::{GenericFilePath, GenericNamespaced, Name, prelude::*};
use std::{
    env, io,
    process::{self, ExitCode},
    time::Duration,
};

const USAGE: &str = "usage: switch [serve|serve-tokio|ask|ask-tokio path|ns NAME [LINE...]]";

/// How long any stream waits for the other end.
const PATIENCE: Duration = Duration::from_secs(10);

fn main() -> ExitCode {
    let arguments: Vec<String> = env::args().skip(1).collect();
    let words: Vec<&str> = arguments.iter().map(String::as_str).collect();
    match run(&words) {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("{error}");
            ExitCode::FAILURE
        }
    }
}

fn run(words: &[&str]) -> io::Result<()> {
    match words {
        [] => everything(),
        ["serve", kind, name] => blocking::serve(name_of(kind, name)?),
        ["serve-tokio", kind, name] => on_tokio::run(on_tokio::serve(name_of(kind, name)?)),
        ["ask", kind, name, lines @ ..] => {
            blocking::ask(name_of(kind, name)?, lines)?.iter().for_each(|line| println!("{line}"));
            Ok(())
        }
        ["ask-tokio", kind, name, lines @ ..] => {
            let answers = on_tokio::run(on_tokio::ask(name_of(kind, name)?, lines))?;
            answers.iter().for_each(|line| println!("{line}"));
            Ok(())
        }
        _ => Err(io::Error::new(io::ErrorKind::InvalidInput, USAGE)),
    }
}

fn name_of<'n>(kind: &str, name: &'n str) -> io::Result<Name<'n>> {
    match kind {
        "path" => name.to_fs_name::<GenericFilePath>(),
        "ns" => name.to_ns_name::<GenericNamespaced>(),
        _ => Err(io::Error::new(io::ErrorKind::InvalidInput, USAGE)),
    }
}

/// Does it all in a folder that is gone at the end.
#[cfg(unix)]
fn everything() -> io::Result<()> {
    let id = format!("switch-{}", process::id());
    let folder = temp_dir().join(&id);
    fs::create_dir(&folder)?;
    let result = everything_in(&folder, &id);
    fs::remove_dir_all(&folder)?;
    result
}

/// Does what can be done with a name of either kind, and then what needs a file.
#[cfg(unix)]
fn everything_in(folder: &Path, id: &str) -> io::Result<()> {
    let path = folder.join("socket").to_fs_name::<GenericFilePath>()?;
    both("path", &path)?;
    both("namespaced name", &id.to_ns_name::<GenericNamespaced>()?)?;
    println!("# files");
    files::names(folder)?;
    files::mode(&folder.join("mode"))?;
    files::reclaiming(&folder.join("reclaimed"))?;
    files::overwriting(&folder.join("overwritten"))
}

/// Does what can be done with a name of either kind, and then what is about pipes.
#[cfg(windows)]
fn everything() -> io::Result<()> {
    let id = format!("switch-{}", process::id());
    both("path", &format!(r"\\.\pipe\{id}-by-path").to_fs_name::<GenericFilePath>()?)?;
    both("namespaced name", &id.as_str().to_ns_name::<GenericNamespaced>()?)?;
    println!("# pipes");
    pipes::names(&format!("{id}-names"))?;
    pipes::security_descriptor(&format!("{id}-secured"))
}

/// What can be done with any name, with threads and on tokio.
fn both(kind: &str, name: &Name<'_>) -> io::Result<()> {
    println!("# {kind}");
    blocking::threads(name)?;
    sockets::wait_modes(name)?;
    sockets::nonblocking_modes(name)?;
    #[cfg(unix)]
    sockets::timeouts(name)?;
    sockets::credentials(name)?;
    sockets::clones(name)?;
    sockets::halves(name)?;
    system::convert(name)?;
    on_tokio::run(on_tokio::tasks(name))?;
    #[cfg(unix)]
    on_tokio::run(on_tokio::ending(name))?;
    on_tokio::run(on_tokio::halves(name))?;
    on_tokio::run(system_on_tokio::convert(name))
}

/// What came of it, without the words that differ from system to system.
fn outcome<T>(result: io::Result<T>) -> String {
    match result {
        Ok(_) => "fine".to_owned(),
        Err(error) => format!("{:?}", error.kind()),
    }
}
