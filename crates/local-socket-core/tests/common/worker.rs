//! Processes that a test starts: its own program again, with only the test that is their part.
#![cfg(target_os = "linux")]

use super::PATIENCE;
use std::{
    env,
    io::{self, BufRead, BufReader, Write},
    os::{
        fd::{AsFd, OwnedFd},
        unix::net::UnixStream,
    },
    path::{Path, PathBuf},
    process::{Child, Command, ExitStatus, Stdio},
};

/// Tells a process that it is one, and where its socket file is to be.
const PATH: &str = "LOCAL_SOCKET_TEST_PATH";

/// A process under way. It is killed when this is dropped.
pub struct Worker {
    child: Child,
    link: BufReader<UnixStream>,
}

impl Worker {
    /// Starts one that runs the ignored test of this name.
    pub fn start(part: &str, path: &Path) -> Self {
        let (ours, theirs) = UnixStream::pair().unwrap();
        ours.set_read_timeout(Some(PATIENCE)).unwrap();
        let mut command = Command::new(env::current_exe().unwrap());
        command.args(["--ignored", "--exact", part, "--nocapture", "--test-threads=1"]);
        command.env(PATH, path).stdin(OwnedFd::from(theirs)).stdout(Stdio::null());
        let child = command.spawn().expect("this program can be run again");
        Self { child, link: BufReader::new(ours) }
    }

    pub fn tell(&mut self, word: &str) {
        writeln!(self.link.get_mut(), "{word}").expect("it is there");
    }

    /// What it tells next; nothing if it has been killed.
    pub fn hear(&mut self) -> String {
        let mut line = String::new();
        match self.link.read_line(&mut line) {
            Ok(_) => line.trim_end().to_owned(),
            Err(error) if error.kind() == io::ErrorKind::ConnectionReset => String::new(),
            Err(error) => panic!("waited {PATIENCE:?} for a word of a process: {error}"),
        }
    }

    /// Sends SIGKILL and waits for its end, which it tells.
    pub fn kill(&mut self) -> ExitStatus {
        self.child.kill().expect("it is a child");
        self.child.wait().expect("it is a child")
    }
}

impl Drop for Worker {
    fn drop(&mut self) {
        self.kill();
    }
}

/// In such a process: the path, and the link to who started it. Nothing in a plain run of the
/// tests.
pub fn part() -> Option<(PathBuf, BufReader<UnixStream>)> {
    let path = env::var_os(PATH)?;
    let link = io::stdin().as_fd().try_clone_to_owned().unwrap();
    Some((path.into(), BufReader::new(UnixStream::from(link))))
}

/// Calls the action for each word that comes, and tells what it gives.
pub fn answer(link: &mut BufReader<UnixStream>, mut action: impl FnMut(&str) -> String) {
    let mut word = String::new();
    while link.read_line(&mut word).is_ok_and(|length| length > 0) {
        let answer = action(word.trim_end());
        if writeln!(link.get_mut(), "{answer}").is_err() {
            return;
        }
        word.clear();
    }
}
