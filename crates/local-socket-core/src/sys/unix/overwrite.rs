//! Taking a name from a socket that is there: at no moment nobody is.
//!
//! The socket listens under a temporary name in the same folder first, and then the two files
//! change their names in one step (renameat2(2), `RENAME_EXCHANGE`). A plain rename(2) would do as
//! much to whatever somebody puts there meanwhile; after an exchange one can look at what came out,
//! and put it back. The drawbacks: file systems and systems that can't exchange can't overwrite;
//! the socket's own address, as getsockname(2) tells it, stays the temporary one.

use super::{
    address,
    folder::{Deadline, Folder, Lock, timed_out},
    listen::listen_at,
    mode,
    place::Inode,
    stale::{self, Kept},
};
use crate::{error::Advised, options::ListenerOptions};
use rustix::io::Errno;
use std::{
    ffi::{OsStr, OsString},
    io,
    os::{fd::BorrowedFd, unix::ffi::OsStrExt},
};

/// The most bytes of a name that its temporary name has, so that this fits into an address on Linux
/// wherever the folder is. Two names that begin alike don't meet, since there is one lock for the
/// folder.
const LONGEST_STEM: usize = 64;

/// Has the socket listen in the folder in the place of the socket that is there, as the options
/// say. Gives the inode of its file.
///
/// Errors: `EADDRINUSE` if what is there isn't a socket; `TimedOut`; `Unsupported`. The file that
/// was there is there then.
pub(super) fn replace(
    socket: BorrowedFd<'_>,
    folder: &Folder<'_>,
    lock: &Lock<'_>,
    options: &ListenerOptions<'_>,
    deadline: Deadline,
) -> io::Result<Inode> {
    let temporary = temporary_name(folder.name_in_it());
    stale::remove(folder, &temporary, lock).map_err(|kept| in_the_way(&temporary, kept))?;
    let place = folder.place(&temporary);
    let temporary_path = folder.path().join(&temporary);
    let address = address::of_path(&temporary_path)?;
    mode::bind(socket, &address, Some(place), options.mode.map(mode::from_bits))?;
    // Dropped, and so the file removed, if the exchange fails.
    let made = listen_at(socket, place, options)?;
    put_in_place(folder, &temporary, deadline)?;
    Ok(made.keep())
}

/// Removes what a process left that was killed while it replaced the name, if nobody uses it.
pub(super) fn remove_left_over(folder: &Folder<'_>, lock: &Lock<'_>) {
    let temporary = temporary_name(folder.name_in_it());
    // The name has been taken all the same.
    let _ = stale::remove(folder, &temporary, lock);
}

/// The error of a temporary name that isn't free.
fn in_the_way(temporary: &OsStr, kept: Kept) -> io::Error {
    let why = match kept {
        Kept::Held => "is used by somebody",
        Kept::NotASocket => "isn't a socket",
        _ => "may be used by somebody",
    };
    let advice = format!("{temporary:?} beside it, which is needed for overwriting, {why}");
    Advised::wrap(libc::EADDRINUSE, advice)
}

/// `.NAME.new`.
fn temporary_name(name: &OsStr) -> OsString {
    let bytes = name.as_bytes();
    let mut end = bytes.len().min(LONGEST_STEM);
    // Not within a character: some file systems take UTF-8 only.
    while end < bytes.len() && end > 0 && bytes[end] & 0xC0 == 0x80 {
        end -= 1;
    }
    let mut temporary = OsString::from(".");
    temporary.push(OsStr::from_bytes(&bytes[..end]));
    temporary.push(".new");
    temporary
}

/// Gives the file of the temporary name its name, and removes the socket that had it.
fn put_in_place(folder: &Folder<'_>, temporary: &OsStr, deadline: Deadline) -> io::Result<()> {
    let name = folder.name_in_it();
    loop {
        match folder.exchange(temporary, name) {
            Ok(()) => return remove_displaced(folder, temporary),
            // Its listener has given it back.
            Err(Errno::NOENT) => match folder.rename_to_free(temporary, name) {
                // And somebody has taken it already, who doesn't heed the lock.
                Err(Errno::EXIST) if deadline.has_passed() => return Err(timed_out()),
                Err(Errno::EXIST) => {}
                result => return result.map_err(explain),
            },
            Err(error) => return Err(explain(error)),
        }
    }
}

fn remove_displaced(folder: &Folder<'_>, temporary: &OsStr) -> io::Result<()> {
    let displaced = folder.place(temporary);
    if displaced.look().is_ok_and(|found| !found.is_socket) {
        // Put there since it was looked at. If meanwhile nothing has the name, it just gets it
        // back.
        let name = folder.name_in_it();
        folder
            .exchange(temporary, name)
            .or_else(|_| folder.rename_to_free(temporary, name))
            .map_err(explain)?;
        return Err(Errno::ADDRINUSE.into());
    }
    // The name is taken. What can't be removed is left to who takes it next.
    let _ = displaced.remove();
    Ok(())
}

fn explain(error: Errno) -> io::Error {
    match error {
        Errno::INVAL | Errno::NOSYS | Errno::OPNOTSUPP => io::Error::new(
            io::ErrorKind::Unsupported,
            "two files can't be exchanged here; remove the socket file instead of overwriting it",
        ),
        _ => error.into(),
    }
}
