//! Giving a name back: the socket file is removed when its listener is dropped, if it still is
//! the file that the listener made.

use super::place::{Inode, Place};
use rustix::io::Errno;
use std::{io, path::PathBuf, process};

/// A pid that no process that could run this has.
const NOBODY: u32 = 0;

/// Removes the socket file on drop. Must be dropped before the listener's descriptor is closed:
/// file systems give the inode number of a removed file to the next one, so only while the
/// socket is open does the same number mean the same file.
#[derive(Debug)]
pub(super) struct Reclaim {
    /// Absolute, so that it means the same after a `chdir`.
    path: PathBuf,
    inode: Inode,
    /// A forked child has a copy of this that isn't its to act upon.
    pid: u32,
}

impl Reclaim {
    /// Remembers the socket file at an absolute path, which this process has just bound and which
    /// is at `place` now. If it isn't, or can't be looked at, that is an error, and what is there
    /// stays: it can't be told from somebody else's.
    pub(super) fn remember(path: PathBuf, place: Place<'_>) -> io::Result<Self> {
        let found = place.look()?;
        if !found.is_socket {
            return Err(Errno::ADDRINUSE.into());
        }
        Ok(Self { path, inode: found.inode, pid: process::id() })
    }

    /// The same file, after it was moved to another absolute path.
    pub(super) fn moved_to(mut self, path: PathBuf) -> Self {
        self.path = path;
        self
    }

    /// Leaves the file where it is.
    pub(super) fn forget(mut self) {
        self.pid = NOBODY;
    }

    fn is_still_ours(&self) -> bool {
        self.pid == process::id()
            && Place::of(&self.path)
                .look()
                .is_ok_and(|found| found.is_socket && found.inode == self.inode)
    }
}

impl Drop for Reclaim {
    fn drop(&mut self) {
        if self.is_still_ours() {
            // Nothing can be done about a folder that became read-only, and nobody is there to
            // be told.
            let _ = Place::of(&self.path).remove();
        }
    }
}
