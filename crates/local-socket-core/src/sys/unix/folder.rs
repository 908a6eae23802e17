//! The folder of a socket file: its lock, and changes to what is in it.
//!
//! The lock is one of the folder itself (flock(2)), so that there is no lock file to leave behind,
//! and it is gone with the process that held it. Its drawback: whoever can read the folder can hold
//! it, so that waiting has to have an end.

use super::{long_path::split, place::Place, rename};
use rustix::{
    fs::{FlockOperation, Mode, OFlags, flock, open, stat},
    io::Errno,
};
use std::{
    ffi::OsStr,
    io,
    os::{
        fd::{AsFd, BorrowedFd, OwnedFd},
        unix::ffi::OsStrExt,
    },
    path::Path,
    thread,
    time::{Duration, Instant},
};

/// The pauses between two attempts to take the lock, each twice as long as the one before. Those
/// who hold it do so for some system calls only.
const FIRST_PAUSE: Duration = Duration::from_millis(1);
const LONGEST_PAUSE: Duration = Duration::from_millis(10);

/// What opens a folder that may be searched and not read.
#[cfg(any(target_os = "linux", target_os = "android"))]
const SEARCH: OFlags = OFlags::PATH;
#[cfg(any(target_vendor = "apple", target_os = "freebsd"))]
const SEARCH: OFlags = OFlags::from_bits_retain(libc::O_SEARCH as _);
/// There is no such flag: such a folder can't be opened.
#[cfg(not(any(
    target_os = "linux",
    target_os = "android",
    target_vendor = "apple",
    target_os = "freebsd"
)))]
const SEARCH: OFlags = OFlags::RDONLY;

/// When waiting ends: never, if that is further away than the clock can say.
#[derive(Clone, Copy, Debug)]
pub(super) struct Deadline(Option<Instant>);

impl Deadline {
    pub(super) fn after(limit: Duration) -> Self {
        Self(Instant::now().checked_add(limit))
    }

    /// How long there is left: zero once it has passed, `None` for ever.
    pub(super) fn left(self) -> Option<Duration> {
        self.0.map(|end| end.saturating_duration_since(Instant::now()))
    }

    pub(super) fn has_passed(self) -> bool {
        self.left() == Some(Duration::ZERO)
    }
}

/// The error of a deadline that has passed.
pub(super) fn timed_out() -> io::Error {
    io::Error::new(io::ErrorKind::TimedOut, "others kept the folder locked")
}

/// The folder that a path leads through last, held open: it stays the same folder whatever is
/// renamed.
#[derive(Debug)]
pub(super) struct Folder<'p> {
    fd: OwnedFd,
    path: &'p Path,
    name: &'p OsStr,
    is_readable: bool,
}

/// Why there is no lock to be had.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum NoLock {
    /// The folder may be searched and perhaps written, but not read.
    Unreadable,
    /// The file system has no locks, or none for folders, as NFS.
    Unsupported(Errno),
}

impl<'p> Folder<'p> {
    /// Opens the folder of a path. A path that ends in a slash or in dots is that of a folder,
    /// where no socket file can be: if it is there, the name is in use.
    pub(super) fn of(path: &'p Path) -> Result<Self, Errno> {
        let (folder, name) = split(path);
        if matches!(name.as_bytes(), b"" | b"." | b"..") {
            return Err(stat(path).map_or_else(|error| error, |_| Errno::ADDRINUSE));
        }
        let from = if folder.as_os_str().is_empty() { Path::new(".") } else { folder };
        let flags = OFlags::DIRECTORY | OFlags::CLOEXEC;
        let (fd, is_readable) = match open(from, OFlags::RDONLY | flags, Mode::empty()) {
            Err(Errno::ACCESS) => (open(from, SEARCH | flags, Mode::empty())?, false),
            fd => (fd?, true),
        };
        Ok(Self { fd, path: folder, name, is_readable })
    }

    /// The folder as the path has it: with the last slash, or empty.
    pub(super) fn path(&self) -> &'p Path {
        self.path
    }

    /// The rest of the path: the name of the file in this folder.
    pub(super) fn name_in_it(&self) -> &'p OsStr {
        self.name
    }

    /// Where a file of this name is.
    pub(super) fn place<'a>(&'a self, name: &'a OsStr) -> Place<'a> {
        Place { folder: self.fd.as_fd(), path: Path::new(name) }
    }

    /// Takes the lock, or says why there is none. There is no event for when it becomes free and no
    /// time limit to waiting for it (flock(2)), so it is tried again and again; without a deadline
    /// it is simply waited for.
    ///
    /// Errors: `TimedOut`.
    pub(super) fn lock(&self, deadline: Deadline) -> io::Result<Result<Lock<'_>, NoLock>> {
        if !self.is_readable {
            return Ok(Err(NoLock::Unreadable));
        }
        let operation = match deadline.left() {
            Some(_) => FlockOperation::NonBlockingLockExclusive,
            None => FlockOperation::LockExclusive,
        };
        let mut pause = FIRST_PAUSE;
        loop {
            match flock(&self.fd, operation) {
                Ok(()) => return Ok(Ok(Lock(self.fd.as_fd()))),
                Err(Errno::INTR) => {}
                Err(Errno::WOULDBLOCK) => {
                    let left = deadline.left().unwrap_or(LONGEST_PAUSE);
                    if left.is_zero() {
                        return Err(timed_out());
                    }
                    thread::sleep(pause.min(left));
                    pause = (pause * 2).min(LONGEST_PAUSE);
                }
                Err(error) => return Ok(Err(NoLock::Unsupported(error))),
            }
        }
    }

    /// Has two files in it change their names, at once. `ENOENT` if one of them isn't there;
    /// `EINVAL`, `ENOSYS` or `EOPNOTSUPP` where that can't be done.
    pub(super) fn exchange(&self, one: &OsStr, other: &OsStr) -> Result<(), Errno> {
        rename::exchange(self.fd.as_fd(), one, other)
    }

    /// Renames a file unless there is one of the new name: then `EEXIST`. Other errors as for
    /// [`exchange`](Self::exchange).
    pub(super) fn rename_to_free(&self, from: &OsStr, to: &OsStr) -> Result<(), Errno> {
        rename::to_free(self.fd.as_fd(), from, to)
    }
}

impl AsFd for Folder<'_> {
    fn as_fd(&self) -> BorrowedFd<'_> {
        self.fd.as_fd()
    }
}

/// The folder's lock, held.
#[derive(Debug)]
pub(super) struct Lock<'f>(BorrowedFd<'f>);

impl Drop for Lock<'_> {
    fn drop(&mut self) {
        // Said rather than left to closing, since a child that was forked meanwhile has the
        // descriptor open too. It can't fail: the lock is held.
        let _ = flock(self.0, FlockOperation::Unlock);
    }
}
