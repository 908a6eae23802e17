//! The folders above a socket file: made and looked at on request.
#![cfg(unix)]

mod common;

use common::{connect, fresh_path, path_name, within};
use local_socket::{Listener, ListenerOptions, error::os_error};
use std::{
    fs::{self, Permissions},
    io::{self, ErrorKind},
    os::unix::fs::{MetadataExt, PermissionsExt, symlink},
    path::Path,
    sync::{Arc, Barrier},
    thread,
};

fn create(path: &Path) -> io::Result<Listener> {
    ListenerOptions::new().name(path_name(path)).create_folders(true).create_sync()
}

fn check(path: &Path) -> io::Result<Listener> {
    ListenerOptions::new().name(path_name(path)).check_folders(true).create_sync()
}

fn create_and_check(path: &Path) -> io::Result<Listener> {
    let options = ListenerOptions::new().name(path_name(path)).create_folders(true);
    options.check_folders(true).create_sync()
}

fn set_mode(path: &Path, mode: u32) {
    fs::set_permissions(path, Permissions::from_mode(mode)).unwrap();
}

/// Fails unless it was refused, with all of this in the text.
fn assert_refused(result: io::Result<Listener>, texts: &[&str]) {
    let Err(error) = result else { panic!("not refused, although: {texts:?}") };
    assert_eq!(error.kind(), ErrorKind::PermissionDenied, "{error}");
    let text = error.to_string();
    assert!(texts.iter().all(|part| text.contains(part)), "{texts:?} in {text}");
}

fn files(folder: &Path) -> usize {
    fs::read_dir(folder).unwrap().count()
}

#[test]
fn missing_folders_are_made_for_this_user_alone_and_stay() {
    for listen in [create, create_and_check] {
        let (folder, _) = fresh_path();
        let path = folder.path().join("a/b c/d/s");
        let listener = listen(&path).unwrap();
        connect(&path_name(&path));
        drop(listener);
        for made in ["a", "a/b c", "a/b c/d"].map(|made| folder.path().join(made)) {
            let made = fs::symlink_metadata(made).unwrap();
            assert!(made.is_dir());
            assert_eq!(made.mode() & 0o7777, 0o700);
            assert_eq!(made.uid(), rustix::process::geteuid().as_raw());
        }
        assert!(!path.exists());
        // Those that are there stay as they are.
        set_mode(&folder.path().join("a"), 0o750);
        listen(&path).unwrap();
        assert_eq!(fs::metadata(folder.path().join("a")).unwrap().mode() & 0o7777, 0o750);
    }
}

#[test]
fn unless_asked_for_no_folder_is_made() {
    let (folder, _) = fresh_path();
    let path = folder.path().join("a/s");
    let name = path_name(&path);
    let plain = ListenerOptions::new().name(name).create_sync();
    for result in [plain, check(&path)] {
        assert_eq!(result.unwrap_err().kind(), ErrorKind::NotFound);
    }
    assert_eq!(files(folder.path()), 0);
}

#[test]
fn those_who_make_the_same_folders_at_once_all_get_their_names() {
    for listen in [create, create_and_check] {
        for _ in 0..30 {
            let (folder, _) = fresh_path();
            let start = Arc::new(Barrier::new(4));
            let listening: Vec<_> = (0..4)
                .map(|number| {
                    let path = folder.path().join(format!("a/b/c/d/{number}"));
                    let start = start.clone();
                    thread::spawn(move || {
                        start.wait();
                        listen(&path)
                    })
                })
                .collect();
            let results = within("all names", || {
                listening.into_iter().map(|one| one.join().unwrap()).collect::<Vec<_>>()
            });
            for result in results {
                result.unwrap();
            }
        }
    }
}

#[test]
fn what_is_in_the_way_of_a_folder_stays_and_is_told() {
    for listen in [create, create_and_check] {
        let (folder, _) = fresh_path();
        fs::write(folder.path().join("file"), "text").unwrap();
        symlink("nothing", folder.path().join("dangling")).unwrap();
        for path in ["file/s", "file/a/s"] {
            let error = listen(&folder.path().join(path)).unwrap_err();
            assert_eq!(error.kind(), ErrorKind::NotADirectory, "{error}");
        }
        let error = listen(&folder.path().join("dangling/s")).unwrap_err();
        assert_eq!(error.kind(), ErrorKind::NotFound, "{error}");
        assert_eq!(files(folder.path()), 2, "nothing was made");
        assert_eq!(fs::read(folder.path().join("file")).unwrap(), b"text");
        assert!(folder.path().join("dangling").is_symlink());
    }
}

#[test]
fn a_folder_that_others_may_write_to_is_refused_unless_it_is_sticky() {
    let (folder, _) = fresh_path();
    let open = folder.path().join("open");
    fs::create_dir_all(open.join("inner")).unwrap();
    set_mode(&open.join("inner"), 0o700);
    for mode in [0o700, 0o755, 0o711, 0o1777, 0o1770] {
        set_mode(&open, mode);
        check(&open.join("s")).unwrap();
        check(&open.join("inner/s")).unwrap();
    }
    let shown = format!("{open:?}");
    for (mode, texts) in [
        (0o777, ["anybody", "mode is 0777", "chmod go-w"]),
        (0o702, ["anybody", "mode is 0702", "chmod go-w"]),
        (0o775, ["group", "mode is 0775", "chmod g-w"]),
        (0o2770, ["group", "mode is 2770", "chmod g-w"]),
    ] {
        set_mode(&open, mode);
        for path in ["s", "inner/s", "inner/../s", "new/s"].map(|path| open.join(path)) {
            assert_refused(check(&path), &[&shown]);
            assert_refused(create_and_check(&path), &texts);
        }
    }
    assert_eq!(files(&open), 1, "nothing was made");
    assert_eq!(files(&open.join("inner")), 0, "nothing was made");
}

#[test]
fn folders_that_a_symlink_leads_through_count_as_well() {
    let (folder, _) = fresh_path();
    let [good, open, inner] = ["good", "open", "open/inner"].map(|name| folder.path().join(name));
    for (path, mode) in [(&good, 0o700), (&open, 0o777), (&inner, 0o700)] {
        fs::create_dir(path).unwrap();
        set_mode(path, mode);
    }
    symlink("../open/inner", good.join("relative")).unwrap();
    symlink(&inner, good.join("absolute")).unwrap();
    symlink("relative/..", good.join("chain")).unwrap();
    for link in ["relative", "absolute", "chain"] {
        assert_refused(check(&good.join(link).join("s")), &[&format!("{open:?}")]);
    }
    // The folder that a link is in counts, not only the one that it leads to.
    symlink("../good", open.join("link")).unwrap();
    assert_refused(check(&open.join("link/s")), &[&format!("{open:?}")]);
    set_mode(&open, 0o755);
    for path in [good.join("relative"), good.join("chain"), open.join("link")] {
        let path = path.join("s");
        let _listener = check(&path).unwrap();
        assert!(path.exists());
    }
    symlink("loop", good.join("loop")).unwrap();
    let error = check(&good.join("loop/s")).unwrap_err();
    assert_eq!(os_error(&error), Some(libc::ELOOP), "{error}");
}

#[test]
fn an_abstract_name_has_no_folders_to_make_or_to_look_at() {
    let options = ListenerOptions::new().name(common::fresh_id()).create_folders(true);
    options.check_folders(true).create_sync().unwrap();
}

#[test]
#[cfg(target_os = "linux")]
fn a_folder_or_symlink_of_another_user_is_refused_and_roots_is_not() {
    use common::child::{STRANGER, as_stranger, may_become_another_user};
    use std::os::unix::fs::{chown, lchown};

    if !may_become_another_user() {
        return;
    }
    let (folder, _) = fresh_path();
    set_mode(folder.path(), 0o1777);
    let [theirs, inner, link] =
        ["theirs", "theirs/inner", "link"].map(|name| folder.path().join(name));
    fs::create_dir_all(&inner).unwrap();
    set_mode(&theirs, 0o755);
    set_mode(&inner, 0o755);
    symlink("theirs", &link).unwrap();
    check(&link.join("s")).unwrap();

    lchown(&link, Some(STRANGER), None).unwrap();
    assert_refused(check(&link.join("s")), &[&format!("{link:?}"), "another user, 4242"]);
    chown(&theirs, Some(STRANGER), None).unwrap();
    for path in ["s", "inner/s", "new/s"].map(|path| theirs.join(path)) {
        assert_refused(create_and_check(&path), &[&format!("{theirs:?}"), "another user, 4242"]);
    }
    assert_eq!(files(&theirs), 1, "nothing was made");
    assert_eq!(files(&inner), 0, "nothing was made");

    // To its owner it is safe, and so is what root owns above it.
    as_stranger(|| {
        for path in [theirs.join("s"), link.join("s"), theirs.join("new/s")] {
            create_and_check(&path).unwrap();
        }
    });
    // Root's folder is safe for them, though they may not make anything in it.
    let error = as_stranger(|| check(&inner.join("s"))).unwrap_err();
    assert_eq!(os_error(&error), Some(libc::EACCES), "{error}");
}
