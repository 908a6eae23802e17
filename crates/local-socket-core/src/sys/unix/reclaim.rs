//! Giving a name back: the socket file is removed when its listener is dropped, if it still is
//! the file that the listener made.

use super::{
    folder::{Deadline, Folder},
    place::Inode,
};
use std::{io, path::PathBuf, process, time::Duration};

/// A pid that no process that could run this has.
const NOBODY: u32 = 0;

/// How long others may keep the folder locked. After that the file is left: the next listener of
/// the name takes it over, and a drop must not hold up its thread.
const PATIENCE: Duration = Duration::from_millis(50);

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
    /// Remembers the socket file at an absolute path, which this process has just bound. To be
    /// dropped without the lock of its folder.
    pub(super) fn new(path: PathBuf, inode: Inode) -> Self {
        Self { path, inode, pid: process::id() }
    }

    /// Leaves the file where it is.
    pub(super) fn forget(mut self) {
        self.pid = NOBODY;
    }

    /// Under the lock, so that nobody puts another socket there between the look and the removal.
    /// In a folder that can't be locked, nobody takes stale names over, so that the look alone has
    /// to do.
    fn give_back(&self) -> io::Result<()> {
        let folder = Folder::of(&self.path)?;
        let _lock = folder.lock(Deadline::after(PATIENCE))?;
        folder.place(folder.name_in_it()).remove_if_it_is(self.inode);
        Ok(())
    }
}

impl Drop for Reclaim {
    fn drop(&mut self) {
        if self.pid == process::id() {
            // What can't be removed is left to who takes the name next.
            let _ = self.give_back();
        }
    }
}
