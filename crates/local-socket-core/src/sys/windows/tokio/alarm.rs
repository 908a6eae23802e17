//! Pauses without a runtime's timers, which programs need not have switched on.
//!
//! One thread wakes all who pause. It is started by the first and ends when nobody is left, so that
//! a program that never has to wait never has it.

use std::{
    collections::BTreeMap,
    io,
    pin::Pin,
    sync::{Condvar, Mutex, MutexGuard, PoisonError},
    task::{Context, Poll, Waker},
    thread,
    time::{Duration, Instant},
};

static ALARMS: Mutex<Alarms> = Mutex::new(Alarms { set: BTreeMap::new(), next: 0, runs: false });

/// Told when an alarm was set that is earlier than all others.
static EARLIER: Condvar = Condvar::new();

/// Which alarm: when it goes off, and a number that no other has.
type Key = (Instant, u64);

struct Alarms {
    set: BTreeMap<Key, Waker>,
    next: u64,
    /// Whether the thread does.
    runs: bool,
}

/// Waits for this long. Errors: the system has no thread left.
pub(super) fn sleep(time: Duration) -> Sleep {
    // The few pauses there are, are short.
    Sleep { until: Instant::now() + time, set: None }
}

/// What [`sleep`] gives. Dropping it leaves nothing behind.
#[derive(Debug)]
pub(super) struct Sleep {
    until: Instant,
    set: Option<Key>,
}

impl Future for Sleep {
    type Output = io::Result<()>;

    fn poll(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        if Instant::now() >= self.until {
            return Poll::Ready(Ok(()));
        }
        let mut alarms = lock();
        let key = match self.set {
            Some(key) => key,
            None => {
                alarms.next += 1;
                (self.until, alarms.next)
            }
        };
        self.set = Some(key);
        let before = alarms.set.insert(key, cx.waker().clone());
        let started = alarms.start();
        if alarms.set.first_key_value().is_some_and(|(first, _)| *first == key) {
            EARLIER.notify_one();
        }
        drop(alarms);
        // Not under the lock: it may be all that is left of a task that sleeps as well.
        drop(before);
        match started {
            Ok(()) => Poll::Pending,
            Err(error) => Poll::Ready(Err(error)),
        }
    }
}

impl Drop for Sleep {
    fn drop(&mut self) {
        let waker = self.set.and_then(|key| lock().set.remove(&key));
        // Not under the lock either.
        drop(waker);
    }
}

impl Alarms {
    fn start(&mut self) -> io::Result<()> {
        if !self.runs {
            thread::Builder::new().name("local-socket pauses".to_owned()).spawn(run)?;
            self.runs = true;
        }
        Ok(())
    }
}

fn run() {
    let mut alarms = lock();
    while let Some((&(until, number), _)) = alarms.set.first_key_value() {
        let left = until.saturating_duration_since(Instant::now());
        if left.is_zero() {
            let waker = alarms.set.remove(&(until, number));
            drop(alarms);
            if let Some(waker) = waker {
                waker.wake();
            }
            alarms = lock();
        } else {
            let woken = EARLIER.wait_timeout(alarms, left);
            alarms = woken.unwrap_or_else(PoisonError::into_inner).0;
        }
    }
    alarms.runs = false;
}

fn lock() -> MutexGuard<'static, Alarms> {
    // Nothing that could panic half-way is done under it.
    ALARMS.lock().unwrap_or_else(PoisonError::into_inner)
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::future::ready;

    const PATIENCE: Duration = Duration::from_secs(60);

    /// Longer than any test has patience.
    const LONG: Duration = Duration::from_secs(1800);

    async fn nap(time: Duration) -> Duration {
        let start = Instant::now();
        let napped = ::tokio::time::timeout(PATIENCE, sleep(time)).await;
        napped.expect("waited for a pause to end").expect("there is a thread");
        start.elapsed()
    }

    #[::tokio::test]
    async fn a_pause_is_never_shorter_than_asked_for() {
        for time in [Duration::ZERO, Duration::from_nanos(1), Duration::from_millis(30)] {
            assert!(nap(time).await >= time);
        }
    }

    #[::tokio::test]
    async fn a_short_pause_ends_before_a_longer_one_that_began_earlier() {
        let long = ::tokio::spawn(sleep(LONG));
        // The thread most likely waits for the long one by then; if not, the test is easier.
        ::tokio::time::sleep(Duration::from_millis(30)).await;
        nap(Duration::from_millis(20)).await;
        assert!(!long.is_finished());
        long.abort();
    }

    #[::tokio::test]
    async fn a_pause_that_was_given_up_leaves_nothing() {
        let given_up = Instant::now() + 2 * LONG;
        let mut pause = sleep(2 * LONG);
        ::tokio::select! {
            biased;
            _ = &mut pause => {}
            () = ready(()) => {}
        }
        assert!(lock().set.range((given_up, 0)..).next().is_some());
        drop(pause);
        assert!(lock().set.range((given_up, 0)..).next().is_none());
        nap(Duration::from_millis(5)).await;
    }
}
