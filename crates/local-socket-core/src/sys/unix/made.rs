//! A socket file while its listener is being made.

use super::place::{Inode, Place};
use rustix::io::Errno;
use std::io;

/// Removes the socket file on drop, as long as it is where it was made. For whoever holds the lock
/// of the folder already.
#[derive(Debug)]
pub(super) struct Made<'p> {
    place: Place<'p>,
    inode: Inode,
    is_kept: bool,
}

impl<'p> Made<'p> {
    /// Remembers the socket file at the place, which this process has just bound. If it isn't
    /// there, or can't be looked at, that is an error, and what is there stays: it can't be told
    /// from somebody else's.
    pub(super) fn at(place: Place<'p>) -> io::Result<Self> {
        let found = place.look()?;
        if !found.is_socket {
            return Err(Errno::ADDRINUSE.into());
        }
        Ok(Self { place, inode: found.inode, is_kept: false })
    }

    /// Leaves the file, and says which it is.
    pub(super) fn keep(mut self) -> Inode {
        self.is_kept = true;
        self.inode
    }
}

impl Drop for Made<'_> {
    fn drop(&mut self) {
        if !self.is_kept {
            self.place.remove_if_it_is(self.inode);
        }
    }
}
