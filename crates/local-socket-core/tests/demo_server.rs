//! The demo server, run as a program.

mod common;

use common::program::example;
use local_socket::{ConnectOptions, GenericFilePath, GenericNamespaced, Name, prelude::*};
use std::{
    io::{BufRead, BufReader, Read, Write},
    path::Path,
    process::{Child, Command, Output, Stdio},
    thread,
};

/// Ends the program even when the test fails.
struct Server(Child);

impl Drop for Server {
    fn drop(&mut self) {
        let _ = self.0.kill();
        let _ = self.0.wait();
    }
}

fn start(name: &str, path: &str) -> Server {
    let mut command = Command::new(example("demo_server"));
    command.args(["--name", name, "--path", path, "--exit-with-stdin"]);
    let child = command.stdin(Stdio::piped()).stdout(Stdio::piped()).spawn();
    let mut server = Server(child.expect("the example has been built"));
    let out = server.0.stdout.take().unwrap();
    let line = common::within("the server to be ready", move || {
        let mut line = String::new();
        BufReader::new(out).read_line(&mut line).unwrap();
        line
    });
    assert_eq!(line, format!("ready {}\n", server.0.id()));
    server
}

fn ask(name: Name<'_>, question: &'static [u8]) -> Vec<u8> {
    let stream = ConnectOptions::new().name(name).connect_sync().unwrap();
    common::within("the server's answer", move || {
        let (mut input, mut output) = (&stream, &stream);
        thread::scope(|scope| {
            // At once: a pipe holds less than the whole of it both ways.
            scope.spawn(move || {
                output.write_all(question).unwrap();
                output.shutdown_write().unwrap();
            });
            let mut answer = Vec::new();
            input.read_to_end(&mut answer).unwrap();
            answer
        })
    })
}

#[test]
fn it_answers_on_all_four_names_and_ends_with_its_input() {
    let (_folder, path) = common::fresh_path_text();
    let id = format!("local-socket-demo-{}", std::process::id());
    let mut server = start(&id, &path);
    let names = |suffix| {
        let id = format!("{id}.{suffix}").to_ns_name::<GenericNamespaced>().unwrap();
        [id, format!("{path}.{suffix}").to_fs_name::<GenericFilePath>().unwrap()]
    };
    for name in names("digest") {
        let sum = "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad\n";
        assert_eq!(ask(name, b"abc"), sum.as_bytes());
    }
    for name in names("echo") {
        assert_eq!(ask(name, &[7; 300_000]), [7; 300_000]);
    }
    drop(server.0.stdin.take());
    let status = common::within("the server to end", move || server.0.wait().unwrap());
    assert!(status.success());
    assert!(!Path::new(&format!("{path}.echo")).exists());
}

fn fail(arguments: &[&str]) -> String {
    let mut command = Command::new(example("demo_server"));
    command.args(arguments).stdin(Stdio::null());
    let Output { status, stderr, .. } =
        common::within("the server to end", move || command.output().unwrap());
    assert!(!status.success());
    let text = String::from_utf8(stderr).unwrap();
    assert_eq!(text.lines().count(), 1, "{text}");
    text
}

#[test]
fn bad_arguments_and_names_are_told_in_one_line() {
    assert!(fail(&[]).contains("usage"));
    assert!(fail(&["--nonsense"]).contains("--nonsense"));
    assert!(fail(&["--name", "", "--path", ""]).contains("usage"));
    let long = "x".repeat(300);
    let limit = if cfg!(windows) { "247" } else { "107" };
    let (path, nowhere) = if cfg!(windows) {
        (r"\\.\pipe\x", r"C:\missing\x")
    } else {
        ("/tmp/x", "/missing/folder/x")
    };
    let text = fail(&["--name", &long, "--path", path]);
    assert!(text.contains(limit) || cfg!(not(any(target_os = "linux", windows))), "{text}");
    let id = format!("local-socket-demo-bad-{}", std::process::id());
    let text = fail(&["--name", &id, "--path", nowhere]);
    assert!(text.contains(nowhere), "{text}");
}
