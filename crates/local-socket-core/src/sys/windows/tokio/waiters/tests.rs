//! Who is woken, without a pipe.

use super::*;
use std::{
    io,
    sync::{Arc, atomic::AtomicUsize},
    task::Wake,
};

/// Counts how often it is woken.
#[derive(Default)]
struct Count(AtomicUsize);

impl Wake for Count {
    fn wake(self: Arc<Self>) {
        self.0.fetch_add(1, Ordering::Relaxed);
    }
}

impl Count {
    fn get(&self) -> usize {
        self.0.load(Ordering::Relaxed)
    }
}

fn would_block() -> io::Result<()> {
    Err(ErrorKind::WouldBlock.into())
}

fn poll(waiters: &Waiters, direction: Direction, task: &Arc<Count>) -> Poll<io::Result<()>> {
    let waker = Waker::from(task.clone());
    waiters.poll(direction, &mut Context::from_waker(&waker), would_block)
}

#[test]
fn everybody_who_waits_for_the_direction_is_woken_once() {
    let waiters = Waiters::default();
    let readers: Vec<_> = (0..5).map(|_| Arc::<Count>::default()).collect();
    let writer = Arc::<Count>::default();
    for _ in 0..3 {
        for reader in &readers {
            assert!(poll(&waiters, Direction::Read, reader).is_pending());
        }
    }
    assert!(poll(&waiters, Direction::Write, &writer).is_pending());
    waiters.wake(Direction::Read);
    waiters.wake(Direction::Read);
    assert!(readers.iter().all(|reader| reader.get() == 1));
    assert_eq!(writer.get(), 0);
    waiters.wake(Direction::Write);
    assert_eq!(writer.get(), 1);
}

#[test]
fn what_is_told_between_the_call_and_the_wait_is_not_lost() {
    let waiters = Waiters::default();
    let task = Arc::<Count>::default();
    let waker = Waker::from(task.clone());
    let mut calls = 0;
    let result = waiters.poll(Direction::Read, &mut Context::from_waker(&waker), || {
        calls += 1;
        if calls == 2 {
            return Ok(());
        }
        waiters.wake(Direction::Read);
        would_block()
    });
    assert!(matches!(result, Poll::Ready(Ok(()))));
    assert_eq!((calls, task.get()), (2, 0));
}

#[test]
fn who_never_has_to_wait_lets_others_run_now_and_then() {
    let waiters = Waiters::default();
    let task = Arc::<Count>::default();
    let waker = Waker::from(task.clone());
    let polls = 10 * MOST_IN_A_ROW as usize;
    let pending = (0..polls).filter(|_| {
        waiters.poll(Direction::Read, &mut Context::from_waker(&waker), || Ok(())).is_pending()
    });
    let pending = pending.count();
    assert!((5..=10).contains(&pending), "{pending}");
    assert_eq!(task.get(), pending, "each is polled again");
}

#[test]
fn tasks_that_have_given_up_are_not_kept_for_ever() {
    let waiters = Waiters::default();
    let alive: Vec<_> = (0..FEW).map(|_| Arc::<Count>::default()).collect();
    let gone = Arc::<Count>::default();
    let kept = || Arc::strong_count(&gone);
    for _ in 0..3 * MOST {
        let waker = Waker::from(Arc::new(GivenUp(gone.clone())));
        let result = waiters.poll(Direction::Read, &mut Context::from_waker(&waker), would_block);
        assert!(result.is_pending());
        for task in &alive {
            assert!(poll(&waiters, Direction::Read, task).is_pending());
        }
        assert!(kept() <= MOST + 1, "{}", kept());
    }
    let before: Vec<_> = alive.iter().map(|task| task.get()).collect();
    waiters.wake(Direction::Read);
    assert_eq!(kept(), 1);
    for (task, before) in alive.iter().zip(before) {
        assert_eq!(task.get(), before + 1, "who still waits has come back and is woken");
    }
}

struct GivenUp(#[allow(dead_code, reason = "it is counted")] Arc<Count>);

impl Wake for GivenUp {
    fn wake(self: Arc<Self>) {}
}

#[test]
fn many_who_wait_do_not_wake_each_other_over_and_over() {
    let waiters = Waiters::default();
    let tasks: Vec<_> = (0..20 * FEW).map(|_| Arc::<Count>::default()).collect();
    let woken = || tasks.iter().map(|task| task.get()).sum::<usize>();
    let mut before = vec![0; tasks.len()];
    for task in &tasks {
        assert!(poll(&waiters, Direction::Read, task).is_pending());
    }
    // Polls those who were woken, as a runtime does, until nobody is any more.
    for round in 0.. {
        assert!(round < 100, "they never come to rest: {}", woken());
        let mut rest = true;
        for (task, before) in tasks.iter().zip(&mut before) {
            if task.get() > *before {
                *before = task.get();
                assert!(poll(&waiters, Direction::Read, task).is_pending());
                rest = false;
            }
        }
        if rest {
            break;
        }
    }
    let before = woken();
    waiters.wake(Direction::Read);
    assert_eq!(woken(), before + tasks.len());
}
