//! Alone in its program, because it changes what its children are.
#![cfg(target_os = "linux")]

mod common;

use common::{connect, fresh_path, listen, path_name};
use local_socket::prelude::*;

/// What the child says when all is as it should be.
const AS_EXPECTED: i32 = 7;

#[test]
fn a_peer_outside_our_pid_namespace_has_a_user_and_no_pid() {
    let (_folder, path) = fresh_path();
    let name = path_name(path);
    let listener = listen(&name);
    // SAFETY: only decides in which namespace children of this thread will be.
    if unsafe { libc::unshare(libc::CLONE_NEWPID) } != 0 {
        eprintln!("not tested: this user may not make namespaces");
        return;
    }
    // SAFETY: the child connects, asks and exits, and takes no lock that another thread holds.
    let child = unsafe { libc::fork() };
    assert!(child >= 0, "fork failed");
    if child == 0 {
        let creds = connect(&name).peer_creds();
        // SAFETY: has no preconditions and can't fail.
        let own = unsafe { libc::geteuid() };
        let right = creds.is_ok_and(|creds| creds.pid().is_none() && creds.euid() == Some(own));
        // SAFETY: ends the process at once and touches no memory.
        unsafe { libc::_exit(if right { AS_EXPECTED } else { 1 }) };
    }
    let server = listener.accept().unwrap();
    assert_eq!(server.peer_creds().unwrap().pid(), Some(child));
    let mut status = 0;
    // SAFETY: the status is a live integer.
    let waited = unsafe { libc::waitpid(child, &mut status, 0) };
    assert_eq!(waited, child);
    assert_eq!(libc::WEXITSTATUS(status), AS_EXPECTED);
}
