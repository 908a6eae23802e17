//! Waiting for others who hold the lock of the folder.
#![cfg(any(target_os = "linux", target_os = "android", target_vendor = "apple"))]

mod common;

use common::{fresh_path, listen, path_name, within};
use local_socket::{
    Listener, ListenerOptions, Name,
    error::{AddressError, Operation},
};
use rustix::fs::{FlockOperation, flock};
use std::{
    fs::File,
    io::{self, ErrorKind},
    path::Path,
    thread,
    time::{Duration, Instant},
};

/// Holds the folder's lock until it is dropped.
fn hold(folder: &Path) -> File {
    let folder = File::open(folder).unwrap();
    flock(&folder, FlockOperation::NonBlockingLockExclusive).expect("nobody else holds it");
    folder
}

fn overwrite_within(name: &Name<'_>, limit: Duration) -> io::Result<Listener> {
    let options = ListenerOptions::new().name(name.borrow()).try_overwrite(true);
    options.max_spin_time(limit).create_sync()
}

#[test]
fn a_lock_held_by_somebody_else_ends_in_an_error_within_max_spin_time() {
    let (folder, path) = fresh_path();
    let name = path_name(path);
    let listener = listen(&name);
    let _lock = hold(folder.path());
    for limit in [Duration::ZERO, Duration::from_nanos(1), Duration::from_millis(150)] {
        let name = name.clone();
        within("the wait for the lock to end", move || {
            let start = Instant::now();
            let error = overwrite_within(&name, limit).unwrap_err();
            assert!(start.elapsed() >= limit);
            assert_eq!(error.kind(), ErrorKind::TimedOut);
            let error = error.get_ref().unwrap().downcast_ref::<AddressError>().unwrap();
            assert_eq!(error.operation(), Operation::Listen);
            assert_eq!((error.name(), error.limit()), (&name, Some(limit)));
        });
    }
    drop(listener);
}

#[test]
fn unless_told_otherwise_the_wait_is_two_seconds() {
    let (folder, path) = fresh_path();
    let name = path_name(path);
    let _listener = listen(&name);
    let _lock = hold(folder.path());
    let start = Instant::now();
    let error = within("the wait for the lock to end", move || {
        ListenerOptions::new().name(name).try_overwrite(true).create_sync().unwrap_err()
    });
    assert!(start.elapsed() >= Duration::from_secs(2));
    assert_eq!(error.kind(), ErrorKind::TimedOut);
}

#[test]
fn the_longest_duration_is_no_error_and_the_wait_ends_with_the_lock() {
    let (folder, path) = fresh_path();
    for limit in [Duration::from_secs(600), Duration::MAX] {
        let name = path_name(path.clone());
        let _old = listen(&name);
        let lock = hold(folder.path());
        let late = thread::spawn(move || {
            thread::sleep(Duration::from_millis(50));
            drop(lock);
        });
        within("the lock to be taken", move || overwrite_within(&name, limit).unwrap());
        late.join().unwrap();
    }
}

#[test]
fn without_contention_no_time_is_taken() {
    let (_folder, path) = fresh_path();
    let name = path_name(path);
    let mut listeners = vec![listen(&name)];
    for _ in 0..20 {
        listeners.push(overwrite_within(&name, Duration::ZERO).unwrap());
    }
}

#[test]
fn also_a_free_name_is_taken_under_the_lock_only() {
    let (folder, path) = fresh_path();
    let name = path_name(path);
    let lock = hold(folder.path());
    let options = ListenerOptions::new().name(name.borrow());
    let error = options.max_spin_time(Duration::ZERO).create_sync().unwrap_err();
    assert_eq!(error.kind(), ErrorKind::TimedOut);
    assert!(error.to_string().ends_with("others kept the folder locked (within 0ns)"), "{error}");
    assert_eq!(folder.path().read_dir().unwrap().count(), 0);
    drop(lock);
    listen(&name);
}
