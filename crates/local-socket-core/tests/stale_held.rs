//! Names that other processes hold. Alone in its program, because a process that is being started has
//! all descriptors of its parent for a moment, whatever other tests have closed meanwhile.
#![cfg(unix)]

mod common;

use common::{
    fresh_path, listen, path_name,
    taking_over::{assert_in_use, assert_reached},
};
use std::{
    io::ErrorKind,
    os::{fd::OwnedFd, unix::net::UnixListener},
    process::{Child, Command},
};

/// A process that does nothing but have the listener open.
struct Holder(Child);

impl Holder {
    fn of(listener: UnixListener) -> Self {
        let fd = OwnedFd::from(listener);
        Self(Command::new("sleep").arg("1000").stdin(fd).spawn().expect("sleep(1) is there"))
    }

    #[allow(clippy::cast_possible_wrap, reason = "pids are positive")]
    fn signal(&self, number: libc::c_int) {
        // SAFETY: the process is a child that hasn't been waited for, so that the pid is its own.
        assert_eq!(unsafe { libc::kill(self.0.id() as libc::pid_t, number) }, 0);
    }
}

impl Drop for Holder {
    fn drop(&mut self) {
        self.0.kill().expect("it is a child");
        self.0.wait().expect("it is a child");
    }
}

#[test]
fn a_listener_is_in_use_as_long_as_any_process_holds_it_running_or_stopped() {
    let (_folder, path) = fresh_path();
    let name = path_name(path.clone());
    let listener = UnixListener::bind(&path).unwrap();
    listener.set_nonblocking(true).unwrap();
    let holder = Holder::of(listener.try_clone().unwrap());
    let stopped = Holder::of(listener.try_clone().unwrap());
    assert_eq!(assert_in_use(&path), None);
    assert_eq!(listener.accept().unwrap_err().kind(), ErrorKind::WouldBlock);
    drop(listener);
    assert_eq!(assert_in_use(&path), None);
    stopped.signal(libc::SIGSTOP);
    drop(holder);
    assert_eq!(assert_in_use(&path), None);
    drop(stopped);
    assert_reached(&name, &listen(&name));
}
