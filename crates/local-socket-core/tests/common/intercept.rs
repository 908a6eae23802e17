//! Standing between a program and the kernel: something happens before a system call, at the very
//! step that is meant (seccomp_unotify(2)).
#![cfg(target_os = "linux")]

use super::child::{filter, load, on_a_thread};
use rustix::event::{PollFd, PollFlags, poll};
use std::{
    hash::{BuildHasher, Hasher, RandomState},
    os::fd::{AsRawFd, FromRawFd, OwnedFd},
    sync::mpsc::channel,
    thread,
    time::Duration,
};

/// What becomes of a system call.
pub enum Verdict {
    /// It is made.
    Go,
    /// It isn't made, and succeeds.
    Done,
}

/// A number below the limit.
pub fn random(limit: u64) -> u64 {
    RandomState::new().build_hasher().finish() % limit
}

/// Runs the action, and before each of these system calls that its thread makes, or one that it
/// starts, asks for a verdict on another thread.
pub fn intercepting<T: Send>(
    calls: &[libc::c_long],
    mut judge: impl FnMut(&libc::seccomp_data) -> Verdict + Send,
    action: impl FnOnce() -> T + Send,
) -> T {
    let (sender, receiver) = channel();
    thread::scope(|scope| {
        scope.spawn(move || {
            if let Ok(listener) = receiver.recv() {
                while next(&listener, &mut judge) {}
            }
        });
        on_a_thread(move || {
            let mut steps = filter(calls, libc::SECCOMP_RET_USER_NOTIF);
            let fd = load(&mut steps, libc::SECCOMP_FILTER_FLAG_NEW_LISTENER);
            // SAFETY: the call has just made this descriptor, which nothing else owns.
            let listener = unsafe { OwnedFd::from_raw_fd(fd.try_into().unwrap()) };
            sender.send(listener).expect("the other thread waits for it");
            action()
        })
    })
}

/// Waits for a system call and answers it. `false` when nobody is left who could make one.
fn next(listener: &OwnedFd, judge: &mut impl FnMut(&libc::seccomp_data) -> Verdict) -> bool {
    let mut fds = [PollFd::new(listener, PollFlags::IN)];
    rustix::io::retry_on_intr(|| poll(&mut fds, None)).unwrap();
    if !fds[0].revents().contains(PollFlags::IN) {
        return false;
    }
    // SAFETY: all of it is integers; the kernel wants zeros.
    let mut call: libc::seccomp_notif = unsafe { std::mem::zeroed() };
    let fd = listener.as_raw_fd();
    // SAFETY: the kernel fills the struct that this request is for.
    if unsafe { libc::ioctl(fd, libc::SECCOMP_IOCTL_NOTIF_RECV as _, &mut call) } < 0 {
        // Its thread has ended meanwhile.
        return true;
    }
    let flags = match judge(&call.data) {
        Verdict::Go => libc::SECCOMP_USER_NOTIF_FLAG_CONTINUE.try_into().unwrap(),
        Verdict::Done => 0,
    };
    let mut answer = libc::seccomp_notif_resp { id: call.id, val: 0, error: 0, flags };
    // SAFETY: the kernel reads the struct that this request is for.
    unsafe { libc::ioctl(fd, libc::SECCOMP_IOCTL_NOTIF_SEND as _, &mut answer) };
    true
}

/// The system calls that names are taken and given back with.
pub const STEPS: [libc::c_long; 13] = [
    libc::SYS_openat,
    libc::SYS_flock,
    libc::SYS_socket,
    libc::SYS_bind,
    libc::SYS_listen,
    libc::SYS_connect,
    libc::SYS_accept4,
    libc::SYS_fstat,
    libc::SYS_fstatfs,
    libc::SYS_newfstatat,
    libc::SYS_unlinkat,
    libc::SYS_renameat2,
    libc::SYS_close,
];

/// Runs the action with a delay of its own before each of its steps: none before half of them, and
/// at most `longest` before the others.
pub fn delayed<T: Send>(longest: Duration, action: impl FnOnce() -> T + Send) -> T {
    let longest = u64::try_from(longest.as_micros()).expect("a short time");
    let delay = |_: &libc::seccomp_data| {
        if random(2) == 0 {
            thread::sleep(Duration::from_micros(random(longest)));
        }
        Verdict::Go
    };
    intercepting(&STEPS, delay, action)
}
