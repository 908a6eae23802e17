//! Who may connect. Alone in its program, because the umask belongs to the whole process.
#![cfg(unix)]

mod common;

use common::{
    fresh_id, fresh_path,
    mode::{Way, listen, meanwhile, mode_of, try_to_listen, under_umask},
    path_name,
};
use local_socket::{ConnectOptions, Listener, ListenerOptions, os::unix::ListenerOptionsExt};
use std::{
    fs::{self, Permissions},
    os::{
        fd::AsFd,
        unix::fs::{FileTypeExt, PermissionsExt},
    },
    path::PathBuf,
};
use tempfile::TempDir;

/// One that fits into an address, and one that doesn't where the system takes such.
fn some_paths() -> Vec<(TempDir, PathBuf)> {
    let mut paths = vec![fresh_path()];
    if cfg!(target_os = "linux") {
        paths.push(common::fresh_long_path(300));
    }
    paths
}

#[test]
fn the_mode_asked_for_is_the_mode_there_is() {
    for way in Way::ALL {
        for mask in [0, 0o022, 0o077] {
            for mode in [0o600, 0o660, 0o666, 0o777, 0o000] {
                for (_folder, path) in some_paths() {
                    under_umask(mask, || {
                        let _fresh = way.run(|| listen(&path, mode));
                        assert_eq!(mode_of(&path), mode.into(), "{way:?}, umask {mask:o}");
                        let _in_its_place = way.run(|| listen(&path, mode));
                        assert_eq!(mode_of(&path), mode.into(), "{way:?}, umask {mask:o}, again");
                    });
                }
            }
        }
    }
}

#[test]
fn without_a_mode_the_umask_says_it() {
    for (_folder, path) in some_paths() {
        under_umask(0o027, || {
            let _listener = common::listen(&path_name(path.clone()));
            assert_eq!(mode_of(&path), 0o750);
            let options = ListenerOptions::new().name(path_name(path.clone()));
            let _in_its_place = options.try_overwrite(true).create_sync().unwrap();
            assert_eq!(mode_of(&path), 0o750, "in its place");
        });
    }
}

#[test]
fn folders_that_are_made_are_for_this_user_alone_whatever_the_umask() {
    for mask in [0, 0o022, 0o077] {
        for check in [false, true] {
            let (folder, _) = fresh_path();
            fs::set_permissions(folder.path(), Permissions::from_mode(0o755)).unwrap();
            let path = folder.path().join("a/b/s");
            under_umask(mask, || {
                let options = ListenerOptions::new().name(path_name(path.clone())).mode(0o666);
                let options = options.create_folders(true).check_folders(check);
                let _listener = options.create_sync().unwrap();
                assert_eq!(mode_of(&path), 0o666);
                for made in ["a", "a/b"].map(|made| folder.path().join(made)) {
                    assert_eq!(mode_of(&made), 0o700, "umask {mask:o}");
                }
            });
        }
    }
}

#[test]
fn a_relative_name_has_its_mode_too() {
    // No test of this program changes the folder.
    let path = PathBuf::from(format!("local-socket-mode-test-{}.sock", std::process::id()));
    under_umask(0o077, || {
        for way in Way::ALL {
            let _listener = way.run(|| listen(&path, 0o666));
            assert_eq!(mode_of(&path), 0o666);
        }
    });
    assert!(!path.exists());
}

#[test]
#[cfg(target_os = "linux")]
fn at_no_moment_is_it_wider() {
    for way in Way::ALL {
        let (folder, path) = fresh_path();
        let beside = folder.path().join(".s.new");
        let look = || {
            for path in [&path, &beside] {
                if let Ok(file) = fs::symlink_metadata(path) {
                    assert!(file.file_type().is_socket());
                    assert_eq!(file.permissions().mode() & 0o777 & !0o640, 0, "{way:?}");
                }
            }
        };
        under_umask(0, || {
            meanwhile(look, || {
                way.run(|| {
                    for _ in 0..200 {
                        let _displaced = listen(&path, 0o640);
                        drop(listen(&path, 0o640));
                    }
                });
            });
        });
    }
}

#[test]
fn the_umask_of_the_process_stays_for_files_made_meanwhile() {
    for way in Way::ALL {
        let (folder, path) = fresh_path();
        let file = folder.path().join("file");
        let make_a_file = || {
            fs::write(&file, "").unwrap();
            assert_eq!(mode_of(&file), 0o600);
            fs::remove_file(&file).unwrap();
        };
        under_umask(0o077, || {
            meanwhile(make_a_file, || {
                way.run(|| (0..200).for_each(|_| drop(listen(&path, 0o666))));
            });
        });
    }
}

#[test]
#[cfg(target_os = "linux")]
fn another_user_connects_as_the_mode_says() {
    use common::child::{as_stranger, may_become_another_user};
    use std::os::unix::net::UnixStream;

    if !may_become_another_user() {
        return;
    }
    for way in Way::ALL {
        let (folder, path) = fresh_path();
        fs::set_permissions(folder.path(), Permissions::from_mode(0o755)).unwrap();
        for (mode, may) in
            [(0o600, false), (0o660, false), (0o775, false), (0o602, true), (0o666, true)]
        {
            under_umask(0o022, || {
                let _listener = way.run(|| listen(&path, mode));
                let result = as_stranger(|| UnixStream::connect(&path));
                assert_eq!(result.is_ok(), may, "{way:?}, {mode:o}: {result:?}");
            });
        }
    }
}

#[test]
#[cfg(target_os = "linux")]
fn at_no_moment_can_another_user_connect_whom_the_mode_keeps_out() {
    use common::child::{as_stranger, may_become_another_user};
    use std::os::unix::net::UnixStream;

    if !may_become_another_user() {
        return;
    }
    for way in Way::ALL {
        let (folder, path) = fresh_path();
        fs::set_permissions(folder.path(), Permissions::from_mode(0o755)).unwrap();
        let try_it = || {
            as_stranger(|| {
                for _ in 0..100 {
                    assert!(UnixStream::connect(&path).is_err(), "{way:?}");
                }
            });
        };
        under_umask(0, || {
            meanwhile(try_it, || {
                way.run(|| {
                    for _ in 0..200 {
                        let _displaced = listen(&path, 0o660);
                        drop(listen(&path, 0o660));
                    }
                });
            });
        });
    }
}

#[test]
#[cfg(target_os = "linux")]
fn a_default_acl_of_the_folder_takes_nothing_away() {
    let (folder, path) = fresh_path();
    // Version 2; owner rw, group and others nothing (acl(5)), each a tag, permissions and no id.
    let mut acl = 2_u32.to_le_bytes().to_vec();
    for (tag, permissions) in [(1_u16, 6_u16), (4, 0), (32, 0)] {
        acl.extend(tag.to_le_bytes());
        acl.extend(permissions.to_le_bytes());
        acl.extend([0xFF; 4]);
    }
    let flags = rustix::fs::XattrFlags::empty();
    if rustix::fs::setxattr(folder.path(), "system.posix_acl_default", &acl, flags).is_err() {
        eprintln!("not tested: the file system of {} has no ACLs", folder.path().display());
        return;
    }
    for way in Way::ALL {
        let _listener = way.run(|| listen(&path, 0o666));
        assert_eq!(mode_of(&path), 0o666, "{way:?}");
    }
}

#[test]
#[cfg(target_os = "linux")]
fn a_mode_that_cannot_be_completed_is_an_error_and_leaves_no_file() {
    use common::child::refusing;

    let calls = [
        libc::SYS_unshare,
        libc::SYS_fchmodat,
        #[cfg(target_arch = "x86_64")]
        libc::SYS_chmod,
    ];
    let (folder, path) = fresh_path();
    under_umask(0o077, || {
        let error = refusing(&calls, libc::EPERM, || try_to_listen(&path, 0o666).unwrap_err());
        assert_eq!(local_socket::error::os_error(&error), Some(libc::EPERM));
        assert_eq!(fs::read_dir(folder.path()).unwrap().count(), 0);
        // What the umask leaves needs no completing.
        let _listener = refusing(&calls, libc::EPERM, || listen(&path, 0o600));
        assert_eq!(mode_of(&path), 0o600);
    });
}

#[test]
#[cfg(target_os = "linux")]
fn with_an_abstract_name_the_mode_is_seen_and_keeps_nobody_out() {
    let name = fresh_id();
    let options = ListenerOptions::new().name(name.borrow()).mode(0o600);
    let Listener::UdSocket(listener) = options.create_sync().unwrap();
    let stat = rustix::fs::fstat(listener.as_fd()).unwrap();
    assert_eq!(stat.st_mode & 0o777, 0o600);
    let connect = || ConnectOptions::new().name(name.borrow()).connect_sync();
    connect().unwrap();
    if common::child::may_become_another_user() {
        common::child::as_stranger(connect).unwrap();
    }
}
