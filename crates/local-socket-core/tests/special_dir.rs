//! Names in the folder that everybody shares: whom they lead to, and whom not.
#![cfg(unix)]
#![allow(deprecated, reason = "they have to work for those who use them")]

mod common;

use common::{
    connect, listen, path_name,
    special::{assert_reaches, assert_refused, folder, special, try_connect, try_listen},
    within,
};
use local_socket::{
    ListenerNonblockingMode, ListenerOptions, Stream, error::NameError,
    os::unix::SpecialDirUdSocket, prelude::*,
};
use std::{
    ffi::OsStr,
    fs::{self, Permissions},
    io::{self, ErrorKind},
    os::unix::{
        fs::{MetadataExt, PermissionsExt, symlink},
        net::UnixListener,
    },
};

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
    let error = try_listen(&name).unwrap_err();
    assert_eq!(error.kind(), ErrorKind::AddrInUse);
    assert!(error.to_string().ends_with("what is there isn't a socket, and stays"), "{error}");
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
