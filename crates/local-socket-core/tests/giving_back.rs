//! Giving a name back while others are at it.
#![cfg(target_os = "linux")]

mod common;

use common::{
    files, fresh_path,
    intercept::{Verdict, intercepting},
    listen, path_name, within,
};
use local_socket::{Listener, ListenerOptions, StaleName};
use rustix::fs::{FlockOperation, flock};
use std::{
    fs::{self, File},
    io::ErrorKind,
    os::{
        fd::{AsFd, AsRawFd},
        unix::net::{UnixListener, UnixStream},
    },
    time::Duration,
};

#[test]
fn while_somebody_else_holds_the_lock_closing_leaves_the_file_and_the_next_listener_takes_it() {
    let (folder, path) = fresh_path();
    let name = path_name(path);
    let listener = listen(&name);
    let lock = File::open(folder.path()).unwrap();
    flock(&lock, FlockOperation::NonBlockingLockExclusive).unwrap();
    within("the listener to be closed all the same", move || drop(listener));
    assert_eq!(files(folder.path()), ["s"]);
    drop(lock);
    drop(listen(&name));
    assert!(files(folder.path()).is_empty());
}

#[test]
fn a_lock_that_is_held_for_a_moment_only_is_waited_for() {
    let (folder, path) = fresh_path();
    // On a busy machine the moment may be too long.
    let waited = (0..20).any(|_| {
        let listener = listen(&path_name(path.clone()));
        let mut lock = Some(File::open(folder.path()).unwrap());
        flock(lock.as_ref().unwrap(), FlockOperation::NonBlockingLockExclusive).unwrap();
        let mut attempts = 0;
        let let_go = |_: &libc::seccomp_data| {
            attempts += 1;
            if attempts == 2 {
                lock.take();
            }
            Verdict::Go
        };
        intercepting(&[libc::SYS_flock], let_go, || drop(listener));
        attempts >= 2 && files(folder.path()).is_empty()
    });
    assert!(waited);
}

#[test]
fn who_overwrites_the_name_at_that_moment_keeps_it() {
    let (folder, path) = fresh_path();
    let name = path_name(path);
    let listener = listen(&name);
    let overwrite = |patience| {
        let options = ListenerOptions::new().name(name.borrow()).try_overwrite(true);
        options.max_spin_time(patience).create_sync()
    };
    let mut attempted = None;
    // The file has been looked at, and is about to be removed.
    let meanwhile = |_: &libc::seccomp_data| {
        attempted = Some(overwrite(Duration::ZERO));
        Verdict::Go
    };
    intercepting(&[libc::SYS_unlinkat], meanwhile, || drop(listener));
    let error = attempted.expect("the file is removed").unwrap_err();
    assert_eq!(error.kind(), ErrorKind::TimedOut, "it has to wait");
    assert!(files(folder.path()).is_empty());
    let _ours = overwrite(common::PATIENCE).unwrap();
    assert_eq!(files(folder.path()), ["s"]);
}

#[test]
fn a_new_socket_never_counts_as_the_one_that_is_closed_although_inodes_are_used_again() {
    let (folder, path) = fresh_path();
    for _ in 0..50 {
        let listener = listen(&path_name(path.clone()));
        fs::remove_file(&path).unwrap();
        let mut newer = None;
        let take = |_: &libc::seccomp_data| {
            newer.get_or_insert_with(|| UnixListener::bind(&path).unwrap());
            Verdict::Go
        };
        intercepting(&[libc::SYS_newfstatat], take, || drop(listener));
        assert_eq!(files(folder.path()), ["s"]);
        UnixStream::connect(&path).unwrap();
        newer.expect("the file is looked at").accept().unwrap();
        fs::remove_file(&path).unwrap();
    }
}

#[test]
fn the_file_is_gone_before_its_socket_is_closed() {
    let (_folder, path) = fresh_path();
    let Listener::UdSocket(listener) = listen(&path_name(path.clone()));
    let socket = u64::try_from(listener.as_fd().as_raw_fd()).unwrap();
    let mut seen = None;
    let look = |call: &libc::seccomp_data| {
        if call.args[0] == socket {
            // The number is used again at once.
            seen.get_or_insert_with(|| path.exists());
        }
        Verdict::Go
    };
    intercepting(&[libc::SYS_close], look, || drop(listener));
    assert_eq!(seen, Some(false));
}

#[test]
fn what_is_given_back_can_be_taken_by_those_who_leave_stale_names_alone() {
    let (_folder, path) = fresh_path();
    let name = path_name(path);
    for _ in 0..3 {
        let options = ListenerOptions::new().name(name.borrow()).stale(StaleName::Fail);
        drop(options.create_sync().unwrap());
    }
}
