//! The folder of a socket file: its lock, and changes to what is in it.
//!
//! The lock is one of the folder itself (flock(2)), so that there is no lock file to leave behind,
//! and it is gone with the process that held it. Its drawback: whoever can read the folder can hold
//! it, so that waiting has to have an end.

use super::place::Place;
use rustix::{
    fs::{FlockOperation, Mode, OFlags, flock, open},
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
    io::Error::new(io::ErrorKind::TimedOut, "others kept the folder busy")
}

/// The folder that a path leads through last, held open: it stays the same folder whatever is
/// renamed.
#[derive(Debug)]
pub(super) struct Folder<'p> {
    fd: OwnedFd,
    path: &'p Path,
    name: &'p OsStr,
}

impl<'p> Folder<'p> {
    /// Opens the folder of a path, for which it must be readable. A path that ends in a slash or
    /// in dots is that of a folder, where no socket file can be: the name is in use.
    pub(super) fn of(path: &'p Path) -> io::Result<Self> {
        let bytes = path.as_os_str().as_bytes();
        let start = bytes.iter().rposition(|&byte| byte == b'/').map_or(0, |slash| slash + 1);
        let (folder, name) = bytes.split_at(start);
        if matches!(name, b"" | b"." | b"..") {
            return Err(Errno::ADDRINUSE.into());
        }
        let folder = Path::new(OsStr::from_bytes(folder));
        let from = if start == 0 { Path::new(".") } else { folder };
        let flags = OFlags::RDONLY | OFlags::DIRECTORY | OFlags::CLOEXEC;
        let fd = open(from, flags, Mode::empty())?;
        Ok(Self { fd, path: folder, name: OsStr::from_bytes(name) })
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

    /// Takes the lock. There is no event for when it becomes free and no time limit to waiting for
    /// it (flock(2)), so it is tried again and again; without a deadline it is simply waited for.
    ///
    /// Errors: `TimedOut`; `ENOLCK`, `EBADF` and the like on file systems without locks.
    pub(super) fn lock(&self, deadline: Deadline) -> io::Result<Lock<'_>> {
        let operation = match deadline.left() {
            Some(_) => FlockOperation::NonBlockingLockExclusive,
            None => FlockOperation::LockExclusive,
        };
        let mut pause = FIRST_PAUSE;
        loop {
            match flock(&self.fd, operation) {
                Ok(()) => return Ok(Lock(self.fd.as_fd())),
                Err(Errno::INTR) => {}
                Err(Errno::WOULDBLOCK) => {
                    let left = deadline.left().unwrap_or(LONGEST_PAUSE);
                    if left.is_zero() {
                        return Err(timed_out());
                    }
                    thread::sleep(pause.min(left));
                    pause = (pause * 2).min(LONGEST_PAUSE);
                }
                Err(error) => return Err(error.into()),
            }
        }
    }

    /// Has two files in it change their names, at once. `ENOENT` if one of them isn't there;
    /// `EINVAL`, `ENOSYS` or `EOPNOTSUPP` where that can't be done.
    pub(super) fn exchange(&self, one: &OsStr, other: &OsStr) -> Result<(), Errno> {
        imp::exchange(self.fd.as_fd(), one, other)
    }

    /// Renames a file unless there is one of the new name: then `EEXIST`. Other errors as for
    /// [`exchange`](Self::exchange).
    pub(super) fn rename_to_free(&self, from: &OsStr, to: &OsStr) -> Result<(), Errno> {
        imp::rename_to_free(self.fd.as_fd(), from, to)
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

#[cfg(any(target_os = "linux", target_os = "android", target_vendor = "apple"))]
mod imp {
    use super::*;
    use rustix::fs::{RenameFlags, renameat_with};

    pub(super) fn exchange(dir: BorrowedFd<'_>, one: &OsStr, other: &OsStr) -> Result<(), Errno> {
        renameat_with(dir, one, dir, other, RenameFlags::EXCHANGE)
    }

    pub(super) fn rename_to_free(
        dir: BorrowedFd<'_>,
        from: &OsStr,
        to: &OsStr,
    ) -> Result<(), Errno> {
        renameat_with(dir, from, dir, to, RenameFlags::NOREPLACE)
    }
}

/// There is no such call.
#[cfg(not(any(target_os = "linux", target_os = "android", target_vendor = "apple")))]
mod imp {
    use super::*;

    pub(super) fn exchange(_: BorrowedFd<'_>, _: &OsStr, _: &OsStr) -> Result<(), Errno> {
        Err(Errno::NOSYS)
    }

    pub(super) fn rename_to_free(_: BorrowedFd<'_>, _: &OsStr, _: &OsStr) -> Result<(), Errno> {
        Err(Errno::NOSYS)
    }
}
