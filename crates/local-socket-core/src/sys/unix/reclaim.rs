//! Giving a name back: the socket file is removed when its listener is dropped, if it still is
//! the file that the listener made.

use std::{
    fs, io,
    os::unix::fs::{FileTypeExt, MetadataExt},
    path::{Path, PathBuf},
    process,
};

/// A pid that no process that could run this has.
const NOBODY: u32 = 0;

/// Removes the socket file on drop. Must be dropped before the listener's descriptor is closed:
/// file systems give the inode number of a removed file to the next one, so only while the
/// socket is open does the same number mean the same file.
#[derive(Debug)]
pub(super) struct Reclaim {
    path: PathBuf,
    device: u64,
    inode: u64,
    /// A forked child has a copy of this that isn't its to act upon.
    pid: u32,
}

impl Reclaim {
    /// Remembers the socket file at `path`, which this process has just bound. A relative path is
    /// resolved now, so that it means the same after a `chdir`.
    pub(super) fn remember(path: &Path) -> io::Result<Self> {
        let path = std::path::absolute(path)?;
        let file = fs::symlink_metadata(&path)?;
        Ok(Self { path, device: file.dev(), inode: file.ino(), pid: process::id() })
    }

    /// Leaves the file where it is.
    pub(super) fn forget(mut self) {
        self.pid = NOBODY;
    }

    fn is_still_ours(&self) -> bool {
        self.pid == process::id()
            && fs::symlink_metadata(&self.path).is_ok_and(|file| {
                file.file_type().is_socket()
                    && (file.dev(), file.ino()) == (self.device, self.inode)
            })
    }
}

impl Drop for Reclaim {
    fn drop(&mut self) {
        if self.is_still_ours() {
            // Nothing can be done about a folder that became read-only, and nobody is there to
            // be told.
            let _ = fs::remove_file(&self.path);
        }
    }
}
