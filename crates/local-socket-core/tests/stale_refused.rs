//! Stale names that can't be taken over, or not safely: they stay, and the error says why.
#![cfg(target_os = "linux")]

mod common;

use common::{
    child::{as_stranger, may_become_another_user, refusing},
    files, fresh_path,
    intercept::{Verdict, intercepting},
    leave_stale_socket, listen,
    mounts::{mount, with_mounts_of_its_own, without_proc},
    path_name,
};
use local_socket::{
    Listener, ListenerOptions,
    error::{AddressError, os_error},
};
use std::{
    fs::{self, File, Permissions},
    io::{self, ErrorKind},
    os::unix::{
        fs::{MetadataExt, PermissionsExt, chown},
        net::{UnixListener, UnixStream},
    },
    path::Path,
};

fn try_to_listen(path: &Path) -> io::Result<Listener> {
    ListenerOptions::new().name(path_name(path)).create_sync()
}

/// What the error of a name in use says on top.
fn advice(result: io::Result<Listener>) -> String {
    let error = result.unwrap_err();
    assert_eq!(error.kind(), ErrorKind::AddrInUse, "{error}");
    assert_eq!(os_error(&error), Some(libc::EADDRINUSE));
    let inner = error.get_ref().unwrap().downcast_ref::<AddressError>().unwrap();
    let advice = inner.advice().expect("a word on what to do");
    assert!(error.to_string().ends_with(advice), "{error}");
    advice.to_owned()
}

fn set_mode(path: &Path, mode: u32) {
    fs::set_permissions(path, Permissions::from_mode(mode)).unwrap();
}

#[test]
fn in_a_folder_that_cannot_be_read_free_names_only_are_taken_and_given_back() {
    if !may_become_another_user() {
        return;
    }
    let (folder, path) = fresh_path();
    chown(folder.path(), Some(common::child::STRANGER), None).unwrap();
    set_mode(folder.path(), 0o300);
    as_stranger(|| {
        File::open(folder.path()).expect_err("it can't be read");
        drop(try_to_listen(&path).unwrap());
        assert!(!path.exists());
        leave_stale_socket(&path);
        assert!(advice(try_to_listen(&path)).contains("make the folder readable"));
        let overwriting = ListenerOptions::new().name(path_name(path.clone())).try_overwrite(true);
        assert!(advice(overwriting.create_sync()).contains("make the folder readable"));
        assert!(path.exists());
        set_mode(folder.path(), 0o700);
        try_to_listen(&path).unwrap();
    });
}

#[test]
fn in_a_folder_without_locks_free_names_only_are_taken_and_given_back() {
    let (folder, path) = fresh_path();
    for number in [libc::EBADF, libc::ENOLCK, libc::EOPNOTSUPP] {
        refusing(&[libc::SYS_flock], number, || {
            drop(try_to_listen(&path).unwrap());
            assert!(files(folder.path()).is_empty());
            leave_stale_socket(&path);
            assert!(advice(try_to_listen(&path)).starts_with("the folder can't be locked"));
        });
        drop(listen(&path_name(path.clone())));
    }
}

/// Runs the action where all file systems are NFS, if one asks.
fn on_a_network_file_system<T: Send>(action: impl FnOnce() -> T + Send) -> T {
    const NFS_SUPER_MAGIC: libc::__fsword_t = 0x6969;
    let answer = |call: &libc::seccomp_data| {
        let result = call.args[1] as *mut libc::statfs;
        // SAFETY: the caller is a thread of this process, which waits for the answer and has given
        // a place for it.
        unsafe {
            result.write_bytes(0, 1);
            (*result).f_type = NFS_SUPER_MAGIC;
        }
        Verdict::Done
    };
    intercepting(&[libc::SYS_fstatfs], answer, action)
}

#[test]
fn on_a_network_file_system_a_stale_name_stays() {
    let (folder, path) = fresh_path();
    leave_stale_socket(&path);
    on_a_network_file_system(|| {
        assert!(advice(try_to_listen(&path)).contains("shared with other machines"));
        assert_eq!(files(folder.path()), ["s"]);
        fs::remove_file(&path).unwrap();
        drop(try_to_listen(&path).expect("it is free"));
        leave_stale_socket(&path);
        let overwriting = ListenerOptions::new().name(path_name(path.clone())).try_overwrite(true);
        drop(overwriting.create_sync().expect("whoever may be there is to be displaced"));
    });
    assert!(files(folder.path()).is_empty());
}

#[test]
fn whoever_cannot_ask_for_want_of_descriptors_or_memory_is_told_that() {
    let (folder, path) = fresh_path();
    leave_stale_socket(&path);
    for number in [libc::EMFILE, libc::ENFILE, libc::ENOBUFS, libc::ENOMEM] {
        let error = refusing(&[libc::SYS_connect], number, || try_to_listen(&path).unwrap_err());
        assert_eq!(os_error(&error), Some(number), "{error}");
        assert_eq!(files(folder.path()), ["s"]);
    }
    listen(&path_name(path));
}

#[test]
fn without_proc_nobody_is_displaced() {
    let (folder, path) = fresh_path();
    without_proc(|| {
        drop(try_to_listen(&path).unwrap());
        leave_stale_socket(&path);
        assert!(advice(try_to_listen(&path)).contains("without /proc; mount it"));
        assert_eq!(files(folder.path()), ["s"]);
    });
}

#[test]
fn another_users_stale_socket_in_a_sticky_folder_is_for_its_owner_or_root_to_remove() {
    if !may_become_another_user() {
        return;
    }
    let (folder, path) = fresh_path();
    set_mode(folder.path(), 0o1777);
    leave_stale_socket(&path);
    // Only who may connect can ask whether anybody is there.
    set_mode(&path, 0o755);
    let text = as_stranger(|| advice(try_to_listen(&path)));
    assert!(text.contains("can't be found out (Permission denied"), "{text}");
    set_mode(&path, 0o777);
    let text = as_stranger(|| advice(try_to_listen(&path)));
    assert!(text.contains("can't be removed (Operation not permitted"), "{text}");

    drop(listen(&path_name(path.clone())));
    as_stranger(|| leave_stale_socket(&path));
    drop(listen(&path_name(path.clone())));
    assert!(files(folder.path()).is_empty());
}

#[test]
fn a_name_that_another_user_squats_on_is_in_use_and_may_be_overwritten_by_root_only() {
    if !may_become_another_user() {
        return;
    }
    let (folder, path) = fresh_path();
    set_mode(folder.path(), 0o1777);
    let squatter = as_stranger(|| listen(&path_name(path.clone())));
    let error = try_to_listen(&path).unwrap_err();
    assert_eq!(os_error(&error), Some(libc::EADDRINUSE));
    let overwrite =
        || ListenerOptions::new().name(path_name(path.clone())).try_overwrite(true).create_sync();
    let ours = overwrite().unwrap();
    drop(squatter);
    assert_eq!(fs::symlink_metadata(&path).unwrap().uid(), 0);
    let error = as_stranger(|| overwrite().unwrap_err());
    assert_eq!(error.kind(), ErrorKind::PermissionDenied, "{error}");
    assert_eq!(files(folder.path()), ["s"]);
    common::connect(&path_name(path.clone()));
    drop(ours);
}

#[test]
fn a_socket_file_that_is_a_mount_stays() {
    let (folder, path) = fresh_path();
    with_mounts_of_its_own(|| {
        let other = folder.path().join("other");
        leave_stale_socket(&path);
        leave_stale_socket(&other);
        mount(&other, &path, None, libc::MS_BIND, "").unwrap();
        let text = advice(try_to_listen(&path));
        assert!(text.contains("can't be removed (Device or resource busy"), "{text}");
    });
}

#[test]
fn a_listener_in_another_network_namespace_is_in_use_and_sees_nobody() {
    let (_folder, path) = fresh_path();
    let listener = common::child::on_a_thread(|| {
        // SAFETY: decides only to which network the sockets of this thread belong.
        let apart = unsafe { libc::unshare(libc::CLONE_NEWNET) } == 0;
        apart.then(|| UnixListener::bind(&path).unwrap())
    });
    let Some(listener) = listener else {
        eprintln!("not tested: needs another network namespace, which only root can make");
        return;
    };
    let error = try_to_listen(&path).unwrap_err();
    assert_eq!(os_error(&error), Some(libc::EADDRINUSE));
    listener.set_nonblocking(true).unwrap();
    assert_eq!(listener.accept().unwrap_err().kind(), ErrorKind::WouldBlock);
    drop(listener);
    try_to_listen(&path).unwrap();
}

#[test]
fn a_listener_below_an_overlay_keeps_its_file_whoever_takes_the_name_above() {
    let (folder, _) = fresh_path();
    let sub = |name: &str| {
        let path = folder.path().join(name);
        fs::create_dir(&path).unwrap();
        path
    };
    let (lower, upper, work, merged) = (sub("lower"), sub("upper"), sub("work"), sub("merged"));
    let below = UnixListener::bind(lower.join("s")).unwrap();
    with_mounts_of_its_own(|| {
        let data = format!(
            "lowerdir={},upperdir={},workdir={}",
            lower.display(),
            upper.display(),
            work.display()
        );
        if let Err(error) = mount("overlay", &merged, Some("overlay"), 0, &data) {
            eprintln!("not tested: no overlay can be mounted: {error}");
            return;
        }
        // Nobody could connect to it through the overlay anyway.
        let path = merged.join("s");
        UnixStream::connect(&path).unwrap_err();
        let name = path_name(path);
        let above = listen(&name);
        common::connect(&name);
        above.try_accept().unwrap();
    });
    below.set_nonblocking(true).unwrap();
    assert_eq!(below.accept().unwrap_err().kind(), ErrorKind::WouldBlock);
    UnixStream::connect(lower.join("s")).unwrap();
    below.accept().unwrap();
}

#[test]
fn who_replaces_a_stale_socket_after_it_was_asked_is_not_displaced() {
    let (folder, path) = fresh_path();
    leave_stale_socket(&path);
    let mut live = None;
    let mut questions = 0;
    // A socket of each of two types asks.
    let replace = |_: &libc::seccomp_data| {
        questions += 1;
        if questions == 2 {
            fs::remove_file(&path).unwrap();
            live = Some(UnixListener::bind(&path).unwrap());
        }
        Verdict::Go
    };
    let result = intercepting(&[libc::SYS_connect], replace, || try_to_listen(&path));
    assert_eq!(os_error(&result.unwrap_err()), Some(libc::EADDRINUSE));
    assert_eq!(files(folder.path()), ["s"]);
    let live = live.expect("it was asked");
    live.set_nonblocking(true).unwrap();
    assert_eq!(live.accept().unwrap_err().kind(), ErrorKind::WouldBlock);
    common::connect(&path_name(path));
    live.accept().unwrap();
}
