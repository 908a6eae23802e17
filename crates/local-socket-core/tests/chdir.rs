//! Alone in its program, because the current folder belongs to the whole process.
#![cfg(unix)]

mod common;

use common::path_name;
use local_socket::ListenerOptions;
use std::{
    env, fs,
    sync::{Mutex, MutexGuard, PoisonError},
};

/// Held by the one test that changes the folder.
fn alone() -> MutexGuard<'static, ()> {
    static FOLDER: Mutex<()> = Mutex::new(());
    FOLDER.lock().unwrap_or_else(PoisonError::into_inner)
}

#[test]
fn after_a_chdir_a_relative_name_removes_its_own_file_and_no_other() {
    let _alone = alone();
    let folder = tempfile::tempdir().unwrap();
    let (first, second) = (folder.path().join("first"), folder.path().join("second"));
    fs::create_dir(&first).unwrap();
    fs::create_dir(&second).unwrap();
    env::set_current_dir(&first).unwrap();
    let listener = common::listen(&path_name("s"));
    env::set_current_dir(&second).unwrap();
    let displaced = common::listen(&path_name("./s"));
    let options = ListenerOptions::new().name(path_name("s")).try_overwrite(true);
    let other = options.create_sync().unwrap();
    drop(displaced);
    drop(listener);
    assert!(!first.join("s").exists());
    assert!(second.join("s").exists());
    env::set_current_dir(&first).unwrap();
    drop(other);
    assert_eq!(fs::read_dir(&second).unwrap().count(), 0);
}

#[test]
#[cfg(target_os = "linux")]
fn after_a_chdir_a_long_relative_name_removes_its_own_file_and_no_other() {
    use local_socket::os::unix::ListenerOptionsExt;

    let _alone = alone();
    let folder = tempfile::tempdir().unwrap();
    let [first, second] = ["first", "second"].map(|name| folder.path().join(name));
    let path = format!("{0}/{0}/s", "d".repeat(150));
    for folder in [&first, &second] {
        fs::create_dir_all(folder.join(&path).parent().unwrap()).unwrap();
    }
    env::set_current_dir(&first).unwrap();
    let listener = common::listen(&path_name(&path));
    env::set_current_dir(&second).unwrap();
    let displaced = common::listen(&path_name(&path));
    let options = ListenerOptions::new().name(path_name(&path)).mode(0o600).try_overwrite(true);
    let other = options.create_sync().unwrap();
    common::connect(&path_name(&path));
    drop((displaced, listener));
    assert!(!first.join(&path).exists());
    assert!(second.join(&path).exists());
    env::set_current_dir(&first).unwrap();
    drop(other);
    assert_eq!(fs::read_dir(second.join(&path).parent().unwrap()).unwrap().count(), 0);
    // A deep folder makes a short name no longer.
    env::set_current_dir(first.join(&path).parent().unwrap()).unwrap();
    let listener = common::listen(&path_name("s"));
    common::connect(&path_name("s"));
    env::set_current_dir(&second).unwrap();
    drop(listener);
    assert_eq!(fs::read_dir(first.join(&path).parent().unwrap()).unwrap().count(), 0);
}

#[test]
fn folders_of_a_relative_name_are_made_and_looked_at_from_the_root() {
    use std::os::unix::fs::PermissionsExt;

    let _alone = alone();
    let folder = tempfile::tempdir().unwrap();
    let start = folder.path().join("start");
    fs::create_dir(&start).unwrap();
    env::set_current_dir(&start).unwrap();
    let listen = |path: &str| {
        let options = ListenerOptions::new().name(path_name(path)).create_folders(true);
        options.check_folders(true).create_sync()
    };
    for path in ["s", "a/s", "../b/s"] {
        let _listener = listen(path).unwrap();
        assert!(start.join(path).exists());
    }
    fs::set_permissions(folder.path(), fs::Permissions::from_mode(0o777)).unwrap();
    for path in ["s", "a/s", "c/s", "../b/s"] {
        let error = listen(path).unwrap_err();
        assert_eq!(error.kind(), std::io::ErrorKind::PermissionDenied, "{path}");
    }
    assert!(!start.join("c").exists());
}
