//! Names in the folder that everybody shares, and other users: what only root can show, since it
//! can be another user for a while.
#![cfg(target_os = "linux")]

mod common;

use common::{
    child::{as_user, may_become_another_user},
    connect, listen, path_name,
    special::{assert_reaches, assert_refused, folder, special, try_connect, try_listen},
    within,
};
use local_socket::{
    Allow, ConnectOptions, ConnectWaitMode, Listener, ListenerNonblockingMode, ListenerOptions,
    Stream, error::os_error, prelude::*,
};
use rustix::fs::{CWD, RenameFlags, renameat_with};
use std::{
    fs::{self, Permissions},
    io::{self, ErrorKind},
    os::unix::{
        fs::{MetadataExt, PermissionsExt, chown, symlink},
        net::UnixListener,
    },
    path::{Path, PathBuf},
    process,
    sync::{
        Arc,
        atomic::{AtomicBool, AtomicUsize, Ordering},
    },
    thread,
};

/// A user that nobody else is.
const SOMEBODY: u32 = 54_321;

/// An id that no other test has.
fn fresh_id() -> String {
    static COUNT: AtomicUsize = AtomicUsize::new(0);
    format!("local-socket-test-{}-{}", process::id(), COUNT.fetch_add(1, Ordering::Relaxed))
}

fn file(id: &str) -> PathBuf {
    Path::new("/tmp").join(id)
}

fn let_anybody_connect(id: &str) {
    fs::set_permissions(file(id), Permissions::from_mode(0o666)).unwrap();
}

fn listen_as(user: u32, id: &str) -> Listener {
    let name = special(id);
    as_user(user, &[], move || listen(&name))
}

/// For another user to do.
fn try_listen_at(id: &str) -> impl FnOnce() -> io::Result<Listener> + Send + 'static {
    let name = special(id);
    move || try_listen(&name)
}

fn connect_as(user: u32, id: &str) -> io::Result<Stream> {
    let name = special(id);
    as_user(user, &[], move || try_connect(&name))
}

#[test]
fn root_and_a_user_meet_at_the_same_file() {
    if !may_become_another_user() {
        return;
    }
    let id = fresh_id();
    let listener = listen_as(SOMEBODY, &id);
    assert_eq!(fs::symlink_metadata(file(&id)).unwrap().uid(), SOMEBODY);
    drop(assert_reaches(connect(&special(&id)), listener));

    let listener = listen(&special(&id));
    let_anybody_connect(&id);
    assert_reaches(connect_as(SOMEBODY, &id).unwrap(), listener);
}

#[test]
fn a_socket_owned_by_another_user_than_its_server_is_refused() {
    if !may_become_another_user() {
        return;
    }
    let id = fresh_id();
    // A stranger's file that leads to root's server.
    let listener = listen(&special(&id));
    chown(file(&id), Some(SOMEBODY), None).unwrap();
    let_anybody_connect(&id);
    assert_refused(try_connect(&special(&id)), "belongs to user 54321, but user 0 answered");
    assert_refused(connect_as(SOMEBODY + 1, &id), "but user 0 answered");
    // Root may well serve at the user's own file.
    connect_as(SOMEBODY, &id).unwrap();
    drop(listener);

    // Root's file that leads to a stranger's server.
    let _listener = listen_as(SOMEBODY, &id);
    chown(file(&id), Some(0), None).unwrap();
    let_anybody_connect(&id);
    assert_refused(try_connect(&special(&id)), "belongs to user 0, but user 54321 answered");
    assert_refused(connect_as(SOMEBODY, &id), "belongs to user 0, but user 54321 answered");
    chown(file(&id), Some(SOMEBODY), None).unwrap();
    try_connect(&special(&id)).unwrap();
}

#[test]
fn a_folder_of_another_user_is_refused_and_one_of_roots_is_not() {
    if !may_become_another_user() {
        return;
    }
    let (folder, id) = folder();
    fs::set_permissions(&folder, Permissions::from_mode(0o755)).unwrap();
    let inner = folder.path().join("inner");
    fs::create_dir(&inner).unwrap();
    let _listener = listen(&path_name(inner.join("s")));
    let there = format!("{id}/inner/s");
    let_anybody_connect(&there);
    connect_as(SOMEBODY, &there).unwrap();

    chown(&inner, Some(SOMEBODY), None).unwrap();
    assert_refused(try_connect(&special(&there)), "belongs to another user, 54321");
    assert_refused(try_listen(&special(format!("{id}/inner/t"))), "another user, 54321");
    assert_refused(try_listen(&special(format!("{id}/inner/a/t"))), "another user, 54321");
    assert!(!inner.join("a").exists());
    connect_as(SOMEBODY, &there).unwrap();
}

/// What a test put in the shared folder, removed at its end.
struct Litter(PathBuf);

impl Drop for Litter {
    fn drop(&mut self) {
        let _ = fs::remove_file(&self.0).or_else(|_| fs::remove_dir_all(&self.0));
    }
}

/// Listens at a path of its own and says whether anybody came.
fn bystander() -> (tempfile::TempDir, PathBuf, Listener) {
    let (folder, path) = common::fresh_path();
    let options = ListenerOptions::new().name(path_name(path.clone()));
    let options = options.nonblocking(ListenerNonblockingMode::Accept);
    (folder, path, options.create_sync().unwrap())
}

fn assert_nobody_came(listener: &Listener) {
    assert_eq!(listener.accept().unwrap_err().kind(), ErrorKind::WouldBlock, "it was reached");
}

#[test]
fn a_squatter_can_deny_a_name_and_shows_whose_it_is() {
    if !may_become_another_user() {
        return;
    }
    let id = fresh_id();
    let _litter = Litter(file(&id));
    let squatter = listen_as(SOMEBODY, &id);
    let_anybody_connect(&id);
    let other = SOMEBODY + 1;
    for result in [try_listen(&special(&id)), as_user(other, &[], try_listen_at(&id))] {
        assert_eq!(result.unwrap_err().kind(), ErrorKind::AddrInUse);
    }
    let stream = connect_as(other, &id).unwrap();
    assert_eq!(stream.peer_creds().unwrap().euid(), Some(SOMEBODY));
    squatter.accept().unwrap();
    // Who must be serving can be said.
    let name = special(&id);
    let result = as_user(other, &[], move || {
        ConnectOptions::new().name(name).server(Allow::same_user()).connect_sync()
    });
    assert_refused(result, "54321");

    // Nor can another user take over what the squatter leaves; the error says who can.
    drop(squatter);
    let path = file(&id);
    as_user(SOMEBODY, &[], move || drop(UnixListener::bind(path).unwrap()));
    let_anybody_connect(&id);
    let error = as_user(other, &[], try_listen_at(&id)).unwrap_err();
    assert_eq!(os_error(&error), Some(libc::EADDRINUSE));
    assert!(error.to_string().contains("can't be removed"), "{error}");
    assert_eq!(fs::symlink_metadata(file(&id)).unwrap().uid(), SOMEBODY);
}

#[test]
fn whatever_file_a_squatter_puts_there_stays_and_leads_nowhere() {
    if !may_become_another_user() {
        return;
    }
    let id = fresh_id();
    let _litter = Litter(file(&id));
    let (_folder, target, listener) = bystander();
    let path = file(&id);
    as_user(SOMEBODY, &[], move || symlink(target, path).unwrap());
    for name in [special(&id), special(format!("{id}/s"))] {
        assert_refused(try_connect(&name), "symlink");
    }
    assert_refused(try_listen(&special(format!("{id}/s"))), "symlink");
    let overwrite = |id: &str| {
        let options = ListenerOptions::new().name(special(id)).try_overwrite(true);
        options.create_sync().map_err(|error| error.kind()).unwrap_err()
    };
    assert_eq!(try_listen(&special(&id)).unwrap_err().kind(), ErrorKind::AddrInUse);
    assert_eq!(overwrite(&id), ErrorKind::AddrInUse);
    assert!(file(&id).is_symlink());
    assert_nobody_came(&listener);

    fs::remove_file(file(&id)).unwrap();
    let path = file(&id);
    as_user(SOMEBODY, &[], move || fs::write(path, "text").unwrap());
    assert_eq!(try_connect(&special(&id)).unwrap_err().kind(), ErrorKind::ConnectionRefused);
    assert_eq!(try_listen(&special(&id)).unwrap_err().kind(), ErrorKind::AddrInUse);
    assert_eq!(overwrite(&id), ErrorKind::AddrInUse);
    assert_eq!(fs::read(file(&id)).unwrap(), b"text");
}

#[test]
fn another_user_cannot_put_a_symlink_in_the_place_of_a_socket() {
    if !may_become_another_user() {
        return;
    }
    let (id, trap) = (fresh_id(), fresh_id());
    let listener = listen(&special(&id));
    let _litter = Litter(file(&trap));
    let (from, to) = (file(&trap), file(&id));
    let error = as_user(SOMEBODY, &[], move || {
        symlink("/nothing", &from).unwrap();
        fs::rename(from, to).unwrap_err()
    });
    assert_eq!(error.kind(), ErrorKind::PermissionDenied);
    assert_reaches(connect(&special(&id)), listener);
}

#[test]
fn a_user_who_swaps_a_socket_for_a_symlink_meanwhile_leads_nobody_to_roots_server() {
    if !may_become_another_user() {
        return;
    }
    let (_folder, target, _bystander) = bystander();
    let [id, link] = [fresh_id(), fresh_id()];
    let _litter = [Litter(file(&id)), Litter(file(&link))];
    let done = Arc::new(AtomicBool::new(false));
    let (server, swap) = (file(&id), file(&link));
    let theirs = as_user(SOMEBODY, &[], move || {
        symlink(target, swap).unwrap();
        UnixListener::bind(server).unwrap()
    });
    theirs.set_nonblocking(true).unwrap();
    let swapping = thread::spawn({
        let (one, other, done) = (file(&id), file(&link), done.clone());
        move || {
            as_user(SOMEBODY, &[], move || {
                while !done.load(Ordering::Relaxed) {
                    renameat_with(CWD, &one, CWD, &other, RenameFlags::EXCHANGE).unwrap();
                    // There is always room for a client.
                    let _ = theirs.accept();
                }
            });
        }
    });
    let name = special(&id);
    for _ in 0..20_000 {
        let options = ConnectOptions::new().name(name.borrow());
        if let Ok(stream) = options.wait_mode(ConnectWaitMode::Deferred).connect_sync() {
            assert_eq!(stream.peer_creds().unwrap().euid(), Some(SOMEBODY));
        }
    }
    done.store(true, Ordering::Relaxed);
    within("the last swap", move || swapping.join().unwrap());
}
