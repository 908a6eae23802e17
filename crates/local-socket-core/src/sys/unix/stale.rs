//! Taking a name over from a socket file that a killed process left.

use super::{
    file_system,
    folder::{Folder, Lock, NoLock},
    probe::{Answer, Pinned},
};
use crate::error::Advised;
use rustix::io::Errno;
use std::{borrow::Cow, ffi::OsStr, io, os::fd::AsFd};

/// Why the file stays.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Kept {
    NotASocket,
    /// Somebody holds the socket.
    Held,
    /// There may be a server where this kernel can't see it.
    Shared,
    /// Nobody could be asked.
    Unknown(Errno),
    /// Nobody holds the socket, but its file can't be removed.
    Unremovable(Errno),
    /// Without the lock, a socket that is being bound looks dead.
    Unlocked(NoLock),
}

/// Removes the file of this name if it is a socket that nobody holds. That nothing is there is
/// fine.
pub(super) fn remove(folder: &Folder<'_>, name: &OsStr, _lock: &Lock<'_>) -> Result<(), Kept> {
    let pinned = match Pinned::of(folder, name) {
        Err(Errno::NOENT) => return Ok(()),
        pinned => pinned.map_err(Kept::Unknown)?,
    };
    if !pinned.found().is_socket {
        return Err(Kept::NotASocket);
    }
    if file_system::is_shared(folder.as_fd()) {
        return Err(Kept::Shared);
    }
    match pinned.ask() {
        Answer::Dead => {}
        Answer::Held => return Err(Kept::Held),
        Answer::Unknown(error) => return Err(Kept::Unknown(error)),
    }
    let place = folder.place(name);
    match place.look() {
        Ok(found) if found == pinned.found() => match place.remove() {
            Ok(()) | Err(Errno::NOENT) => Ok(()),
            Err(error) => Err(Kept::Unremovable(error)),
        },
        Err(Errno::NOENT) => Ok(()),
        // Somebody who doesn't heed the lock has put another there.
        _ => Err(Kept::Held),
    }
}

impl Kept {
    /// Whether overwriting may help.
    pub(super) fn can_be_displaced(self) -> bool {
        matches!(self, Self::Held | Self::Shared | Self::Unknown(_))
    }

    /// What to say beyond that the name is in use.
    fn advice(self) -> Option<Cow<'static, str>> {
        Some(match self {
            Self::Held => return None,
            Self::NotASocket => "what is there isn't a socket, and stays".into(),
            Self::Shared => "the file system is shared with other machines, and whether a server \
                there uses the socket can't be seen from here; remove the file if none does, or \
                use a name on a local file system"
                .into(),
            Self::Unknown(Errno::NOENT) => "whether anybody uses the socket can't be found out \
                without /proc; mount it, or remove the file if nobody does"
                .into(),
            Self::Unknown(error) => format!(
                "whether anybody uses the socket can't be found out ({}); remove the file if \
                 nobody does",
                io::Error::from(error)
            )
            .into(),
            Self::Unremovable(error) => format!(
                "nobody uses the socket any more, but its file can't be removed ({}); its owner or \
                 an administrator has to",
                io::Error::from(error)
            )
            .into(),
            Self::Unlocked(NoLock::Unreadable) => "the folder can't be read and so can't be \
                locked, without which a socket that is in use can't be told from a stale one; make \
                the folder readable, or remove the file if nobody uses it"
                .into(),
            Self::Unlocked(NoLock::Unsupported(error)) => format!(
                "the folder can't be locked ({}), without which a socket that is in use can't be \
                 told from a stale one; remove the file if nobody uses it, or use a name on \
                 another file system",
                io::Error::from(error)
            )
            .into(),
        })
    }
}

/// The name is in use, unless that couldn't be asked for want of descriptors or memory: that says
/// nothing about the name, and removing the file would be no remedy.
impl From<Kept> for io::Error {
    fn from(kept: Kept) -> Self {
        match (kept, kept.advice()) {
            (Kept::Unknown(error), _) if is_want(error) => error.into(),
            (_, Some(advice)) => Advised::wrap(libc::EADDRINUSE, advice),
            (_, None) => Errno::ADDRINUSE.into(),
        }
    }
}

fn is_want(error: Errno) -> bool {
    matches!(error, Errno::MFILE | Errno::NFILE | Errno::NOBUFS | Errno::NOMEM)
}
