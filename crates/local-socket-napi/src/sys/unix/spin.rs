//! A look at a few descriptors over and over.

use {
    crate::spin::retry,
    rustix::{
        event::{PollFd, Timespec, poll},
        io::Errno,
    },
    std::{io, time::Duration},
};

/// Looks until one of them is ready or `longest` is over, at least once; how many are.
pub fn spin(sources: &mut [PollFd<'_>], longest: Duration) -> io::Result<usize> {
    let at_once = Timespec::default();
    let look = || match poll(sources, Some(&at_once)) {
        Ok(0) | Err(Errno::INTR) => Err(io::ErrorKind::WouldBlock.into()),
        answer => answer.map_err(io::Error::from),
    };
    match retry(longest, look) {
        Err(error) if error.kind() == io::ErrorKind::WouldBlock => Ok(0),
        answer => answer,
    }
}
