//! Waiting awake: a look at a few descriptors over and over, instead of the sleep that costs a
//! wake-up between cores.
//!
//! The drawback: the core is busy meanwhile. So who asks gives little time for it, and after a
//! calm beginning every look is followed by a `sched_yield`, without which a peer that waits for
//! this very core would not get it before the time is over.

use {
    rustix::{
        event::{PollFd, Timespec, poll},
        io::Errno,
        thread::sched_yield,
    },
    std::{
        hint, io,
        time::{Duration, Instant},
    },
};

/// Looks until one of them is ready or `longest` is over, at least once; how many are. Others get
/// the core only after `calm`.
pub fn spin(sources: &mut [PollFd<'_>], calm: Duration, longest: Duration) -> io::Result<usize> {
    let at_once = Timespec::default();
    let began = Instant::now();
    loop {
        match poll(sources, Some(&at_once)) {
            Ok(0) | Err(Errno::INTR) => {}
            Ok(ready) => return Ok(ready),
            Err(errno) => return Err(errno.into()),
        }
        let elapsed = began.elapsed();
        if elapsed >= longest {
            return Ok(0);
        }
        if elapsed >= calm {
            sched_yield();
        } else {
            hint::spin_loop();
        }
    }
}
