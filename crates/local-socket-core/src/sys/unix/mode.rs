//! Who may connect: binding so that the socket file gets exactly the mode asked for, and never has
//! a wider one.
//!
//! On Linux a socket file gets the mode of its socket (fchmod(2)) without what the umask takes, so
//! it is bound on a thread that has a umask of its own. Where threads can't have one (a sandbox),
//! and on other systems, the file lacks some permissions at first or has too many, and is mended
//! before the socket listens, until when nobody can connect.

use super::{
    address::Address,
    place::{Found, Place},
};
use rustix::{
    fs::{Mode, RawMode},
    io::Errno,
};
use std::{io, os::fd::BorrowedFd};

/// The mode of an option, which holds what once was a `mode_t`.
#[allow(clippy::unnecessary_cast, reason = "it has 16 bits on macOS and FreeBSD")]
pub(super) fn from_bits(bits: u32) -> Mode {
    Mode::from_raw_mode(bits as RawMode)
}

/// Binds the socket. `place` is where its file will be, if there will be one: a name in a folder.
/// It needs [`complete`] after if it is to have a mode.
pub(super) fn bind(
    socket: BorrowedFd<'_>,
    address: &Address<'_>,
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
    use super::{
        super::{
            apart::apart,
            long_path::{bind_from_within, bind_through_descriptor},
        },
        *,
    };
    use rustix::{
        fs::{OFlags, Stat, chmod, fchmod, fstat, openat},
        process::{geteuid, umask},
    };
    use std::os::fd::{AsRawFd, OwnedFd};

    pub(super) fn bind(
        socket: BorrowedFd<'_>,
        address: &Address<'_>,
        place: Option<Place<'_>>,
        mode: Option<Mode>,
    ) -> Result<(), Errno> {
        if let Some(mode) = mode {
            fchmod(socket, mode)?;
        }
        // An abstract name takes nothing from the mode.
        let exactly = mode.is_some() && place.is_some();
        match address {
            Address::Whole(address) => {
                let bind = || rustix::net::bind(socket, address);
                if exactly { bind_apart(exactly, bind).unwrap_or_else(bind) } else { bind() }
            }
            Address::Long(_) => {
                let place = place.ok_or(Errno::NAMETOOLONG)?;
                bind_apart(exactly, || bind_from_within(socket, place))
                    .unwrap_or_else(|| bind_through_descriptor(socket, place))
            }
        }
    }

    /// Binds on a thread of its own, and so that the umask takes nothing if that is asked for.
    /// `None`, and nothing done, where there can't be one.
    fn bind_apart(
        exactly: bool,
        bind: impl FnOnce() -> Result<(), Errno> + Send,
    ) -> Option<Result<(), Errno>> {
        apart(|| {
            if exactly {
                umask(Mode::empty());
            }
            bind()
        })
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

    /// A file of this user without another name: not a socket of somebody else that was linked
    /// here.
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
        address: &Address<'_>,
        place: Option<Place<'_>>,
        _mode: Option<Mode>,
    ) -> Result<(), Errno> {
        // Through a symlink that leads nowhere, macOS would make the file where it leads.
        if place.is_some_and(|place| place.look().is_ok()) {
            return Err(Errno::ADDRINUSE);
        }
        match address {
            Address::Whole(address) => rustix::net::bind(socket, address),
            Address::Long(_) => Err(Errno::NAMETOOLONG),
        }
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
