//! Who may connect. Alone in its program, because the umask belongs to the whole process.

mod common;

use common::{PATIENCE, fresh_id, fresh_path, path_name};
use local_socket::{ConnectOptions, Listener, ListenerOptions, os::unix::ListenerOptionsExt};
use rustix::{fs::Mode, process::umask};
use std::{
    fs::{self, Permissions},
    io,
    os::{
        fd::AsFd,
        unix::fs::{FileTypeExt, PermissionsExt, symlink},
    },
    path::Path,
    sync::{
        Mutex, PoisonError,
        atomic::{AtomicBool, Ordering::Relaxed},
    },
    thread,
    time::Instant,
};

/// What the system lets a program do on its way to the mode.
#[derive(Clone, Copy, Debug)]
enum Way {
    Free,
    #[cfg(target_os = "linux")]
    WithoutUnshare,
    #[cfg(target_os = "linux")]
    WithoutThreads,
}

impl Way {
    #[cfg(target_os = "linux")]
    const ALL: [Self; 3] = [Self::Free, Self::WithoutUnshare, Self::WithoutThreads];
    #[cfg(not(target_os = "linux"))]
    const ALL: [Self; 1] = [Self::Free];

    fn run<T: Send>(self, action: impl FnOnce() -> T + Send) -> T {
        #[cfg(target_os = "linux")]
        use common::child::refusing;
        match self {
            Self::Free => action(),
            #[cfg(target_os = "linux")]
            Self::WithoutUnshare => refusing(&[libc::SYS_unshare], libc::EPERM, action),
            #[cfg(target_os = "linux")]
            Self::WithoutThreads => {
                refusing(&[libc::SYS_clone, libc::SYS_clone3], libc::EAGAIN, action)
            }
        }
    }
}

/// Runs the action while the process has this umask, and no other test of this program does.
fn under_umask<T>(mask: u16, action: impl FnOnce() -> T) -> T {
    static UMASK: Mutex<()> = Mutex::new(());
    let _alone = UMASK.lock().unwrap_or_else(PoisonError::into_inner);
    let before = umask(Mode::from_raw_mode(mask.into()));
    let result = action();
    assert_eq!(umask(before), Mode::from_raw_mode(mask.into()), "the umask stays");
    result
}

fn try_to_listen(path: &Path, mode: u16) -> io::Result<Listener> {
    let options = ListenerOptions::new().name(path_name(path)).mode(mode.into());
    options.try_overwrite(true).create_sync()
}

fn listen(path: &Path, mode: u16) -> Listener {
    try_to_listen(path, mode).expect("nothing is there but a socket")
}

fn mode_of(path: &Path) -> u32 {
    fs::symlink_metadata(path).unwrap().permissions().mode() & 0o7777
}

/// Runs the action, and the other over and over on another thread meanwhile.
fn meanwhile(other: impl Fn() + Send + Sync, action: impl FnOnce()) {
    struct Done<'a>(&'a AtomicBool);
    impl Drop for Done<'_> {
        fn drop(&mut self) {
            self.0.store(true, Relaxed);
        }
    }
    let done = AtomicBool::new(false);
    thread::scope(|scope| {
        scope.spawn(|| {
            let start = Instant::now();
            while !done.load(Relaxed) {
                other();
                assert!(start.elapsed() < PATIENCE, "waited {PATIENCE:?} for the test to be done");
            }
        });
        let _done = Done(&done);
        action();
    });
}

#[test]
fn the_mode_asked_for_is_the_mode_there_is() {
    for way in Way::ALL {
        for mask in [0, 0o022, 0o077] {
            for mode in [0o600, 0o660, 0o666, 0o777, 0o000] {
                let (_folder, path) = fresh_path();
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

#[test]
fn without_a_mode_the_umask_says_it() {
    let (_folder, path) = fresh_path();
    under_umask(0o027, || {
        let _listener = common::listen(&path_name(path.clone()));
        assert_eq!(mode_of(&path), 0o750);
    });
}

#[test]
fn a_relative_name_has_its_mode_too() {
    // No test of this program changes the folder.
    let path = Path::new("local-socket-mode-test.sock");
    under_umask(0o077, || {
        for way in Way::ALL {
            let _listener = way.run(|| listen(path, 0o666));
            assert_eq!(mode_of(path), 0o666);
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
fn a_symlink_put_in_its_place_leads_the_mode_nowhere() {
    let (folder, path) = fresh_path();
    let victim = folder.path().join("victim");
    let trap = folder.path().join("trap");
    fs::write(&victim, "").unwrap();
    fs::set_permissions(&victim, Permissions::from_mode(0o600)).unwrap();
    symlink(&victim, &trap).unwrap();
    let set_a_trap = || {
        if fs::symlink_metadata(&path).is_ok_and(|file| file.file_type().is_socket()) {
            fs::rename(&trap, &path).unwrap();
            symlink(&victim, &trap).unwrap();
        }
    };
    under_umask(0o077, || {
        meanwhile(set_a_trap, || {
            Way::WithoutUnshare.run(|| {
                for _ in 0..1_000 {
                    let _ = fs::remove_file(&path);
                    // It may well fail, as whoever sets traps there wants it to.
                    let _ = try_to_listen(&path, 0o666);
                }
            });
        });
    });
    assert_eq!(mode_of(&victim), 0o600);
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

    let mut calls = vec![libc::SYS_unshare, libc::SYS_fchmodat];
    #[cfg(target_arch = "x86_64")]
    calls.push(libc::SYS_chmod);
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
