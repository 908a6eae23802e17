//! Sockets that a service manager passes: the real `systemd-socket-activate`, and its protocol by
//! hand.
#![cfg(target_os = "linux")]

mod common;

use common::{
    PATIENCE,
    child::may_become_another_user,
    connect, fresh_id, fresh_path,
    passing::passing,
    path_name,
    program::{Running, example},
    within,
};
use local_socket::{Name, activation, prelude::*};
use rustix::io::{FdFlags, fcntl_getfd};
use std::{
    env,
    io::{Read, Write},
    net::TcpListener,
    os::{
        fd::OwnedFd,
        unix::{
            net::{UnixDatagram, UnixListener, UnixStream},
            process::CommandExt,
        },
    },
    path::Path,
    process::{Command, Stdio},
};

const ACTIVATOR: &str = "systemd-socket-activate";

/// Set for a test program that a test has started again, with descriptors.
const STARTED_AGAIN: &str = "LOCAL_SOCKET_TEST_STARTED_AGAIN";

fn echoes(name: &Name<'_>) {
    let mut client = connect(name);
    client.set_recv_timeout(Some(PATIENCE)).unwrap();
    client.write_all(b"hello").unwrap();
    client.shutdown_write().unwrap();
    let mut heard = String::new();
    client.read_to_string(&mut heard).unwrap();
    assert_eq!(heard, "hello");
}

/// Whether the program is there. Says so if it isn't, and fails if it has to be.
fn has_activator() -> bool {
    let found = env::split_paths(&env::var_os("PATH").unwrap_or_default())
        .any(|folder| folder.join(ACTIVATOR).exists());
    let required = env::var_os("LOCAL_SOCKET_REQUIRE_PEERS").is_some_and(|value| value == "1");
    assert!(found || !required, "{ACTIVATOR} is required and was not found");
    if !found {
        eprintln!("not tested: {ACTIVATOR} is not there");
    }
    found
}

/// A command that the activator starts when somebody connects, with `names` for the sockets.
fn activated(sockets: &[&str], names: &str, program: &Path) -> Command {
    let mut command = Command::new(ACTIVATOR);
    for socket in sockets {
        command.args(["-l", socket]);
    }
    command.arg(format!("--fdname={names}")).arg(program);
    command
}

#[test]
fn the_first_client_starts_a_server_which_serves_it_under_each_of_its_names() {
    if !has_activator() {
        return;
    }
    let (_folder, path) = fresh_path();
    let names = [path_name(path.clone()), fresh_id()];
    let texts = [path.to_str().unwrap(), &names[1].to_string()];
    let command = activated(&texts, "main:control", &example("activated"));
    let mut server = Running::spawn(ACTIVATOR, command);
    for _ in &names {
        assert!(server.error_line().starts_with("Listening on "));
    }
    for name in names.iter().chain(&names) {
        echoes(name);
    }
    assert_eq!(server.line(), format!("main: listening on {}", names[0]));
    assert_eq!(server.line(), format!("control: listening on {}", names[1]));
    assert_eq!(connect(&names[0]).peer_creds().unwrap().pid(), Some(server.pid().cast_signed()));
    drop(server);
    assert!(path.exists(), "the file is the unit's");
}

#[test]
fn a_server_that_dropped_its_privileges_shows_its_own_user_and_not_who_opened_the_socket() {
    if !may_become_another_user() {
        return;
    }
    const NOBODY: u32 = 65_534;
    let (_folder, path) = fresh_path();
    let socket = UnixListener::bind(&path).unwrap();
    let name = path_name(path);
    let user = || connect(&name).peer_creds().unwrap().euid();
    assert_eq!(user(), Some(0));
    let environment = [("LISTEN_PID", "$$"), ("LISTEN_FDS", "1")];
    let mut command = passing(example("activated"), vec![socket.into()], &environment);
    command.uid(NOBODY).gid(NOBODY);
    let mut server = Running::spawn("activated", command);
    assert_eq!(server.line(), format!("unknown: listening on {name}"));
    assert_eq!(user(), Some(NOBODY));
    echoes(&name);
}

#[test]
fn what_is_no_listener_is_told_by_its_name_and_the_others_are_served() {
    let (_folder, path) = fresh_path();
    let (connected, _other) = UnixStream::pair().unwrap();
    let descriptors: Vec<OwnedFd> = vec![
        UnixDatagram::unbound().unwrap().into(),
        TcpListener::bind("127.0.0.1:0").unwrap().into(),
        connected.into(),
        UnixListener::bind(&path).unwrap().into(),
    ];
    let environment =
        [("LISTEN_PID", "$$"), ("LISTEN_FDS", "4"), ("LISTEN_FDNAMES", "packets:web::main")];
    let command = passing(example("activated"), descriptors, &environment);
    let mut server = Running::spawn("activated", command);
    for (name, reason) in
        [("packets", "no stream socket"), ("web", "no Unix domain socket"), ("", "connected")]
    {
        let line = server.line();
        assert!(line.starts_with(&format!("{name}: can't listen")), "{line}");
        assert!(line.contains(reason), "{line}");
    }
    let name = path_name(path);
    assert_eq!(server.line(), format!("main: listening on {name}"));
    echoes(&name);
}

#[test]
fn a_broken_environment_is_told_in_one_line_and_another_process_gets_nothing() {
    let cases: [(&[(&str, &str)], &str); 7] = [
        (&[], "no listener was passed"),
        (&[("LISTEN_PID", "1"), ("LISTEN_FDS", "1")], "no listener was passed"),
        (&[("LISTEN_PID", "$$"), ("LISTEN_FDS", "x")], "LISTEN_FDS is \"x\", not a number"),
        (&[("LISTEN_PID", "$$"), ("LISTEN_FDS", "0")], "LISTEN_FDS is \"0\", not a number"),
        (&[("LISTEN_PID", "me"), ("LISTEN_FDS", "1")], "LISTEN_PID is \"me\", not a number"),
        (&[("LISTEN_PID", "$$"), ("LISTEN_FDS", "2000000000")], "which isn't open"),
        (
            &[("LISTEN_PID", "$$"), ("LISTEN_FDS", "1"), ("LISTEN_FDNAMES", "a:b")],
            "1 descriptors and 2 names",
        ),
    ];
    for (environment, expected) in cases {
        let (_folder, path) = fresh_path();
        let listener = UnixListener::bind(path).unwrap();
        let command = passing(example("activated"), vec![listener.into()], environment);
        let (_, success, errors) = Running::spawn("activated", command).finish(Vec::new());
        assert!(!success && errors.contains(expected), "{errors}");
        assert_eq!(errors.lines().count(), 1, "{errors}");
    }
}

/// Runs one test of this program in a process of its own that was passed a listener; what it
/// printed, if it passed.
fn start_again(test: &str) -> String {
    let (_folder, path) = fresh_path();
    let listener = UnixListener::bind(path).unwrap();
    let environment = [("LISTEN_PID", "$$"), ("LISTEN_FDS", "1"), (STARTED_AGAIN, "1")];
    let mut command = passing(env::current_exe().unwrap(), vec![listener.into()], &environment);
    command.args(["--exact", test, "--nocapture"]).stdin(Stdio::null());
    let output = within(test, move || command.output().unwrap());
    let text = String::from_utf8_lossy(&output.stdout).into_owned();
    assert!(output.status.success(), "{text}{}", String::from_utf8_lossy(&output.stderr));
    text
}

#[test]
fn sockets_are_taken_once_and_no_child_inherits_them() {
    if env::var_os(STARTED_AGAIN).is_none() {
        let text = start_again("sockets_are_taken_once_and_no_child_inherits_them");
        assert!(text.contains("1 passed"), "{text}");
        return;
    }
    let sockets = activation::sockets().unwrap();
    let [socket] = &sockets[..] else { panic!("one was passed: {sockets:?}") };
    assert_eq!(socket.name(), "unknown");
    assert!(socket.is_listener());
    assert!(fcntl_getfd(socket).unwrap().contains(FdFlags::CLOEXEC));
    assert!(activation::sockets().unwrap().is_empty());
    drop(sockets);
    assert!(activation::sockets().unwrap().is_empty());
}
