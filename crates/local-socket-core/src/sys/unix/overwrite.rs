//! Taking a name from a socket that is there: at no moment nobody is.
//!
//! The socket listens under a temporary name in the same folder first, and then the two files change
//! their names in one step (renameat2(2), `RENAME_EXCHANGE`). A plain rename(2) would do as much to
//! whatever somebody puts there meanwhile; after an exchange one can look at what came out, and put
//! it back. The drawbacks: file systems and systems that can't exchange can't overwrite; the socket's
//! own address, as getsockname(2) tells it, stays the temporary one.

use super::{
    address,
    folder::{Deadline, Folder, timed_out},
    listen::listen_at,
    mode,
    reclaim::Reclaim,
};
use crate::options::ListenerOptions;
use rustix::io::Errno;
use std::{
    ffi::{OsStr, OsString},
    io,
    os::{fd::BorrowedFd, unix::ffi::OsStrExt},
    path::Path,
    time::Duration,
};

/// How long others may keep the folder busy unless [`ListenerOptions::max_spin_time`] says
/// otherwise. They hold its lock for less than a millisecond each.
const DEFAULT_PATIENCE: Duration = Duration::from_secs(2);

/// The most bytes of a name that its temporary name has, so that this fits into an address wherever
/// the folder is. Two names that begin alike don't meet, since there is one lock for the folder.
const LONGEST_STEM: usize = 64;

/// How long others may keep the folder busy.
pub(super) fn patience(options: &ListenerOptions<'_>) -> Duration {
    options.max_spin_time.unwrap_or(DEFAULT_PATIENCE)
}

/// Has the socket listen at the path in the place of the socket that is there, as the options say.
/// `absolute` is the same path.
///
/// Errors: `EADDRINUSE` if what is there isn't a socket; `TimedOut`; `Unsupported`. The file that
/// was there is there then.
pub(super) fn replace(
    socket: BorrowedFd<'_>,
    path: &Path,
    absolute: &Path,
    options: &ListenerOptions<'_>,
) -> io::Result<Reclaim> {
    let deadline = Deadline::after(patience(options));
    let folder = Folder::of(path)?;
    let _lock = folder.lock(deadline)?;
    let name = folder.name_in_it();
    // Before anything is made; what comes there later is seen after the exchange.
    if folder.place(name).look().is_ok_and(|found| !found.is_socket) {
        return Err(Errno::ADDRINUSE.into());
    }
    let temporary = temporary_name(name);
    let place = folder.place(&temporary);
    // Left by a process that was killed between binding and here. Whatever else it is stays, and
    // binding says so.
    if place.look().is_ok_and(|found| found.is_socket) {
        place.remove()?;
    }
    let temporary_path = folder.path().join(&temporary);
    let address = address::of_path(&temporary_path)?;
    mode::bind(socket, &address, Some(place), options.mode.map(mode::from_bits))?;
    // Dropped, and so the file removed, if the exchange fails.
    let reclaim = listen_at(socket, place, absolute.with_file_name(&temporary), options)?;
    put_in_place(&folder, &temporary, deadline)?;
    Ok(reclaim.moved_to(absolute.to_owned()))
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
        // Put there since it was looked at. If meanwhile nothing has the name, it just gets it back.
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
