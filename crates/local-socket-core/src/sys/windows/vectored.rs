//! Many buffers in one read or write.

use super::writing::WRITE_AT_ONCE;
use std::io::{self, IoSlice, IoSliceMut};

/// How many buffers are looked at, as many as Unix systems take.
const MOST_BUFFERS: usize = 1024;

/// Reads once for many buffers: a message at a time is all a read gives, so that one after the
/// other would be as many system calls as there are buffers.
pub(super) fn scatter(
    bufs: &mut [IoSliceMut<'_>],
    read: impl FnOnce(&mut [u8]) -> io::Result<usize>,
) -> io::Result<usize> {
    let count = bufs.len().min(MOST_BUFFERS);
    let mut bufs: Vec<_> = bufs[..count].iter_mut().filter(|buf| !buf.is_empty()).collect();
    if let [buf] = &mut bufs[..] {
        return read(buf);
    }
    let size: usize = bufs.iter().map(|buf| buf.len()).sum();
    let mut joined = vec![0; size.min(WRITE_AT_ONCE)];
    let length = read(&mut joined)?;
    let mut rest = &joined[..length];
    for buf in bufs {
        let (now, later) = rest.split_at(rest.len().min(buf.len()));
        buf[..now.len()].copy_from_slice(now);
        rest = later;
    }
    Ok(length)
}

/// Writes once from many buffers, for each write is a message, and a system call.
pub(super) fn gather(
    bufs: &[IoSlice<'_>],
    write: impl FnOnce(&[u8]) -> io::Result<usize>,
) -> io::Result<usize> {
    let bufs: Vec<_> = bufs.iter().take(MOST_BUFFERS).filter(|buf| !buf.is_empty()).collect();
    if let [buf] = &bufs[..] {
        return write(buf);
    }
    let size: usize = bufs.iter().map(|buf| buf.len()).sum();
    let mut joined = Vec::with_capacity(size.min(WRITE_AT_ONCE));
    for buf in bufs {
        let room = WRITE_AT_ONCE - joined.len();
        joined.extend_from_slice(&buf[..buf.len().min(room)]);
    }
    write(&joined)
}
