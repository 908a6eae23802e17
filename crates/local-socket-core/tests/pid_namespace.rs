//! Alone in its program, because it changes what its children are.
#![cfg(target_os = "linux")]

mod common;

use common::{connect, fresh_path, listen, path_name, within};
use local_socket::{Name, prelude::*};
use std::{
    io::{self, Read, Write},
    os::unix::net::UnixStream,
};

/// What the peer says when all is as it should be.
const AS_EXPECTED: i32 = 7;

/// What is said where no namespace can be made.
const NO_NAMESPACE: i32 = 8;

const FAILED: i32 = 1;

fn exit(status: i32) -> ! {
    // SAFETY: ends the process at once and touches no memory.
    unsafe { libc::_exit(status) }
}

/// The exit status of the child.
fn wait_for(child: libc::pid_t) -> i32 {
    let mut status = 0;
    // SAFETY: the status is a live integer.
    let waited = unsafe { libc::waitpid(child, &mut status, 0) };
    if waited == child && libc::WIFEXITED(status) { libc::WEXITSTATUS(status) } else { FAILED }
}

/// Whether the children of this process will be in a pid namespace of their own. Without the
/// privilege it takes a namespace of users, which only a process without other threads can have.
fn leave_the_pid_namespace() -> bool {
    // SAFETY: both decide only in which namespaces this process and its children are.
    unsafe {
        libc::unshare(libc::CLONE_NEWPID) == 0
            || libc::unshare(libc::CLONE_NEWUSER | libc::CLONE_NEWPID) == 0
    }
}

/// What the peer sees of this program: no pid, and the user. (In a namespace of users without a map
/// nobody can be told.)
fn peer(name: &Name<'_>) -> i32 {
    let creds = connect(name).peer_creds();
    // SAFETY: has no preconditions and can't fail.
    let own = unsafe { libc::geteuid() };
    let right = creds
        .is_ok_and(|creds| creds.pid().is_none() && creds.euid().is_none_or(|euid| euid == own));
    if right { AS_EXPECTED } else { FAILED }
}

/// Tells the pid of the peer, as seen from here, and ends as the peer does.
fn parent_of_the_peer(name: &Name<'_>, mut tell: UnixStream) -> i32 {
    if !leave_the_pid_namespace() {
        return NO_NAMESPACE;
    }
    // SAFETY: this process has one thread.
    let child = unsafe { libc::fork() };
    if child == 0 {
        exit(peer(name));
    }
    if child < 0 || tell.write_all(&child.to_ne_bytes()).is_err() {
        return FAILED;
    }
    wait_for(child)
}

#[test]
fn a_peer_outside_our_pid_namespace_has_a_user_and_no_pid() {
    let (_folder, path) = fresh_path();
    let name = path_name(path);
    let listener = listen(&name);
    let (mut told, tell) = UnixStream::pair().unwrap();
    // SAFETY: the child makes system calls, allocates at most, which is allowed after a fork here,
    // and exits without running what this program registered.
    let child = unsafe { libc::fork() };
    assert!(child >= 0, "fork failed");
    if child == 0 {
        exit(parent_of_the_peer(&name, tell));
    }
    drop(tell);
    let peer = within("the pid of the peer", move || {
        let mut pid = [0; size_of::<libc::pid_t>()];
        told.read_exact(&mut pid).map(|()| libc::pid_t::from_ne_bytes(pid))
    });
    let Ok(peer) = peer else {
        assert_eq!(wait_for(child), NO_NAMESPACE, "no peer came up");
        // Not by a macro, which would be captured.
        let _ = writeln!(io::stderr(), "skipped: namespaces can't be made here");
        return;
    };
    let server = within("the peer's connection", move || listener.accept()).unwrap();
    assert_eq!(server.peer_creds().unwrap().pid(), Some(peer));
    assert_eq!(wait_for(child), AS_EXPECTED);
}
