//! Users that can't be told apart. Alone in its program, because its children are forked.
#![cfg(target_os = "linux")]

mod common;

use common::{
    child::{as_stranger, as_user, may_become_another_user},
    fresh_id, path_name,
    processes::fork,
};
use local_socket::{
    Allow, ConnectOptions, ListenerNonblockingMode, ListenerOptions, Name, PeerCreds,
    error::ServerNotAllowed, prelude::*,
};
use std::{
    fmt::Display,
    fs,
    io::{ErrorKind, Read, Write},
    os::unix::net::UnixStream,
};

/// What everybody is who has no user here.
const NOBODY: libc::uid_t = 65_534;

fn text(error: impl Display) -> String {
    error.to_string()
}

fn ensure(holds: bool, what: &str) -> Result<(), String> {
    if holds { Ok(()) } else { Err(what.into()) }
}

/// Whether this process, which has one thread, is in a namespace where it is nobody now.
fn leave_the_user_namespace() -> bool {
    // SAFETY: decides only in which namespace this process is.
    unsafe { libc::unshare(libc::CLONE_NEWUSER) == 0 }
}

fn listen(name: &Name<'_>, allow: Allow) -> Result<local_socket::Listener, String> {
    let options = ListenerOptions::new().name(name.borrow()).allow(allow);
    options.nonblocking(ListenerNonblockingMode::Accept).create_sync().map_err(text)
}

fn is_refused(name: &Name<'_>, server: Allow) -> Result<(), String> {
    match ConnectOptions::new().name(name.borrow()).server(server).connect_sync() {
        Ok(_) => Err("a server that can't be told was allowed".into()),
        Err(error) => {
            let refused = ServerNotAllowed::of(&error).ok_or_else(|| text(&error))?;
            ensure(refused.creds().is_some_and(|creds| creds.euid().is_none()), "a user is told")?;
            ensure(text(&error).contains("can't tell"), "the text tells a user")
        }
    }
}

/// Every folder looks like this process's own; this one isn't there, so that nothing is made.
fn no_folder_is_safe() -> Result<(), String> {
    let options = ListenerOptions::new().name(path_name("/local-socket-test-missing/s"));
    match options.check_folders(true).create_sync() {
        Ok(_) => Err("somebody made the folder".into()),
        Err(error) => ensure(error.kind() == ErrorKind::PermissionDenied, &text(error)),
    }
}

/// In a namespace without a map, where everybody, this process too, is nobody.
fn everybody_is_nobody(outside: &Name<'_>) -> Result<(), String> {
    ensure(rustix::process::geteuid().as_raw() == NOBODY, "somebody has a user")?;
    no_folder_is_safe()?;
    for unwanted in [Allow::same_user(), Allow::uid(NOBODY), Allow::gid(NOBODY), Allow::uid(0)] {
        is_refused(outside, unwanted.clone())?;
        let name = fresh_id();
        let listener = listen(&name, unwanted)?;
        let client = ConnectOptions::new().name(name.borrow()).connect_sync().map_err(text)?;
        let error = listener.try_accept().err().ok_or("a client that can't be told was let in")?;
        ensure(error.kind() == ErrorKind::WouldBlock && listener.refused() == 1, "not refused")?;
        drop(client);
    }
    let unknown =
        |peer: &PeerCreds| peer.euid().is_none() && peer.egid().is_none() && peer.pid().is_some();
    let wanted = || [Allow::anyone(), Allow::by(unknown)];
    for wanted in wanted() {
        let options = ConnectOptions::new().name(outside.borrow()).server(wanted);
        let Ok(local_socket::Stream::UdSocket(stream)) = options.connect_sync() else {
            return Err("a server that may be anyone was refused".into());
        };
        ensure(
            stream.peer_groups().map_err(text)?.is_none_or(|g| g.is_empty()),
            "groups are told",
        )?;
    }
    let name = fresh_id();
    for wanted in wanted() {
        let listener = listen(&name, wanted)?;
        let client = ConnectOptions::new().name(name.borrow()).connect_sync().map_err(text)?;
        listener.try_accept().map_err(text)?;
        drop(client);
    }
    Ok(())
}

/// Once this process has a user here, it is told from the others, who still have none; but not where
/// it is the very one that they are shown as.
fn with_a_map(id: libc::uid_t, outside: libc::uid_t) -> Result<(), String> {
    fs::write("/proc/self/uid_map", format!("{id} {outside} 1")).map_err(text)?;
    let name = fresh_id();
    let listener = listen(&name, Allow::anyone())?;
    let _client = ConnectOptions::new().name(name.borrow()).connect_sync().map_err(text)?;
    let creds = listener.try_accept().and_then(|own| own.peer_creds()).map_err(text)?;
    ensure(creds.euid() == (id != NOBODY).then_some(id), "the map isn't heeded")?;
    ensure(creds.egid().is_none(), "a group is told that has no map")
}

fn refuses(listener: &local_socket::Listener, count: u64) -> Result<(), String> {
    let error = listener.try_accept().err().ok_or("a client from outside was let in")?;
    ensure(error.kind() == ErrorKind::WouldBlock && listener.refused() == count, "not refused")
}

/// Runs a server in a namespace where it is nobody at first and gets an id then.
fn serve_from_a_namespace(id: libc::uid_t) {
    let (outside, before, after) = (fresh_id(), fresh_id(), fresh_id());
    // Whatever is queued there is never accepted: a client needs no more.
    let _listener = listen(&outside, Allow::anyone()).unwrap();
    let own = rustix::process::geteuid().as_raw();
    let (mut told, mut tell) = UnixStream::pair().unwrap();
    told.set_read_timeout(Some(common::PATIENCE)).unwrap();
    let child = fork(|| {
        if !leave_the_user_namespace() {
            return tell.write_all(b"-").map_err(text);
        }
        let unmapped = listen(&before, Allow::same_user())?;
        let mapped = listen(&after, Allow::any_of([Allow::same_user(), Allow::uid(NOBODY)]))?;
        everybody_is_nobody(&outside)?;
        tell.write_all(b"+").map_err(text)?;
        tell.read_exact(&mut [0]).map_err(text)?;
        refuses(&unmapped, 1)?;
        with_a_map(id, own)?;
        refuses(&mapped, u64::from(own == 0))
    });
    let mut answer = [0];
    told.read_exact(&mut answer).expect("the child is through");
    if answer == *b"-" {
        // Not by a macro, which would be captured.
        let _ = writeln!(std::io::stderr(), "skipped: user namespaces can't be made here");
        return child.join();
    }
    let client = common::connect(&before);
    let _stranger = may_become_another_user().then(|| as_stranger(|| common::connect(&after)));
    told.write_all(b"x").unwrap();
    child.join();
    assert_eq!(client.try_read(&mut [0]).unwrap(), 0);
}

#[test]
fn strangers_that_look_alike_are_the_same_user_to_nobody() {
    serve_from_a_namespace(1000);
    serve_from_a_namespace(NOBODY);
}

/// From outside all namespaces the number of nobody is a user like any other.
#[test]
fn outside_of_namespaces_nobody_is_somebody() {
    if !may_become_another_user()
        || fs::read_to_string("/proc/self/uid_map").unwrap().split_whitespace().nth(2)
            != Some("4294967295")
    {
        return;
    }
    let name = fresh_id();
    let listener = listen(&name, Allow::uid(NOBODY)).unwrap();
    let client = as_user(NOBODY, &[], || common::connect(&name));
    let creds = listener.try_accept().unwrap().peer_creds().unwrap();
    assert_eq!((creds.euid(), creds.egid()), (Some(NOBODY), Some(NOBODY)));
    drop(client);
}
