//! A thread with a umask and a current folder of its own.
//!
//! Both belong to the whole process, whose other threads make files and open paths meanwhile.
//! unshare(2) of `CLONE_FS` needs no privilege. The drawbacks: the price of a thread, some tens of
//! microseconds, and sandboxes that forbid it.

use rustix::thread::{UnshareFlags, unshare_unsafe};
use std::{mem::MaybeUninit, panic::resume_unwind, ptr, thread};

/// Runs the action on a thread that shares neither umask nor current folder with others. `None`,
/// and nothing done, where there can't be one.
pub(super) fn apart<T: Send>(action: impl FnOnce() -> T + Send) -> Option<T> {
    thread::scope(|scope| {
        let thread = thread::Builder::new().name("socket bind".into());
        let thread = thread.spawn_scoped(scope, || {
            block_signals();
            // SAFETY: only descriptors that are in a table of their own could be missed by others,
            // and this separates umask, current and root folder.
            unsafe { unshare_unsafe(UnshareFlags::FS) }.ok()?;
            Some(action())
        });
        thread.ok()?.join().unwrap_or_else(|panic| resume_unwind(panic))
    })
}

/// Keeps the process's handlers from running on this thread, where a file that they make would be
/// open to all, or somewhere else.
fn block_signals() {
    let mut all = MaybeUninit::<libc::sigset_t>::uninit();
    // SAFETY: `sigfillset` fills the set that it is given and has no way to fail, so it may be read
    // after; the null pointer says that the mask before isn't asked for.
    unsafe {
        libc::sigfillset(all.as_mut_ptr());
        libc::pthread_sigmask(libc::SIG_SETMASK, all.as_ptr(), ptr::null_mut());
    }
}
