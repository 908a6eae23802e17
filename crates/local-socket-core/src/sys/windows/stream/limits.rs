//! How long reads and writes of a stream wait.

use std::{
    io,
    sync::{
        Mutex, PoisonError,
        atomic::{AtomicBool, Ordering},
    },
    time::Duration,
};

/// Shared by a stream's clones and halves, as the modes of a socket are.
#[derive(Debug)]
pub(super) struct Limits {
    nonblocking: AtomicBool,
    reading: Mutex<Option<Duration>>,
    writing: Mutex<Option<Duration>>,
}

/// What one call is to do.
pub(super) enum Wait {
    Never,
    UpTo(Option<Duration>),
}

impl Limits {
    pub(super) fn new(nonblocking: bool) -> Self {
        Self {
            nonblocking: AtomicBool::new(nonblocking),
            reading: Mutex::default(),
            writing: Mutex::default(),
        }
    }

    pub(super) fn set_nonblocking(&self, nonblocking: bool) {
        self.nonblocking.store(nonblocking, Ordering::Relaxed);
    }

    pub(super) fn set_reading(&self, limit: Option<Duration>) -> io::Result<()> {
        set(&self.reading, limit)
    }

    pub(super) fn set_writing(&self, limit: Option<Duration>) -> io::Result<()> {
        set(&self.writing, limit)
    }

    pub(super) fn reading(&self) -> Wait {
        self.wait(&self.reading)
    }

    pub(super) fn writing(&self) -> Wait {
        self.wait(&self.writing)
    }

    fn wait(&self, limit: &Mutex<Option<Duration>>) -> Wait {
        if self.nonblocking.load(Ordering::Relaxed) {
            return Wait::Never;
        }
        Wait::UpTo(*limit.lock().unwrap_or_else(PoisonError::into_inner))
    }
}

fn set(place: &Mutex<Option<Duration>>, limit: Option<Duration>) -> io::Result<()> {
    if limit == Some(Duration::ZERO) {
        return Err(io::Error::new(io::ErrorKind::InvalidInput, "a time limit of zero"));
    }
    *place.lock().unwrap_or_else(PoisonError::into_inner) = limit;
    Ok(())
}
