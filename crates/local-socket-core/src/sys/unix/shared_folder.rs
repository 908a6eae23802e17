//! Names that are files in a folder where anybody can make files.
//!
//! A symlink there would lead to any socket, and a file of a stranger to a stranger's server. So the
//! files are looked at before the socket is used, and again, with the process that answered, after.
//! The drawback: a few more system calls for each listener and each connection.

use std::{io, os::fd::BorrowedFd, path::Path};

/// The socket file that there was before connecting.
#[derive(Debug)]
pub(super) struct Seen {}

/// Makes the folders above the file that are missing, for this user alone, and looks at those that
/// are there: no symlink, and owned by this user or root.
pub(super) fn prepare_to_listen(_path: &Path) -> io::Result<()> {
    unimplemented!()
}

/// Looks at the file and at the folders above it: a socket, and no symlink on the way.
pub(super) fn look(_path: &Path) -> io::Result<Seen> {
    unimplemented!()
}

/// Looks once more, and at who answered: it is the same file, and the process on the other end
/// belongs to its owner or to root.
pub(super) fn confirm(_path: &Path, _seen: &Seen, _server: BorrowedFd<'_>) -> io::Result<()> {
    unimplemented!()
}
