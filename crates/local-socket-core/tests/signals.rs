//! Alone in its program, because signals belong to the whole process. A SIGPIPE would end it.
#![cfg(unix)]

mod common;

use common::{fresh_id, pair, within};
use local_socket::{ConnectOptions, ConnectWaitMode, ListenerOptions, prelude::*};
use std::{
    io::{ErrorKind, IoSlice, Write},
    ptr, thread,
    time::{Duration, Instant},
};

extern "C" fn do_nothing(_signal: libc::c_int) {}

/// Has SIGPIPE end the process, as it does in programs that aren't Rust's, and SIGALRM interrupt
/// the calls that wait.
fn disturb() {
    // SAFETY: an action of zeros is valid: no flags (so calls aren't restarted), an empty mask.
    let mut action: libc::sigaction = unsafe { std::mem::zeroed() };
    action.sa_sigaction = do_nothing as *const () as usize;
    // SAFETY: the handler does nothing, and the action outlives the call.
    let result = unsafe { libc::sigaction(libc::SIGALRM, &action, ptr::null_mut()) };
    assert_eq!(result, 0, "sigaction failed");
    // SAFETY: restores what every process begins with.
    unsafe { libc::signal(libc::SIGPIPE, libc::SIG_DFL) };
}

/// Interrupts this thread over and over until the action is done.
fn interrupted<T>(action: impl FnOnce() -> T) -> T {
    // SAFETY: has no preconditions. A number, as it is a pointer in some C libraries.
    let this = unsafe { libc::pthread_self() } as usize;
    let done = std::sync::atomic::AtomicBool::new(false);
    thread::scope(|scope| {
        scope.spawn(|| {
            while !done.load(std::sync::atomic::Ordering::Relaxed) {
                // SAFETY: the thread is alive, since it waits for this scope to end.
                unsafe { libc::pthread_kill(this as libc::pthread_t, libc::SIGALRM) };
                thread::sleep(Duration::from_millis(1));
            }
        });
        let result = action();
        done.store(true, std::sync::atomic::Ordering::Relaxed);
        result
    })
}

#[test]
fn no_write_raises_sigpipe_and_no_signal_ends_a_wait() {
    disturb();

    let (mut client, server) = pair();
    drop(server);
    assert_eq!(client.write(b"x").unwrap_err().kind(), ErrorKind::BrokenPipe);
    assert_eq!(client.try_write(b"x").unwrap_err().kind(), ErrorKind::BrokenPipe);
    let bufs = [IoSlice::new(b"x")];
    assert_eq!(client.write_vectored(&bufs).unwrap_err().kind(), ErrorKind::BrokenPipe);
    assert_eq!(client.try_write_vectored(&bufs).unwrap_err().kind(), ErrorKind::BrokenPipe);
    let (_, half) = client.split();
    assert_eq!(half.try_write(b"x").unwrap_err().kind(), ErrorKind::BrokenPipe);
    assert_eq!(half.try_write_vectored(&bufs).unwrap_err().kind(), ErrorKind::BrokenPipe);

    let name = fresh_id();
    let listener = ListenerOptions::new().name(name.borrow()).backlog(0).create_sync().unwrap();
    let late = thread::spawn({
        let name = name.clone();
        move || {
            thread::sleep(Duration::from_millis(100));
            common::connect(&name)
        }
    });
    within("a client, under signals", move || {
        interrupted(|| listener.accept()).unwrap();
        late.join().unwrap();

        if cfg!(target_os = "linux") {
            let _fills_the_backlog = common::connect(&name);
            let limit = Duration::from_millis(150);
            let options = ConnectOptions::new()
                .name(name.borrow())
                .wait_mode(ConnectWaitMode::Timeout(limit));
            let start = Instant::now();
            let error = interrupted(|| options.connect_sync()).unwrap_err();
            assert_eq!(error.kind(), ErrorKind::TimedOut);
            assert!(start.elapsed() >= limit);

            let drain = thread::spawn(move || {
                thread::sleep(Duration::from_millis(100));
                (listener.accept().unwrap(), listener.accept().unwrap())
            });
            let options = ConnectOptions::new().name(name);
            interrupted(|| options.connect_sync()).unwrap();
            drain.join().unwrap();
        }
    });
}
