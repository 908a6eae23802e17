//! Tasks that wait for a pipe or a listener.
//!
//! The system's side is edge-like: after a call that would have blocked, a watcher is told once. So
//! one telling is for every task that waits, and each of them tries again.

use crate::sys::windows::pipe::{Readiness, Watch};
use std::{
    io::{self, ErrorKind},
    mem,
    sync::{
        Mutex, MutexGuard, PoisonError,
        atomic::{AtomicU32, AtomicU64, Ordering},
    },
    task::{Context, Poll, Waker, ready},
};

/// After so many calls in a row that didn't have to wait, others on the runtime get their turn.
/// Tokio gives a task 128 of them.
const MOST_IN_A_ROW: u32 = 128;

/// So many tasks may wait before those among them are looked for that don't wait any more.
const FEW: usize = 32;

/// So many that have given up are kept at most until something is told. More tasks than that
/// shouldn't wait for one pipe: they would wake each other over and over.
const MOST: usize = 4096;

/// Which direction a task waits for.
#[derive(Clone, Copy, Debug)]
pub(super) enum Direction {
    /// Bytes, the end, or a client.
    Read,
    /// Nothing is on its way any more.
    Write,
}

/// Those who wait for either direction.
#[derive(Debug, Default)]
pub(super) struct Waiters {
    read: Queue,
    write: Queue,
}

impl Waiters {
    /// What the call gives; if it would have blocked, the task is woken when it may be tried again.
    pub(super) fn poll<T>(
        &self,
        direction: Direction,
        cx: &mut Context<'_>,
        mut call: impl FnMut() -> io::Result<T>,
    ) -> Poll<io::Result<T>> {
        let queue = self.queue(direction);
        ready!(queue.poll_turn(cx));
        loop {
            let told = queue.told();
            match call() {
                Err(error) if error.kind() == ErrorKind::WouldBlock => {
                    queue.turns.store(0, Ordering::Relaxed);
                    if queue.wait(told, cx.waker()) {
                        return Poll::Pending;
                    }
                }
                result => return Poll::Ready(result),
            }
        }
    }

    /// Has everybody who waits for this direction try again.
    pub(super) fn wake(&self, direction: Direction) {
        self.queue(direction).wake();
    }

    fn queue(&self, direction: Direction) -> &Queue {
        match direction {
            Direction::Read => &self.read,
            Direction::Write => &self.write,
        }
    }
}

impl Watch for Waiters {
    fn ready(&self, ready: Readiness) {
        if ready.is_readable() {
            self.read.wake();
        }
        if ready.is_writable() {
            self.write.wake();
        }
    }
}

#[derive(Debug, Default)]
struct Queue {
    /// How often it was told. Changed under the lock of `tasks`.
    told: AtomicU64,
    /// How many calls in a row didn't have to wait.
    turns: AtomicU32,
    tasks: Mutex<Tasks>,
}

impl Queue {
    fn told(&self) -> u64 {
        self.told.load(Ordering::Acquire)
    }

    /// Whether the task waits from now on. Not if something was told since `told`, which the call
    /// that would have blocked may not have seen.
    fn wait(&self, told: u64, task: &Waker) -> bool {
        let mut tasks = self.lock();
        if self.told() != told {
            return false;
        }
        let suspects = tasks.add(task);
        drop(tasks);
        suspects.into_iter().for_each(Waker::wake);
        true
    }

    fn wake(&self) {
        let mut tasks = self.lock();
        self.told.fetch_add(1, Ordering::Release);
        let woken = mem::take(&mut tasks.waiting);
        drop(tasks);
        // Not under the lock: the last waker of a task may drop what waits here as well.
        woken.into_iter().for_each(Waker::wake);
    }

    fn poll_turn(&self, cx: &mut Context<'_>) -> Poll<()> {
        if self.turns.fetch_add(1, Ordering::Relaxed) < MOST_IN_A_ROW {
            return Poll::Ready(());
        }
        self.turns.store(0, Ordering::Relaxed);
        cx.waker().wake_by_ref();
        Poll::Pending
    }

    fn lock(&self) -> MutexGuard<'_, Tasks> {
        // Nothing that could panic half-way is done under it.
        self.tasks.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// Who waits. A poll can't say when its task has given up, and one that has must not be kept for
/// ever. So all are woken once they are many: who still waits comes back, the others are gone.
#[derive(Debug, Default)]
struct Tasks {
    waiting: Vec<Waker>,
    /// How many are many. Twice as many each time, so that those who do wait come to rest.
    many: usize,
}

impl Tasks {
    /// Those to be woken.
    fn add(&mut self, task: &Waker) -> Vec<Waker> {
        if self.waiting.iter().any(|waiting| waiting.will_wake(task)) {
            return Vec::new();
        }
        self.waiting.push(task.clone());
        if self.waiting.len() <= self.many.max(FEW) {
            return Vec::new();
        }
        self.many = MOST.min(2 * self.waiting.len());
        mem::take(&mut self.waiting)
    }
}

#[cfg(test)]
mod tests;
