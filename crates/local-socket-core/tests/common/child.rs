//! Parts of a test that run on threads of their own: where system calls are refused, or as another
//! user.
#![cfg(target_os = "linux")]

use std::{panic::resume_unwind, thread};

/// A user and group that nothing belongs to.
pub const STRANGER: libc::uid_t = 4_242;

/// Whether this process may become another user; says so if it may not.
pub fn may_become_another_user() -> bool {
    let root = rustix::process::geteuid().is_root();
    if !root {
        eprintln!("not tested: needs another user, which only root can become");
    }
    root
}

pub fn on_a_thread<T: Send>(action: impl FnOnce() -> T + Send) -> T {
    thread::scope(|scope| scope.spawn(action).join().unwrap_or_else(|panic| resume_unwind(panic)))
}

/// Runs the action as another user, and nothing else of the process.
pub fn as_stranger<T: Send>(action: impl FnOnce() -> T + Send) -> T {
    as_user(STRANGER, &[], action)
}

/// Runs the action as another user, with a group of the same number and these besides.
pub fn as_user<T: Send>(
    id: libc::uid_t,
    groups: &[libc::gid_t],
    action: impl FnOnce() -> T + Send,
) -> T {
    on_a_thread(|| {
        become_user(id, groups);
        action()
    })
}

/// Has this thread be another user for good, and nothing else of the process.
pub fn become_user(id: libc::uid_t, groups: &[libc::gid_t]) {
    // SAFETY: the list is as long as is said and only read. Made directly, the calls act on this
    // thread alone, which lends nothing to others that would need its user.
    let results = unsafe {
        [
            libc::syscall(libc::SYS_setgroups, groups.len(), groups.as_ptr()),
            libc::syscall(libc::SYS_setresgid, id, id, id),
            libc::syscall(libc::SYS_setresuid, id, id, id),
        ]
    };
    assert_eq!(results, [0; 3], "becoming another user failed");
}

/// Runs the action where these system calls fail with this number, on its thread and on those that
/// it starts (seccomp(2)).
pub fn refusing<T: Send>(
    calls: &[libc::c_long],
    error: libc::c_int,
    action: impl FnOnce() -> T + Send,
) -> T {
    on_a_thread(|| {
        refuse(calls, error);
        action()
    })
}

fn refuse(calls: &[libc::c_long], error: libc::c_int) {
    let mut steps = filter(calls, libc::SECCOMP_RET_ERRNO | error.unsigned_abs());
    load(&mut steps, 0);
}

/// A filter that gives this verdict on these system calls, and lets others pass.
pub(super) fn filter(calls: &[libc::c_long], verdict: u32) -> Vec<libc::sock_filter> {
    const LOAD: u32 = libc::BPF_LD | libc::BPF_W | libc::BPF_ABS;
    const SKIP_UNLESS: u32 = libc::BPF_JMP | libc::BPF_JEQ | libc::BPF_K;
    const RETURN: u32 = libc::BPF_RET | libc::BPF_K;
    let step = |code: u32, k: u32, jf: u8| libc::sock_filter {
        code: code.try_into().unwrap(),
        jt: 0,
        jf,
        k,
    };
    // The number of the call is the first thing in what the filter sees.
    let mut steps = vec![step(LOAD, 0, 0)];
    for call in calls {
        steps.push(step(SKIP_UNLESS, (*call).try_into().unwrap(), 1));
        steps.push(step(RETURN, verdict, 0));
    }
    steps.push(step(RETURN, libc::SECCOMP_RET_ALLOW, 0));
    steps
}

/// Has the filter hold for this thread and those that it starts. Gives what seccomp(2) does, which
/// isn't negative.
pub(super) fn load(steps: &mut [libc::sock_filter], flags: libc::c_ulong) -> libc::c_long {
    let program =
        libc::sock_fprog { len: steps.len().try_into().unwrap(), filter: steps.as_mut_ptr() };
    // SAFETY: the program and its steps outlive the calls, which only read them.
    let result = unsafe {
        assert_eq!(libc::prctl(libc::PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0), 0);
        libc::syscall(libc::SYS_seccomp, libc::SECCOMP_SET_MODE_FILTER, flags, &program)
    };
    assert!(result >= 0, "the filter was refused");
    result
}
