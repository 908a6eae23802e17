//! Who may connect: binding so that the socket file gets exactly the mode asked for, and never has
//! a wider one.
//!
//! On Linux a socket file gets the mode of its socket (fchmod(2)) without what the umask takes. The
//! umask belongs to the whole process, whose other threads make files meanwhile, so a thread that
//! has one of its own binds; its drawback is the price of a thread, some tens of microseconds. Where
//! threads can't have one (a sandbox), and on other systems, the file lacks some permissions at
//! first or has too many, and is mended before the socket listens, until when nobody can connect.

use super::place::{Found, Place};
use rustix::{
    fs::{Mode, RawMode},
    io::Errno,
    net::SocketAddrUnix,
};
use std::{io, os::fd::BorrowedFd};

/// The mode of an option, which holds what once was a `mode_t`.
#[allow(clippy::unnecessary_cast, reason = "it has 16 bits on macOS and FreeBSD")]
pub(super) fn from_bits(bits: u32) -> Mode {
    Mode::from_raw_mode(bits as RawMode)
}

/// Binds the socket. `place` is where its file will be, if there will be one, which needs
/// [`complete`] after.
pub(super) fn bind(
    socket: BorrowedFd<'_>,
    address: &SocketAddrUnix,
    place: Option<Place<'_>>,
    mode: Option<Mode>,
) -> Result<(), Errno> {
    imp::bind(socket, address, place, mode)
}

/// Gives the bound file what is missing to the mode. Must come before listening.
pub(super) fn complete(place: Place<'_>, mode: Mode) -> io::Result<()> {
    imp::complete(place, mode)
}

/// The error of a file that isn't the one that was bound, whose mode isn't ours to change.
fn replaced() -> io::Error {
    let text = "somebody put another file in the place of the socket's";
    io::Error::new(io::ErrorKind::PermissionDenied, text)
}

#[cfg(any(target_os = "linux", target_os = "android"))]
mod imp {
    use super::*;
    use rustix::{
        fs::{OFlags, Stat, chmod, fchmod, fstat, openat},
        process::{geteuid, umask},
        thread::{UnshareFlags, unshare_unsafe},
    };
    use std::{
        mem::MaybeUninit,
        os::fd::{AsRawFd, OwnedFd},
        panic::resume_unwind,
        ptr, thread,
    };

    pub(super) fn bind(
        socket: BorrowedFd<'_>,
        address: &SocketAddrUnix,
        place: Option<Place<'_>>,
        mode: Option<Mode>,
    ) -> Result<(), Errno> {
        if let Some(mode) = mode {
            fchmod(socket, mode)?;
            if place.is_some() {
                let exactly = || {
                    umask(Mode::empty());
                    rustix::net::bind(socket, address)
                };
                if let Some(result) = apart(exactly) {
                    return result;
                }
            }
        }
        rustix::net::bind(socket, address)
    }

    /// Runs the action on a thread that shares neither umask nor current folder with others.
    /// `None`, and nothing done, where there can't be one.
    fn apart<T: Send>(action: impl FnOnce() -> T + Send) -> Option<T> {
        thread::scope(|scope| {
            let thread = thread::Builder::new().name("socket bind".into());
            let thread = thread.spawn_scoped(scope, || {
                block_signals();
                // SAFETY: only descriptors that are in a table of their own could be missed by
                // others, and this separates umask, current and root folder.
                unsafe { unshare_unsafe(UnshareFlags::FS) }.ok()?;
                Some(action())
            });
            thread.ok()?.join().unwrap_or_else(|panic| resume_unwind(panic))
        })
    }

    /// Keeps the process's handlers from running on this thread, where a file that they make would
    /// be open to all.
    fn block_signals() {
        let mut all = MaybeUninit::<libc::sigset_t>::uninit();
        // SAFETY: `sigfillset` fills the set that it is given and has no way to fail, so it may be
        // read after; the null pointer says that the mask before isn't asked for.
        unsafe {
            libc::sigfillset(all.as_mut_ptr());
            libc::pthread_sigmask(libc::SIG_SETMASK, all.as_ptr(), ptr::null_mut());
        }
    }

    /// By a descriptor of the file, since chmod(2) of a path would follow a symlink put there in
    /// between, and Linux before 6.6 has none that doesn't.
    pub(super) fn complete(place: Place<'_>, mode: Mode) -> io::Result<()> {
        let flags = OFlags::PATH | OFlags::NOFOLLOW | OFlags::CLOEXEC;
        let file: OwnedFd = openat(place.folder, place.path, flags, Mode::empty())?;
        let stat = fstat(&file)?;
        if !Found::of(&stat).is_socket {
            return Err(replaced());
        }
        if Mode::from_raw_mode(stat.st_mode) == mode {
            return Ok(());
        }
        if !is_nobody_elses(&stat) {
            return Err(replaced());
        }
        Ok(chmod(format!("/proc/self/fd/{}", file.as_raw_fd()), mode)?)
    }

    /// A file of this user without another name: not a socket of somebody else that was linked here.
    fn is_nobody_elses(stat: &Stat) -> bool {
        stat.st_nlink == 1 && stat.st_uid == geteuid().as_raw()
    }
}

#[cfg(not(any(target_os = "linux", target_os = "android")))]
mod imp {
    use super::*;
    use rustix::fs::{AtFlags, chmodat};

    pub(super) fn bind(
        socket: BorrowedFd<'_>,
        address: &SocketAddrUnix,
        place: Option<Place<'_>>,
        _mode: Option<Mode>,
    ) -> Result<(), Errno> {
        // Through a symlink that leads nowhere, macOS would make the file where it leads.
        if place.is_some_and(|place| place.look().is_ok()) {
            return Err(Errno::ADDRINUSE);
        }
        rustix::net::bind(socket, address)
    }

    /// The file is looked at before and after; what was changed in between isn't used.
    pub(super) fn complete(place: Place<'_>, mode: Mode) -> io::Result<()> {
        let before: Found = place.look()?;
        if !before.is_socket {
            return Err(replaced());
        }
        chmodat(place.folder, place.path, mode, AtFlags::SYMLINK_NOFOLLOW)?;
        if place.look()?.inode == before.inode { Ok(()) } else { Err(replaced()) }
    }
}
