//! Who is on the other end of a pipe.

use super::pipe::End;
use crate::creds::PeerCreds;
use std::{io, os::windows::io::BorrowedHandle};

/// The peer of a pipe's end.
pub(super) fn peer_creds(_pipe: BorrowedHandle<'_>, _end: End) -> io::Result<PeerCreds> {
    unimplemented!()
}
