//! Taking a name from a socket that is there.
#![cfg(any(target_os = "linux", target_os = "android", target_vendor = "apple"))]

mod common;

use common::{PATIENCE, connect, files, fresh_path, leave_stale_socket, listen, path_name, within};
use local_socket::{
    ConnectOptions, ConnectWaitMode, Listener, ListenerOptions, Name, os::unix::ListenerOptionsExt,
    prelude::*,
};
use std::{
    fs,
    io::{self, ErrorKind, Read, Write},
    os::unix::fs::{FileTypeExt, PermissionsExt},
    sync::{
        Barrier,
        atomic::{AtomicBool, Ordering::Relaxed},
    },
    thread,
    time::Instant,
};

fn try_to_overwrite(name: &Name<'_>) -> io::Result<Listener> {
    ListenerOptions::new().name(name.borrow()).try_overwrite(true).create_sync()
}

fn overwrite(name: &Name<'_>) -> Listener {
    try_to_overwrite(name).expect("only a socket is there")
}

/// As [`overwrite`], where many do it at once: nobody gives up because the machine is busy.
fn overwrite_in_turn(name: &Name<'_>) -> Listener {
    let options = ListenerOptions::new().name(name.borrow()).try_overwrite(true);
    options.max_spin_time(PATIENCE).create_sync().expect("only a socket is there")
}

/// A client of the name comes to this listener.
fn assert_reached(name: &Name<'_>, listener: Listener) -> Listener {
    let mut client = connect(name);
    within("the listener to be reached", move || {
        let mut server = listener.accept().unwrap();
        client.write_all(b"!").unwrap();
        let mut heard = [0];
        server.read_exact(&mut heard).unwrap();
        listener
    })
}

#[test]
fn a_live_listener_is_displaced_and_its_streams_go_on() {
    let (_folder, path) = fresh_path();
    let name = path_name(path);
    let old = listen(&name);
    let mut client = connect(&name);
    let mut server = old.accept().unwrap();
    let _new = assert_reached(&name, overwrite(&name));
    assert_eq!(old.try_accept().unwrap_err().kind(), ErrorKind::WouldBlock);
    drop(old);
    client.write_all(b"still here").unwrap();
    client.shutdown_write().unwrap();
    let mut heard = String::new();
    server.read_to_string(&mut heard).unwrap();
    assert_eq!(heard, "still here");
}

#[test]
fn while_names_are_overwritten_nobody_finds_nothing_there() {
    let (_folder, path) = fresh_path();
    let name = path_name(path);
    let mut listeners = vec![listen(&name)];
    // Full backlogs don't matter: somebody is there.
    let options = ConnectOptions::new().name(name.borrow()).wait_mode(ConnectWaitMode::Deferred);
    let (begun, done) = (Barrier::new(2), AtomicBool::new(false));
    thread::scope(|scope| {
        scope.spawn(|| {
            begun.wait();
            let start = Instant::now();
            while !done.load(Relaxed) && start.elapsed() < PATIENCE {
                match options.connect_sync() {
                    Ok(_) => {}
                    Err(error) => assert_eq!(error.kind(), ErrorKind::WouldBlock, "{error}"),
                }
            }
        });
        begun.wait();
        for _ in 0..200 {
            listeners.push(overwrite(&name));
        }
        done.store(true, Relaxed);
    });
}

#[test]
fn a_file_put_there_while_the_name_is_overwritten_is_put_back() {
    let (folder, path) = fresh_path();
    let name = path_name(path.clone());
    let file = folder.path().join("file");
    for round in 0..300 {
        let _old = listen(&name);
        let text = round.to_string();
        fs::write(&file, &text).unwrap();
        let begun = Barrier::new(2);
        let _new = thread::scope(|scope| {
            let overwriting = scope.spawn(|| {
                begun.wait();
                try_to_overwrite(&name)
            });
            begun.wait();
            fs::rename(&file, &path).unwrap();
            overwriting.join().unwrap()
        });
        assert_eq!(files(folder.path()), ["s"], "round {round}");
        assert_eq!(fs::read_to_string(&path).unwrap(), text, "round {round}");
        fs::remove_file(&path).unwrap();
    }
}

#[test]
fn those_who_overwrite_at_once_all_succeed_and_one_remains() {
    let (folder, path) = fresh_path();
    let name = path_name(path);
    let listeners: Vec<Listener> = thread::scope(|scope| {
        let threads: Vec<_> = (0..8)
            .map(|_| scope.spawn(|| (0..20).map(|_| overwrite_in_turn(&name)).collect::<Vec<_>>()))
            .collect();
        threads.into_iter().flat_map(|thread| thread.join().unwrap()).collect()
    });
    assert_eq!(files(folder.path()), ["s"]);
    let _client = connect(&name);
    let reached = listeners.iter().filter(|listener| listener.try_accept().is_ok()).count();
    assert_eq!(reached, 1);
    drop(listeners);
    assert!(files(folder.path()).is_empty());
}

#[test]
fn a_dead_socket_is_replaced() {
    let (_folder, path) = fresh_path();
    leave_stale_socket(&path);
    let name = path_name(path);
    assert_reached(&name, overwrite(&name));
}

#[test]
fn a_free_name_is_simply_taken() {
    let (folder, path) = fresh_path();
    let Listener::UdSocket(listener) = overwrite(&path_name(path.clone()));
    assert_eq!(listener.inner().local_addr().unwrap().as_pathname(), Some(path.as_path()));
    assert_eq!(files(folder.path()), ["s"]);
}

#[test]
fn nothing_is_left_beside_it() {
    let (folder, path) = fresh_path();
    let name = path_name(path);
    let old = listen(&name);
    let new = overwrite(&name);
    assert_eq!(files(folder.path()), ["s"]);
    drop(new);
    assert!(files(folder.path()).is_empty());
    drop(old);
    assert!(files(folder.path()).is_empty());
}

#[test]
fn a_left_over_of_a_killed_listener_is_removed() {
    let (folder, path) = fresh_path();
    leave_stale_socket(&path);
    leave_stale_socket(&path.with_file_name(".s.new"));
    let name = path_name(path);
    let _listener = assert_reached(&name, overwrite(&name));
    assert_eq!(files(folder.path()), ["s"]);
}

#[test]
fn dropping_the_displaced_listener_leaves_the_new_one() {
    let (_folder, path) = fresh_path();
    let name = path_name(path);
    let old = listen(&name);
    let new = overwrite(&name);
    drop(old);
    assert_reached(&name, new);
}

#[test]
fn the_file_stays_when_the_name_is_not_to_be_reclaimed() {
    let (folder, path) = fresh_path();
    let name = path_name(path);
    let _old = listen(&name);
    let options = ListenerOptions::new().name(name).try_overwrite(true).reclaim_name(false);
    drop(options.create_sync().unwrap());
    assert_eq!(files(folder.path()), ["s"]);
}

#[test]
fn the_mode_holds_for_the_new_one() {
    let (_folder, path) = fresh_path();
    let _old = listen(&path_name(path.clone()));
    for mode in [0o600_u16, 0o666, 0o777] {
        let options = ListenerOptions::new().name(path_name(path.clone())).try_overwrite(true);
        let listener = options.mode(mode.into()).reclaim_name(false).create_sync().unwrap();
        let file = fs::symlink_metadata(&path).unwrap();
        assert!(file.file_type().is_socket());
        assert_eq!(file.permissions().mode() & 0o7777, u32::from(mode));
        drop(listener);
    }
}

#[test]
fn the_longest_paths_are_overwritten_too() {
    let (folder, _) = fresh_path();
    // A long name in a short folder, and a short name in a long folder, as long as may be.
    let limit = if cfg!(any(target_os = "linux", target_os = "android")) { 107 } else { 103 };
    let room = limit - folder.path().as_os_str().len() - 1;
    let long_name = folder.path().join(format!("x{}", "ä".repeat((room - 1) / 2)));
    let long_folder = folder.path().join("d".repeat(room - 2));
    fs::create_dir(&long_folder).unwrap();
    let mut paths = vec![long_name];
    if cfg!(any(target_os = "linux", target_os = "android")) {
        paths.push(long_folder.join("s"));
    }
    for path in paths {
        let name = path_name(path.clone());
        let _old = listen(&name);
        let new = assert_reached(&name, overwrite(&name));
        let beside = path.parent().unwrap();
        assert!(files(beside).iter().all(|name| !name.starts_with('.')));
        drop(new);
        assert!(!path.exists());
    }
}
