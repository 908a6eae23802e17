//! Names in the folder that everybody shares: whom they lead to, and whom not.
#![allow(deprecated, reason = "they have to work for those who use them")]

mod common;

use common::{connect, listen, path_name, within};
use local_socket::{
    ConnectOptions, Listener, ListenerNonblockingMode, ListenerOptions, Name, Stream,
    error::NameError, os::unix::SpecialDirUdSocket, prelude::*,
};
use std::{
    ffi::OsStr,
    fs::{self, Permissions},
    io::{self, ErrorKind, Read, Write},
    os::unix::{
        fs::{MetadataExt, PermissionsExt, symlink},
        net::UnixListener,
    },
};
use tempfile::TempDir;

/// A folder of this user's among the names, and what their ids begin with.
fn folder() -> (TempDir, String) {
    let folder = tempfile::Builder::new().prefix("local-socket-").tempdir_in("/tmp").unwrap();
    let id = folder.path().file_name().and_then(OsStr::to_str).unwrap().to_owned();
    (folder, id)
}

fn special(id: impl Into<String>) -> Name<'static> {
    id.into().to_ns_name::<SpecialDirUdSocket>().expect("a good id")
}

fn try_connect(name: &Name<'_>) -> io::Result<Stream> {
    ConnectOptions::new().name(name.borrow()).connect_sync()
}

fn try_listen(name: &Name<'_>) -> io::Result<Listener> {
    ListenerOptions::new().name(name.borrow()).create_sync()
}

/// Fails unless it was refused, with this in the text.
fn assert_refused<T>(result: io::Result<T>, why: &str) {
    let Err(error) = result else { panic!("not refused, although: {why}") };
    assert_eq!(error.kind(), ErrorKind::PermissionDenied, "{error}");
    assert!(error.to_string().contains(why), "{error}");
}

/// Passes a byte from a client to the listener.
fn assert_reaches(mut client: Stream, listener: Listener) -> Listener {
    within("the client's byte", move || {
        client.write_all(b"x").unwrap();
        let mut byte = [0];
        listener.accept().unwrap().read_exact(&mut byte).unwrap();
        listener
    })
}

#[test]
fn slashes_make_folders_and_dots_are_refused() {
    let (folder, id) = folder();
    let name = special(format!("{id}/a/b c/s"));
    assert_eq!(name.as_path(), Some(folder.path().join("a/b c/s").as_path()));
    let listener = listen(&name);
    assert_reaches(connect(&name), listener);

    for (id, position) in
        [("/s", 0), ("a//s", 2), ("./s", 0), ("a/../s", 2), ("ab/.", 3), ("s/", 2)]
    {
        let error = id.to_ns_name::<SpecialDirUdSocket>().unwrap_err();
        let reason = error.get_ref().and_then(|cause| cause.downcast_ref::<NameError>());
        let name = OsStr::new(id).into();
        assert_eq!(reason, Some(&NameError::Component { name, position }));
    }
    for id in ["..a/.b", ".s", "a./s.", "..."] {
        special(id);
    }
}

#[test]
fn the_longest_id_works_and_a_longer_one_is_refused() {
    let linux = cfg!(any(target_os = "linux", target_os = "android"));
    let (_folder, id) = folder();
    let folders = if linux { format!("{id}/{}", "folder/".repeat(500)) } else { format!("{id}/") };
    let rest = if linux { 107 } else { 98 - folders.len() };
    let name = special(format!("{folders}{}", "s".repeat(rest)));
    let listener = listen(&name);
    drop(assert_reaches(connect(&name), listener));
    let too_long = |id: String| assert!(id.to_ns_name::<SpecialDirUdSocket>().is_err());
    too_long(format!("{folders}{}", "s".repeat(rest + 1)));
    too_long("s/".repeat(2_045) + "s");
}

#[test]
fn parents_are_made_for_this_user_alone() {
    let (folder, id) = folder();
    let _listener = listen(&special(format!("{id}/a/b/s")));
    for path in ["a", "a/b"].map(|path| folder.path().join(path)) {
        let made = fs::symlink_metadata(&path).unwrap();
        assert!(made.is_dir());
        assert_eq!(made.mode() & 0o077, 0, "{path:?} has the mode {:o}", made.mode());
        assert_eq!(made.uid(), rustix::process::geteuid().as_raw());
    }
}

#[test]
fn connecting_makes_no_folders() {
    let (folder, id) = folder();
    let error = try_connect(&special(format!("{id}/a/s"))).unwrap_err();
    assert_eq!(error.kind(), ErrorKind::NotFound);
    assert!(!folder.path().join("a").exists());
}

#[test]
fn a_file_that_is_no_socket_is_refused_like_any_path_to_one() {
    let (folder, id) = folder();
    fs::write(folder.path().join("file"), "text").unwrap();
    let kind = |result: io::Result<Stream>| result.unwrap_err().kind();
    assert_eq!(kind(try_connect(&special(format!("{id}/s")))), ErrorKind::NotFound);
    let file = special(format!("{id}/file"));
    assert_eq!(kind(try_connect(&file)), ErrorKind::ConnectionRefused);
    assert_eq!(try_listen(&file).unwrap_err().kind(), ErrorKind::AddrInUse);
    let below = special(format!("{id}/file/s"));
    assert_eq!(kind(try_connect(&below)), ErrorKind::NotADirectory);
    assert_eq!(try_listen(&below).unwrap_err().kind(), ErrorKind::NotADirectory);
    assert_eq!(fs::read(folder.path().join("file")).unwrap(), b"text");
}

#[test]
fn a_symlink_in_place_of_the_socket_is_refused() {
    let (folder, id) = folder();
    let listener = ListenerOptions::new()
        .name(path_name(folder.path().join("real")))
        .nonblocking(ListenerNonblockingMode::Accept)
        .create_sync()
        .unwrap();
    let link = folder.path().join("link");
    symlink("real", &link).unwrap();
    let name = special(format!("{id}/link"));
    assert_refused(try_connect(&name), "symlink");
    assert_eq!(listener.accept().unwrap_err().kind(), ErrorKind::WouldBlock, "it was reached");
    // A path is taken as it is.
    connect(&path_name(&link));
    listener.accept().unwrap();

    assert_eq!(try_listen(&name).unwrap_err().kind(), ErrorKind::AddrInUse);
    fs::remove_file(&link).unwrap();
    symlink("nothing", &link).unwrap();
    assert_refused(try_connect(&name), "symlink");
    assert_eq!(try_listen(&name).unwrap_err().kind(), ErrorKind::AddrInUse);
    assert!(!folder.path().join("nothing").exists());
    assert!(link.is_symlink());
}

#[test]
fn a_symlinked_parent_is_refused() {
    let (folder, id) = folder();
    let real = folder.path().join("real");
    fs::create_dir(&real).unwrap();
    let _listener = listen(&path_name(real.join("s")));
    for (target, link) in [("real", "link"), ("nothing", "dangling")] {
        symlink(target, folder.path().join(link)).unwrap();
        assert_refused(try_connect(&special(format!("{id}/{link}/s"))), "symlink");
        assert_refused(try_listen(&special(format!("{id}/{link}/t"))), "symlink");
        assert_refused(try_listen(&special(format!("{id}/{link}/a/t"))), "symlink");
    }
    let left: Vec<_> = fs::read_dir(&real).unwrap().map(|file| file.unwrap().file_name()).collect();
    assert_eq!(left, ["s"]);
    assert!(!folder.path().join("nothing").exists());
    connect(&special(format!("{id}/real/s")));
}

#[test]
fn a_second_link_to_somebodys_socket_is_refused() {
    let (folder, id) = folder();
    let [one, other] = ["one", "other"].map(|file| folder.path().join(file));
    let _listener = listen(&path_name(&one));
    connect(&special(format!("{id}/one")));
    fs::hard_link(one, &other).unwrap();
    assert_refused(try_connect(&special(format!("{id}/other"))), "links");
    fs::remove_file(other).unwrap();
    connect(&special(format!("{id}/one")));
}

#[test]
fn a_folder_where_anybody_may_rename_is_refused_unless_it_is_sticky() {
    let (folder, id) = folder();
    let open = folder.path().join("open");
    fs::create_dir(&open).unwrap();
    let _listener = UnixListener::bind(open.join("s")).unwrap();
    let [there, new] = ["s", "t"].map(|file| special(format!("{id}/open/{file}")));
    for mode in [0o777, 0o703] {
        fs::set_permissions(&open, Permissions::from_mode(mode)).unwrap();
        assert_refused(try_connect(&there), "rename");
        assert_refused(try_listen(&new), "rename");
    }
    for mode in [0o1777, 0o775, 0o700] {
        fs::set_permissions(&open, Permissions::from_mode(mode)).unwrap();
        connect(&there);
        listen(&new);
    }
}

#[test]
fn a_server_that_gives_its_name_back_at_once_is_reached_all_the_same() {
    let (_folder, id) = folder();
    for _ in 0..100 {
        let name = special(format!("{id}/s"));
        let listener = listen(&name);
        let server = std::thread::spawn(move || {
            let server = listener.accept();
            drop(listener);
            server
        });
        within("a connection", move || try_connect(&name)).unwrap();
        within("the server", move || server.join().unwrap()).unwrap();
    }
}

/// What only root can show: it can be another user for a while.
#[cfg(target_os = "linux")]
mod as_root {
    use super::*;
    use rustix::process::{Uid, geteuid};
    use std::{
        os::unix::fs::chown,
        path::{Path, PathBuf},
        process,
        sync::atomic::{AtomicUsize, Ordering},
    };

    /// A user that nobody else is.
    const SOMEBODY: u32 = 54_321;

    /// Whether this is root; says so where it isn't, and not by a macro, which would be captured.
    fn may_be_others() -> bool {
        let root = geteuid().is_root();
        if !root {
            let _ = writeln!(io::stderr(), "skipped: only root can be another user");
        }
        root
    }

    /// Does it as this user, on a thread: in Linux, it is threads that have users.
    fn as_user<T: Send + 'static>(user: u32, action: impl FnOnce() -> T + Send + 'static) -> T {
        within("another user's part", move || {
            let user = Uid::from_raw(user);
            rustix::thread::set_thread_res_uid(user, user, user).expect("root may be anybody");
            action()
        })
    }

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
        as_user(user, move || listen(&name))
    }

    fn connect_as(user: u32, id: &str) -> io::Result<Stream> {
        let name = special(id);
        as_user(user, move || try_connect(&name))
    }

    #[test]
    fn root_and_a_user_meet_at_the_same_file() {
        if !may_be_others() {
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
        if !may_be_others() {
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
        if !may_be_others() {
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
}
