//! Where a file is, and which file is there.

use rustix::{
    fs::{AtFlags, FileType, Stat, statat, unlinkat},
    io::Errno,
};
use std::{os::fd::BorrowedFd, path::Path};

/// A file's place: a folder, and the path from there. Nothing has to be there.
#[derive(Clone, Copy, Debug)]
pub(super) struct Place<'a> {
    pub(super) folder: BorrowedFd<'a>,
    pub(super) path: &'a Path,
}

/// Which file it is, for as long as something holds it: file systems give the number of a removed
/// file to the next one.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Inode {
    device: u64,
    number: u64,
}

/// What is at a place.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Found {
    pub(super) inode: Inode,
    pub(super) is_socket: bool,
}

impl Place<'_> {
    /// Looks at what is there, and not through a symlink.
    pub(super) fn look(self) -> Result<Found, Errno> {
        statat(self.folder, self.path, AtFlags::SYMLINK_NOFOLLOW).map(|stat| Found::of(&stat))
    }

    /// Removes what is there, if it isn't a folder.
    pub(super) fn remove(self) -> Result<(), Errno> {
        unlinkat(self.folder, self.path, AtFlags::empty())
    }

    /// Removes the socket file if it is still this one, whose socket must be open.
    pub(super) fn remove_if_it_is(self, inode: Inode) {
        if self.look().is_ok_and(|found| found.is_socket && found.inode == inode) {
            // Nothing can be done about a folder that became read-only, and nobody is there to be
            // told.
            let _ = self.remove();
        }
    }
}

impl Found {
    #[allow(clippy::unnecessary_cast, reason = "the numbers are shorter, or signed, elsewhere")]
    pub(super) fn of(stat: &Stat) -> Self {
        Self {
            inode: Inode { device: stat.st_dev as u64, number: stat.st_ino as u64 },
            is_socket: FileType::from_raw_mode(stat.st_mode) == FileType::Socket,
        }
    }
}
