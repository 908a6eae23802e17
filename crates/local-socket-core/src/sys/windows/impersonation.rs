//! Whose the other end of a server's pipe is, which the system tells to who impersonates it.
//!
//! Impersonating changes the thread: what it opens meanwhile is opened as the client, and who
//! reverts loses what the thread impersonated before. So it is done on a thread that does nothing
//! else. There is one of them, started when it is first needed; the others wait in line. The
//! drawback: two switches of threads for each client that is asked about.
//!
//! When the system knows a client is up to that client (npfs, `NpInitializeSecurity` in ReactOS).
//! With static tracking, which this crate's clients ask for, it is whoever opened the pipe, from
//! that moment. With dynamic tracking, which is the default in CreateFile and so what most other
//! programs have, it is whoever wrote what was read last; before that it is nobody
//! (`ERROR_CANNOT_IMPERSONATE`). A peek counts as reading (`NpReadDataQueue` there), so such a
//! client is known once bytes of it are in the pipe, and they stay there.

use super::token::Token;
use std::{
    io,
    os::windows::io::{AsRawHandle, BorrowedHandle, FromRawHandle, OwnedHandle},
    process, ptr,
    sync::{
        Mutex, PoisonError,
        mpsc::{Receiver, Sender, SyncSender, channel, sync_channel},
    },
    thread,
};
use windows_sys::Win32::{
    Foundation::ERROR_CANNOT_IMPERSONATE,
    Security::{RevertToSelf, TOKEN_QUERY},
    System::{
        Pipes::{ImpersonateNamedPipeClient, PeekNamedPipe},
        Threading::{GetCurrentThread, OpenThreadToken},
    },
};

/// A question that the asker waits for.
struct Question {
    /// A server's end, open until the answer is there.
    pipe: BorrowedHandle<'static>,
    answer: SyncSender<io::Result<OwnedHandle>>,
}

/// The client's token, for a server's end.
///
/// `ERROR_CANNOT_IMPERSONATE`: not yet (see above). `ERROR_CANT_OPEN_ANONYMOUS`: the client doesn't
/// want to be known.
pub(super) fn client_token(pipe: BorrowedHandle<'_>) -> io::Result<Token> {
    let (answer, answered) = sync_channel(1);
    // SAFETY: it is used until the answer is given or the question dropped. Nothing lies between
    // asking and waiting for that, so the borrow lasts at least as long.
    let pipe = unsafe { BorrowedHandle::borrow_raw(pipe.as_raw_handle()) };
    let gone = || io::Error::other("the thread that impersonates clients has gone");
    line()?.send(Question { pipe, answer }).map_err(|_| gone())?;
    answered.recv().map_err(|_| gone())?.map(Token::new)
}

/// Where questions go.
fn line() -> io::Result<Sender<Question>> {
    static LINE: Mutex<Option<Sender<Question>>> = Mutex::new(None);
    let mut line = LINE.lock().unwrap_or_else(PoisonError::into_inner);
    if let Some(line) = &*line {
        return Ok(line.clone());
    }
    let (ask, asked) = channel();
    thread::Builder::new()
        .name("local-socket impersonation".to_owned())
        .spawn(move || answer_all(&asked))?;
    Ok(line.insert(ask).clone())
}

fn answer_all(asked: &Receiver<Question>) {
    for Question { pipe, answer } in asked {
        // The asker waits, so it takes the answer.
        let _ = answer.send(token_of_client(pipe));
    }
}

fn token_of_client(pipe: BorrowedHandle<'_>) -> io::Result<OwnedHandle> {
    let impersonated = impersonate(pipe).or_else(|error| {
        if error.raw_os_error() != Some(ERROR_CANNOT_IMPERSONATE as i32) {
            return Err(error);
        }
        peek(pipe)?;
        impersonate(pipe)
    });
    impersonated?;
    let token = own_thread_token();
    // SAFETY: has no preconditions.
    if unsafe { RevertToSelf() } == 0 {
        // Whatever this thread did from now on, it would do as somebody else.
        process::abort();
    }
    token
}

fn impersonate(pipe: BorrowedHandle<'_>) -> io::Result<()> {
    // SAFETY: the handle is open.
    let done = unsafe { ImpersonateNamedPipeClient(pipe.as_raw_handle()) };
    if done == 0 { Err(io::Error::last_os_error()) } else { Ok(()) }
}

/// Looks at a byte, which leaves it where it is.
fn peek(pipe: BorrowedHandle<'_>) -> io::Result<()> {
    let mut byte = 0_u8;
    let (bytes, none) = ((&raw mut byte).cast(), ptr::null_mut());
    // SAFETY: the handle is open, there is room for the one byte, and the rest may be null.
    let done = unsafe { PeekNamedPipe(pipe.as_raw_handle(), bytes, 1, none, none, none) };
    if done == 0 { Err(io::Error::last_os_error()) } else { Ok(()) }
}

fn own_thread_token() -> io::Result<OwnedHandle> {
    let mut handle = ptr::null_mut();
    // As the process itself: at the identification level, the thread may not open anything.
    let as_self = 1;
    // SAFETY: the pseudo handle is always valid, and the out pointer is to a local.
    let opened = unsafe { OpenThreadToken(GetCurrentThread(), TOKEN_QUERY, as_self, &mut handle) };
    if opened == 0 {
        return Err(io::Error::last_os_error());
    }
    // SAFETY: the handle was just opened, and nobody else has it.
    Ok(unsafe { OwnedHandle::from_raw_handle(handle) })
}
