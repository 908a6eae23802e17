//! What the program prints is the same, whichever of the two crates it is built with; and one
//! built with the one talks to one built with the other. Run for both packages at once:
//! `cargo test -p switch-ours -p switch-theirs`.

use std::{
    env, fs,
    io::{BufRead, BufReader},
    path::{Path, PathBuf},
    process::{self, Child, Command, Stdio},
    sync::mpsc::{Receiver, RecvTimeoutError, channel},
    thread,
    time::{Duration, Instant},
};

const PROGRAM: &str = env!(concat!("CARGO_BIN_EXE_", env!("CARGO_PKG_NAME")));

/// What the program prints, which was written down with interprocess.
#[cfg(unix)]
const TRANSCRIPT: &str = include_str!("transcript.txt");
#[cfg(windows)]
const TRANSCRIPT: &str = include_str!("transcript-windows.txt");

/// How long any program may take.
const PATIENCE: Duration = Duration::from_secs(30);

/// A program that runs, and what it prints, line by line. It is ended when nobody wants it any more.
struct Running {
    child: Child,
    lines: Receiver<String>,
    deadline: Instant,
}

impl Running {
    fn start(program: &Path, arguments: &[&str]) -> Self {
        let mut child = Command::new(program)
            .args(arguments)
            .stdin(Stdio::null())
            .stdout(Stdio::piped())
            .spawn()
            .unwrap_or_else(|error| panic!("{}: {error}", program.display()));
        let output = BufReader::new(child.stdout.take().expect("its output is a pipe"));
        let (sender, lines) = channel();
        thread::spawn(move || {
            for line in output.lines().map_while(Result::ok) {
                if sender.send(line).is_err() {
                    break;
                }
            }
        });
        Self { child, lines, deadline: Instant::now() + PATIENCE }
    }

    /// The next line, or `None` when it has closed its output.
    fn line(&mut self) -> Option<String> {
        match self.lines.recv_timeout(self.deadline.saturating_duration_since(Instant::now())) {
            Ok(line) => Some(line),
            Err(RecvTimeoutError::Disconnected) => None,
            Err(RecvTimeoutError::Timeout) => panic!("waited {PATIENCE:?} for a program's output"),
        }
    }

    /// All that it still prints. It ends with that, and well.
    fn finish(mut self) -> Vec<String> {
        let lines = std::iter::from_fn(|| self.line()).collect();
        let status = self.child.wait().expect("its end");
        assert!(status.success(), "{status}, after {lines:#?}");
        lines
    }
}

impl Drop for Running {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

/// The same program, built with the other crate.
fn the_other_one() -> PathBuf {
    let other = match env!("CARGO_PKG_NAME") {
        "switch-ours" => "switch-theirs",
        _ => "switch-ours",
    };
    let path = Path::new(PROGRAM).with_file_name(format!("{other}{}", env::consts::EXE_SUFFIX));
    assert!(path.exists(), "build it first: cargo build -p {other}");
    path
}

#[test]
fn it_prints_the_same_whichever_crate_it_is_built_with() {
    let printed = Running::start(Path::new(PROGRAM), &[]).finish();
    let expected: Vec<_> = TRANSCRIPT.lines().collect();
    for (number, (printed, expected)) in printed.iter().zip(&expected).enumerate() {
        assert_eq!(printed, expected, "line {}", number + 1);
    }
    assert_eq!(printed.len(), expected.len(), "lines");
}

#[test]
fn it_serves_clients_that_are_built_with_the_other_crate() {
    let other = the_other_one();
    let id = format!("switch-test-{}-{}", env!("CARGO_PKG_NAME"), process::id());
    let folder = if cfg!(windows) { r"\\.\pipe\by-path".into() } else { env::temp_dir() };
    let path = folder.join(&id);
    let path = path.to_str().expect("a path of UTF-8");
    for serve in ["serve", "serve-tokio"] {
        for [kind, name] in [["path", path], ["ns", &id]] {
            let mut server = Running::start(Path::new(PROGRAM), &[serve, kind, name]);
            assert_eq!(server.line().as_deref(), Some("ready"));
            let client = Running::start(&other, &["ask", kind, name, "one", "two"]);
            assert_eq!(client.finish(), ["ONE", "TWO"], "{serve} by {kind}");
            let client = Running::start(&other, &["ask-tokio", kind, name, "three", "bye"]);
            assert_eq!(client.finish(), ["THREE", "BYE"], "{serve} by {kind}, on tokio");
            assert!(server.finish().is_empty());
            // Looking for a pipe would be connecting to it.
            let left = cfg!(unix) && fs::exists(path).expect("a look");
            assert!(!left, "{serve} left its file");
        }
    }
}
