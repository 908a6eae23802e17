//! Alone in its program, because the current folder belongs to the whole process.

mod common;

use common::path_name;
use local_socket::ListenerOptions;
use std::{env, fs};

#[test]
fn after_a_chdir_a_relative_name_removes_its_own_file_and_no_other() {
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
