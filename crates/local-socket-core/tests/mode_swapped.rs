//! Somebody puts other files in the place of the socket's while it gets its mode. Alone in its
//! program, because the umask belongs to the whole process.
#![cfg(target_os = "linux")]

mod common;

use common::{
    child::{STRANGER, as_stranger, may_become_another_user},
    fresh_long_path, fresh_path,
    mode::{Way, meanwhile, mode_of, try_to_listen, under_umask},
};
use std::{
    fs::{self, Permissions},
    os::unix::{
        fs::{FileTypeExt, PermissionsExt, chown, symlink},
        net::UnixListener,
    },
    path::{Path, PathBuf},
};
use tempfile::TempDir;

/// How often somebody tries.
const ROUNDS: usize = 1_000;

/// A file and a socket whose mode is 0600, in a folder of their own.
fn victims() -> (TempDir, [PathBuf; 2]) {
    let (folder, socket) = fresh_path();
    let file = folder.path().join("file");
    fs::write(&file, "").unwrap();
    drop(UnixListener::bind(&socket).unwrap());
    for victim in [&file, &socket] {
        fs::set_permissions(victim, Permissions::from_mode(0o600)).unwrap();
    }
    (folder, [file, socket])
}

/// Puts a symlink to the victim in the place of a socket, if there is one.
fn spring(path: &Path, victim: &Path) {
    let trap = path.with_file_name(format!("to-{}", victim.file_name().unwrap().to_str().unwrap()));
    // Before looking, since time is short then. It may be there still.
    let _ = symlink(victim, &trap);
    if fs::symlink_metadata(path).is_ok_and(|file| file.file_type().is_socket()) {
        let _ = fs::rename(&trap, path);
    }
}

fn listen_over_and_over(path: &Path, way: Way) {
    way.run(|| {
        for _ in 0..ROUNDS {
            let _ = fs::remove_file(path);
            // It may well fail, as whoever sets traps there wants it to.
            let _ = try_to_listen(path, 0o666);
        }
    });
}

#[test]
fn a_symlink_put_in_its_place_leads_the_mode_nowhere() {
    let (_folder, path) = fresh_path();
    let (_victims, victims) = victims();
    for victim in &victims {
        under_umask(0o077, || {
            meanwhile(
                || spring(&path, victim),
                || listen_over_and_over(&path, Way::WithoutUnshare),
            );
        });
        assert_eq!(mode_of(victim), 0o600);
    }
}

#[test]
fn a_stranger_in_whose_folder_root_listens_leads_the_mode_nowhere() {
    if !may_become_another_user() {
        return;
    }
    let (_victims, victims) = victims();
    for way in Way::ALL {
        for (folder, path) in [fresh_path(), fresh_long_path(300)] {
            fs::set_permissions(folder.path(), Permissions::from_mode(0o755)).unwrap();
            chown(path.parent().unwrap(), Some(STRANGER), None).unwrap();
            for victim in &victims {
                let stranger = || as_stranger(|| (0..100).for_each(|_| spring(&path, victim)));
                under_umask(0o077, || meanwhile(stranger, || listen_over_and_over(&path, way)));
                assert_eq!(mode_of(victim), 0o600, "{way:?}");
            }
        }
    }
}
