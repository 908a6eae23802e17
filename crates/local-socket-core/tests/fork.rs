//! Alone in its program, because it forks.
#![cfg(unix)]

mod common;

use common::{connect, fresh_path, listen, path_name};
use local_socket::prelude::*;

#[test]
fn a_forked_child_that_drops_its_copy_leaves_the_parents_name() {
    let (_folder, path) = fresh_path();
    let name = path_name(path.clone());
    let listener = listen(&name);
    // SAFETY: the child only drops a value and exits without running anything else.
    let child = unsafe { libc::fork() };
    assert!(child >= 0, "fork failed");
    if child == 0 {
        drop(listener);
        // SAFETY: ends the process at once and touches no memory.
        unsafe { libc::_exit(0) };
    }
    let mut status = 1;
    // SAFETY: the status is a live integer.
    let waited = unsafe { libc::waitpid(child, &mut status, 0) };
    assert_eq!((waited, status), (child, 0), "waited for the child to drop its copy");
    assert!(path.exists());
    connect(&name);
    listener.accept().unwrap();
    drop(listener);
    assert!(!path.exists());
}
