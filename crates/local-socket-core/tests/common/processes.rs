//! Parts of a test that run in processes of their own.
#![cfg(target_os = "linux")]

use super::PATIENCE;
use rustix::{
    event::{PollFd, PollFlags, Timespec, poll},
    process::{
        Pid, PidfdFlags, Signal, WaitOptions, getppid, kill_process, pidfd_open,
        set_parent_process_death_signal, waitpid,
    },
};
use std::{
    io::{self, Write},
    panic::{AssertUnwindSafe, catch_unwind},
};

const FINE: i32 = 0;
const WRONG: i32 = 1;

/// A forked child of this process. Killed when dropped before it has ended.
pub struct Child {
    pid: Pid,
    ended: bool,
}

/// Runs the action in a forked child, which ends with it, or with the thread that began it. The action
/// says what is wrong, if anything.
/// Other threads aren't there, so that it must not wait for them nor for locks that they may hold.
pub fn fork(action: impl FnOnce() -> Result<(), String>) -> Child {
    let parent = rustix::process::getpid();
    // SAFETY: the child has this thread alone, runs what the caller answers for, and exits without
    // running what this program registered.
    let pid = unsafe { libc::fork() };
    assert!(pid >= 0, "fork failed");
    if pid == 0 {
        let begin = AssertUnwindSafe(|| {
            end_with(parent);
            action()
        });
        let status = match catch_unwind(begin) {
            Ok(Ok(())) => FINE,
            Ok(Err(what)) => {
                // Not by a macro, which would be captured.
                let _ = writeln!(io::stderr(), "{what}");
                WRONG
            }
            Err(_) => WRONG,
        };
        // SAFETY: ends the process at once and touches no memory.
        unsafe { libc::_exit(status) }
    }
    Child { pid: Pid::from_raw(pid).expect("a pid"), ended: false }
}

/// Has the kernel end this process when the thread that forked it ends, also when that is killed.
fn end_with(parent: Pid) {
    set_parent_process_death_signal(Some(Signal::KILL)).expect("it is a signal");
    assert_eq!(getppid(), Some(parent), "the parent has ended already");
}

impl Child {
    pub fn id(&self) -> libc::pid_t {
        self.pid.as_raw_nonzero().get()
    }

    /// Waits for it to end, and for the system to forget its pid.
    pub fn join(mut self) {
        let pidfd = pidfd_open(self.pid, PidfdFlags::empty()).expect("it hasn't been waited for");
        let patience = Timespec::try_from(PATIENCE).unwrap();
        let ready = poll(&mut [PollFd::new(&pidfd, PollFlags::IN)], Some(&patience)).unwrap();
        assert_eq!(ready, 1, "waited {PATIENCE:?} for a child to end");
        let (_, status) = waitpid(Some(self.pid), WaitOptions::empty()).unwrap().unwrap();
        self.ended = true;
        assert_eq!(status.exit_status(), Some(FINE), "the child said what was wrong");
    }
}

impl Drop for Child {
    fn drop(&mut self) {
        if !self.ended {
            let _ = kill_process(self.pid, Signal::KILL);
            let _ = waitpid(Some(self.pid), WaitOptions::empty());
        }
    }
}
