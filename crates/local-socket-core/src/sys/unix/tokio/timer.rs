//! Pauses on a runtime that has I/O and need not have timers.
//!
//! tokio's own timers panic on a runtime that was built with `enable_io` alone, so this is a
//! timerfd_create(2) that the runtime waits for like for any descriptor. The drawback: a descriptor
//! for each connection that has to wait.

pub(super) use imp::Timer;

use std::{io, time::Duration};

#[cfg(any(target_os = "linux", target_os = "android"))]
mod imp {
    use super::*;
    use ::tokio::io::{Interest, unix::AsyncFd};
    use rustix::{
        io::Errno,
        time::{
            Itimerspec, TimerfdClockId, TimerfdFlags, TimerfdTimerFlags, Timespec, timerfd_create,
            timerfd_settime,
        },
    };
    use std::os::fd::OwnedFd;

    const NEVER_AGAIN: Timespec = Timespec { tv_sec: 0, tv_nsec: 0 };

    /// A time of zero would switch the timer off.
    const SHORTEST: Duration = Duration::from_nanos(1);

    #[derive(Debug)]
    pub(in super::super) struct Timer(AsyncFd<OwnedFd>);

    impl Timer {
        /// A timer that isn't set. Panics outside a runtime with I/O enabled.
        #[allow(
            deprecated,
            reason = "sound with an OwnedFd; what replaces it is unsafe, and too new to ask for"
        )]
        pub(in super::super) fn new() -> io::Result<Self> {
            let flags = TimerfdFlags::CLOEXEC | TimerfdFlags::NONBLOCK;
            let timer = timerfd_create(TimerfdClockId::Monotonic, flags)?;
            Ok(Self(AsyncFd::with_interest(timer, Interest::READABLE)?))
        }

        /// Waits for this long. May be dropped and called again.
        pub(in super::super) async fn sleep(&self, time: Duration) -> io::Result<()> {
            let time = Timespec::try_from(time.max(SHORTEST)).map_err(|_| Errno::INVAL)?;
            let once = Itimerspec { it_interval: NEVER_AGAIN, it_value: time };
            // Forgets an end that nobody has read, so that a read says EAGAIN until the next one.
            timerfd_settime(self.0.get_ref(), TimerfdTimerFlags::empty(), &once)?;
            let read = |timer: &OwnedFd| {
                rustix::io::read(timer, &mut [0_u8; 8]).map(drop).map_err(io::Error::from)
            };
            self.0.async_io(Interest::READABLE, read).await
        }
    }
}

/// Nobody waits: a full backlog is refused.
#[cfg(not(any(target_os = "linux", target_os = "android")))]
mod imp {
    use super::*;
    use std::convert::Infallible;

    #[derive(Debug)]
    pub(in super::super) struct Timer(Infallible);

    impl Timer {
        /// What the system has just said, should it ever say so.
        pub(in super::super) fn new() -> io::Result<Self> {
            Err(rustix::io::Errno::AGAIN.into())
        }

        pub(in super::super) async fn sleep(&self, _time: Duration) -> io::Result<()> {
            match self.0 {}
        }
    }
}

#[cfg(all(test, target_os = "linux"))]
mod tests {
    use super::*;
    use std::{future::ready, time::Instant};

    const PATIENCE: Duration = Duration::from_secs(60);

    async fn nap(timer: &Timer, time: Duration) -> Duration {
        let start = Instant::now();
        let napped = ::tokio::time::timeout(PATIENCE, timer.sleep(time)).await;
        napped.expect("waited for a pause to end").expect("the timer works");
        start.elapsed()
    }

    #[::tokio::test]
    async fn a_pause_is_never_shorter_than_asked_for() {
        let timer = Timer::new().unwrap();
        for time in [Duration::ZERO, Duration::from_nanos(1), Duration::from_millis(30)] {
            assert!(nap(&timer, time).await >= time);
        }
    }

    #[::tokio::test]
    async fn a_pause_that_was_given_up_does_not_shorten_the_next_one() {
        let timer = Timer::new().unwrap();
        ::tokio::select! {
            biased;
            _ = timer.sleep(Duration::from_nanos(1)) => {}
            () = ready(()) => {}
        }
        // Lets the runtime hear of the end that nobody waits for.
        ::tokio::time::sleep(Duration::from_millis(20)).await;
        let time = Duration::from_millis(30);
        assert!(nap(&timer, time).await >= time);
    }
}
