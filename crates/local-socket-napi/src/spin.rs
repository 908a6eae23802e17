//! Waiting awake: looking over and over, instead of the sleep that costs a wake-up between cores.
//!
//! The drawback: the core is busy meanwhile, also for a peer that waits for this very core. So who
//! asks gives little time for it, and stops asking where it doesn't help. Letting others run
//! between the looks (`sched_yield`) was worse: where anybody else wants the core, were it only the
//! runtime's own compiler, each of them gives away a whole time slice, 1 to 4 ms on Linux 6.18.

use std::{
    hint, io,
    time::{Duration, Instant},
};

/// Attempts something until it no longer would block or `longest` is over, at least once.
pub fn retry<T>(longest: Duration, mut attempt: impl FnMut() -> io::Result<T>) -> io::Result<T> {
    let began = Instant::now();
    loop {
        match attempt() {
            Err(error) if error.kind() == io::ErrorKind::WouldBlock => {
                if began.elapsed() >= longest {
                    return Err(error);
                }
            }
            answer => return answer,
        }
        hint::spin_loop();
    }
}
