//! Who is on the other end of a pipe.

mod process;

#[cfg(test)]
mod tests;

pub(super) use self::process::is_running;

use super::{impersonation::client_token, pipe::End, security, sid::Sid};
use crate::creds::PeerCreds;
use std::{
    io,
    os::windows::io::{AsRawHandle, BorrowedHandle},
};
use windows_sys::{
    Win32::{
        Foundation::HANDLE,
        System::Pipes::{
            GetNamedPipeClientProcessId, GetNamedPipeClientSessionId, GetNamedPipeServerProcessId,
            GetNamedPipeServerSessionId,
        },
    },
    core::BOOL,
};

/// The peer of a pipe's end. What the system doesn't tell is left out; if that is everything, the
/// error says why.
pub(super) fn peer_creds(pipe: BorrowedHandle<'_>, end: End) -> io::Result<PeerCreds> {
    let pid = pid(pipe, end);
    let session = session(pipe, end).ok();
    let sid = match end {
        End::Server => client_token(pipe).and_then(|token| token.user()),
        End::Client => owner(pipe),
    };
    match (pid, session, sid) {
        (Err(error), None, Err(_)) => Err(error),
        (pid, session, sid) => Ok(PeerCreds { pid: pid.ok(), session, sid: sid.ok() }),
    }
}

/// The process that connected, or that made the pipe.
pub(super) fn pid(pipe: BorrowedHandle<'_>, end: End) -> io::Result<u32> {
    ask(
        pipe,
        match end {
            End::Server => GetNamedPipeClientProcessId,
            End::Client => GetNamedPipeServerProcessId,
        },
    )
}

/// The session of that process.
pub(super) fn session(pipe: BorrowedHandle<'_>, end: End) -> io::Result<u32> {
    ask(
        pipe,
        match end {
            End::Server => GetNamedPipeClientSessionId,
            End::Client => GetNamedPipeServerSessionId,
        },
    )
}

/// Who owns the pipe. Its security is the name's and not the instance's, so it was set by whoever
/// made the first instance (npfs, `NpQuerySecurityInfo` in ReactOS); others could add theirs only
/// if that one's rights let them, which ours don't.
pub(super) fn owner(pipe: BorrowedHandle<'_>) -> io::Result<Sid> {
    security::Descriptor::owner_of(pipe)
}

/// Whether the process on the other end still runs. `None` where it can't be told.
pub(super) fn peer_is_running(pipe: BorrowedHandle<'_>, end: End) -> io::Result<Option<bool>> {
    is_running(pid(pipe, end)?)
}

type Question = unsafe extern "system" fn(HANDLE, *mut u32) -> BOOL;

/// Asks one of the functions that tell a number of a pipe.
fn ask(pipe: BorrowedHandle<'_>, question: Question) -> io::Result<u32> {
    let mut answer = 0;
    // SAFETY: the handle is open, and the out pointer is to a local.
    let answered = unsafe { question(pipe.as_raw_handle(), &mut answer) };
    if answered == 0 { Err(io::Error::last_os_error()) } else { Ok(answer) }
}
