//! What the tests share: names of their own, and waiting with a deadline.
#![allow(dead_code, reason = "each test program uses its own part of this")]

pub mod child;
#[cfg(unix)]
pub mod descriptors;
pub mod framed;
pub mod intercept;
#[cfg(unix)]
pub mod mode;
pub mod mounts;
#[cfg(unix)]
pub mod passing;
#[cfg(windows)]
pub mod pipes;
pub mod processes;
pub mod program;
#[cfg(unix)]
pub mod special;
#[cfg(unix)]
pub mod taking_over;
#[cfg(feature = "tokio")]
pub mod tokio;
#[cfg(windows)]
pub mod windows;
pub mod worker;

use local_socket::{
    ConnectOptions, GenericFilePath, GenericNamespaced, Listener, ListenerOptions, Name, Stream,
    prelude::*,
};
#[cfg(unix)]
use std::os::unix::net::UnixListener;
use std::{
    fs,
    path::{Path, PathBuf},
    process,
    sync::{
        atomic::{AtomicUsize, Ordering},
        mpsc::{RecvTimeoutError, channel},
    },
    thread,
    time::Duration,
};
use tempfile::TempDir;

/// How long anything may take that should not wait for anything else.
pub const PATIENCE: Duration = Duration::from_secs(60);

/// Whether Windows is Wine, which ignores who may open a pipe, and whose it is.
pub fn wine() -> bool {
    cfg!(windows) && Path::new(r"C:\windows\system32\winecfg.exe").exists()
}

/// Runs the action on a thread; fails, naming `what`, if it isn't done in time.
pub fn within<T: Send + 'static>(what: &str, action: impl FnOnce() -> T + Send + 'static) -> T {
    let (sender, receiver) = channel();
    let thread = thread::spawn(move || {
        let _ = sender.send(action());
    });
    match receiver.recv_timeout(PATIENCE) {
        Ok(result) => result,
        Err(RecvTimeoutError::Timeout) => panic!("waited {PATIENCE:?} for: {what}"),
        Err(RecvTimeoutError::Disconnected) => {
            std::panic::resume_unwind(thread.join().expect_err("the action sent no result"))
        }
    }
}

/// A namespaced name that no other test has.
pub fn fresh_id() -> Name<'static> {
    static COUNT: AtomicUsize = AtomicUsize::new(0);
    let count = COUNT.fetch_add(1, Ordering::Relaxed);
    let id = format!("local-socket-test-{}-{count}", process::id());
    id.to_ns_name::<GenericNamespaced>().expect("the name is short")
}

/// A folder of the test's own, and one name of each kind that nobody has yet: a path and an id.
pub fn fresh_names() -> (TempDir, Vec<Name<'static>>) {
    let (folder, path) = fresh_path();
    (folder, vec![path_name(path), fresh_id()])
}

/// A folder of the test's own, and the path of a socket that isn't there yet: in that folder, or on
/// Windows that of a pipe.
pub fn fresh_path() -> (TempDir, PathBuf) {
    let folder = TempDir::new().expect("a temporary folder");
    let path = match fresh_id().as_path() {
        Some(pipe) if cfg!(windows) => pipe.to_owned(),
        _ => folder.path().join("s"),
    };
    (folder, path)
}

/// As [`fresh_path`], with the path as text.
pub fn fresh_path_text() -> (TempDir, String) {
    let (folder, path) = fresh_path();
    (folder, path.into_os_string().into_string().expect("UTF-8"))
}

/// A folder of the test's own, and a path in it of this many bytes, whose folders are there and
/// whose socket isn't.
#[cfg(unix)]
pub fn fresh_long_path(length: usize) -> (TempDir, PathBuf) {
    const PART: usize = 200;
    let folder = TempDir::new().expect("a temporary folder");
    let mut path = folder.path().to_owned();
    let last = "/s".len();
    while length - path.as_os_str().len() > last + PART + 1 {
        path.push("d".repeat(PART));
    }
    let rest = length - path.as_os_str().len() - last;
    if rest > 1 {
        path.push("e".repeat(rest - 1));
    }
    std::fs::create_dir_all(&path).expect("folders");
    path.push("s".repeat(if rest == 1 { 2 } else { 1 }));
    assert_eq!(path.as_os_str().len(), length);
    (folder, path)
}

pub fn path_name(path: impl Into<PathBuf>) -> Name<'static> {
    path.into().to_fs_name::<GenericFilePath>().expect("the path is short")
}

pub fn listen(name: &Name<'_>) -> Listener {
    ListenerOptions::new().name(name.borrow()).create_sync().expect("the name is free")
}

pub fn connect(name: &Name<'_>) -> Stream {
    ConnectOptions::new().name(name.borrow()).connect_sync().expect("somebody listens")
}

/// Leaves a socket file as a killed process does.
#[cfg(unix)]
pub fn leave_stale_socket(path: &Path) {
    drop(UnixListener::bind(path).expect("the name is free"));
}

/// The names of all files in a folder, in order.
pub fn files(folder: &Path) -> Vec<String> {
    let names =
        fs::read_dir(folder).expect("a folder").map(|entry| entry.expect("a file").file_name());
    let mut names: Vec<_> = names.map(|name| name.into_string().expect("UTF-8")).collect();
    names.sort_unstable();
    names
}

/// The two ends of a stream, client first, whose reads and writes give up after a while.
pub fn pair() -> (Stream, Stream) {
    let name = fresh_id();
    let listener = listen(&name);
    let client = connect(&name);
    let server = listener.accept().expect("the client is there");
    for stream in [&client, &server] {
        stream.set_recv_timeout(Some(PATIENCE)).expect("a time limit");
        stream.set_send_timeout(Some(PATIENCE)).expect("a time limit");
    }
    (client, server)
}

/// A listener with a full backlog, and the clients that fill it.
pub fn full(name: &Name<'_>) -> (Listener, Vec<Stream>) {
    let listener = ListenerOptions::new().name(name.borrow()).backlog(1).create_sync().unwrap();
    let clients = (0..2).map(|_| connect(name)).collect();
    (listener, clients)
}

/// Accepts those who fill the backlog and sees that there is nobody else.
pub fn drain(listener: &Listener, clients: &[Stream]) {
    for _ in clients {
        listener.try_accept().unwrap();
    }
    assert_eq!(listener.try_accept().unwrap_err().kind(), std::io::ErrorKind::WouldBlock);
}
