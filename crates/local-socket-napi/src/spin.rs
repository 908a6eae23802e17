//! Waiting awake: a look at a few descriptors over and over, instead of the sleep that costs a
//! wake-up between cores.
//!
//! The drawback: the core is busy meanwhile, also for a peer that waits for this very core. So who
//! asks gives little time for it, and stops asking where it doesn't help. Letting others run
//! between the looks (`sched_yield`) was worse: where anybody else wants the core, were it only the
//! runtime's own compiler, each of them gives away a whole time slice, 1 to 4 ms on Linux 6.18.

use {
    rustix::{
        event::{PollFd, Timespec, poll},
        io::Errno,
    },
    std::{
        hint, io,
        mem::MaybeUninit,
        time::{Duration, Instant},
    },
};

/// Looks until one of them is ready or `longest` is over, at least once; how many are.
pub fn spin(sources: &mut [PollFd<'_>], longest: Duration) -> io::Result<usize> {
    let at_once = Timespec::default();
    let began = Instant::now();
    loop {
        match poll(sources, Some(&at_once)) {
            Ok(0) | Err(Errno::INTR) => {}
            Ok(ready) => return Ok(ready),
            Err(errno) => return Err(errno.into()),
        }
        if began.elapsed() >= longest {
            return Ok(0);
        }
        hint::spin_loop();
    }
}

/// How often this thread was interrupted so that another could run on its core: its involuntary
/// context switches (getrusage(2)). Counting up from anywhere, and wrapping around.
pub fn interruptions() -> usize {
    let mut usage = MaybeUninit::<libc::rusage>::uninit();
    // SAFETY: a place for what is asked for.
    let result = unsafe { libc::getrusage(libc::RUSAGE_THREAD, usage.as_mut_ptr()) };
    if result != 0 {
        return 0;
    }
    // SAFETY: filled, since the call succeeded.
    (unsafe { usage.assume_init() }.ru_nivcsw as usize) & i32::MAX as usize
}
