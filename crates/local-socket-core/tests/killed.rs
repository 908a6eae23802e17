//! Servers that are killed at any moment of taking a name, serving and giving it back, with delays
//! between all of their steps.
//!
//! A few rounds each time; a thousand by `cargo test -p local-socket-core --test killed --
//! --ignored --nocapture`, which prints the counts.
#![cfg(target_os = "linux")]

mod common;

use common::{
    PATIENCE, connect, files, fresh_path,
    intercept::{delayed, random},
    path_name,
    worker::{self, Worker},
};
use local_socket::{
    Listener, ListenerOptions, Name, error::os_error, os::unix::ListenerOptionsExt, prelude::*,
};
use std::{
    fs,
    io::{BufReader, ErrorKind, Write},
    os::unix::{
        fs::{FileTypeExt, MetadataExt},
        net::UnixStream,
        process::ExitStatusExt,
    },
    path::{Path, PathBuf},
    thread,
    time::Duration,
};

const LONGEST_DELAY: Duration = Duration::from_micros(500);

/// How late a process is killed at most: longer than one needs to listen, overwrite and close.
const LONGEST_LIFE: Duration = Duration::from_millis(20);

fn options<'n>(name: &'n Name<'_>) -> ListenerOptions<'n> {
    ListenerOptions::new().name(name.borrow()).max_spin_time(PATIENCE)
}

/// A process that does the same for ever, after it has said that it begins.
fn go_on(mut link: BufReader<UnixStream>, mut action: impl FnMut() + Send) {
    writeln!(link.get_mut(), "begun").unwrap();
    delayed(LONGEST_DELAY, || {
        loop {
            action();
        }
    });
}

fn serve(listener: &Listener, name: &Name<'_>) {
    let _client = connect(name);
    listener.accept().unwrap();
}

#[test]
#[ignore = "a part of the tests in this program, which start it"]
fn server() {
    let Some((path, link)) = worker::part() else { return };
    let name = path_name(path);
    go_on(link, || {
        let first = options(&name).create_sync().expect("nobody else is there");
        serve(&first, &name);
        let second = options(&name).mode(0o600).try_overwrite(true).create_sync().unwrap();
        serve(&second, &name);
        drop(first);
        drop(second);
    });
}

#[test]
#[ignore = "a part of the tests in this program, which start it"]
fn rival() {
    let Some((path, link)) = worker::part() else { return };
    let name = path_name(path);
    go_on(link, || {
        let error = options(&name).create_sync().expect_err("somebody is there");
        assert_eq!(os_error(&error), Some(libc::EADDRINUSE));
    });
}

/// Starts such a process and kills it after a while. It must have been alive until then.
fn start_and_kill(part: &str, path: &Path) {
    let mut worker = Worker::start(part, path);
    assert_eq!(worker.hear(), "begun");
    thread::sleep(Duration::from_micros(random(LONGEST_LIFE.as_micros() as u64)));
    assert_eq!(worker.kill().signal(), Some(libc::SIGKILL), "it ended by itself");
}

/// What was left by those who were killed.
#[derive(Debug, Default)]
struct Left {
    nothing: u32,
    one_socket: u32,
    /// One of them with the temporary name.
    two_sockets: u32,
    a_temporary_one: u32,
}

impl Left {
    fn count(&mut self, files: &[String]) {
        let files: Vec<_> = files.iter().map(String::as_str).collect();
        *match files[..] {
            [] => &mut self.nothing,
            ["s"] => &mut self.one_socket,
            [".s.new", "s"] => &mut self.two_sockets,
            [".s.new"] => &mut self.a_temporary_one,
            _ => panic!("left: {files:?}"),
        } += 1;
    }
}

fn kill(rounds: usize) {
    let (folder, path): (_, PathBuf) = fresh_path();
    let name = path_name(path.clone());
    let mut left = Left::default();
    for round in 0..rounds {
        start_and_kill("server", &path);
        left.count(&files(folder.path()));

        let next = ListenerOptions::new().name(name.borrow()).create_sync();
        let next = next.unwrap_or_else(|error| panic!("round {round}: {error}"));
        assert_eq!(files(folder.path()), ["s"], "round {round}");
        let file = fs::symlink_metadata(&path).unwrap();
        assert!(file.file_type().is_socket());

        start_and_kill("rival", &path);
        assert_eq!(files(folder.path()), ["s"], "round {round}");
        assert_eq!(fs::symlink_metadata(&path).unwrap().ino(), file.ino(), "round {round}");
        assert_eq!(next.try_accept().unwrap_err().kind(), ErrorKind::WouldBlock, "round {round}");
        serve(&next, &name);
        drop(next);
        assert!(files(folder.path()).is_empty(), "round {round}");
    }
    println!("{rounds} servers killed; the next listener always got the name. Left: {left:?}");
    println!(
        "{rounds} rivals of a live listener killed: it was never displaced, nor seen a client"
    );
}

#[test]
fn after_a_server_is_killed_the_next_listens_and_no_live_one_is_displaced() {
    kill(25);
}

#[test]
#[ignore = "by command: takes about a minute"]
fn after_a_server_is_killed_the_next_listens_and_no_live_one_is_displaced_in_a_thousand_rounds() {
    kill(1_000);
}
