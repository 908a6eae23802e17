//! Renaming within a folder so that nothing is lost.

use rustix::io::Errno;
use std::{ffi::OsStr, os::fd::BorrowedFd};

pub(super) use imp::{exchange, to_free};

#[cfg(any(target_os = "linux", target_os = "android", target_vendor = "apple"))]
mod imp {
    use super::*;
    use rustix::fs::{RenameFlags, renameat_with};

    pub(in super::super) fn exchange(
        folder: BorrowedFd<'_>,
        one: &OsStr,
        other: &OsStr,
    ) -> Result<(), Errno> {
        renameat_with(folder, one, folder, other, RenameFlags::EXCHANGE)
    }

    pub(in super::super) fn to_free(
        folder: BorrowedFd<'_>,
        from: &OsStr,
        to: &OsStr,
    ) -> Result<(), Errno> {
        renameat_with(folder, from, folder, to, RenameFlags::NOREPLACE)
    }
}

/// There is no such call.
#[cfg(not(any(target_os = "linux", target_os = "android", target_vendor = "apple")))]
mod imp {
    use super::*;

    pub(in super::super) fn exchange(_: BorrowedFd<'_>, _: &OsStr, _: &OsStr) -> Result<(), Errno> {
        Err(Errno::NOSYS)
    }

    pub(in super::super) fn to_free(_: BorrowedFd<'_>, _: &OsStr, _: &OsStr) -> Result<(), Errno> {
        Err(Errno::NOSYS)
    }
}
