//! Whether anybody holds the socket of a file.
//!
//! An ordinary connect can't tell: a socket that is bound and doesn't listen yet refuses it, some
//! systems refuse it when the backlog is full, and a live server sees a client that wants nothing.
//! A socket of another type is refused because of its type (`EPROTOTYPE`) as long as any process of
//! any network namespace holds the one that was bound, which learns nothing of it; and because
//! nobody is there (`ECONNREFUSED`) once none does. That is for ever, since a file can't be bound a
//! second time.
//!
//! The drawback: bind(2) makes the file an instant before its socket can be found. So whoever binds
//! holds the lock of the folder, and whoever asks.

use super::{folder::Folder, place::Found};
use rustix::{io::Errno, net::SocketType};
use std::ffi::OsStr;

/// What was heard.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Answer {
    /// Nobody holds it, and nobody ever will.
    Dead,
    /// Somebody holds it, who may not listen yet, or be stopped.
    Held,
    /// That could not be asked.
    Unknown(Errno),
}

/// Asks by one socket of each type.
fn ask_by(types: &[SocketType], connect: impl Fn(SocketType) -> Result<(), Errno>) -> Answer {
    for kind in types {
        match connect(*kind) {
            Err(Errno::CONNREFUSED) => {}
            // One of the same type, which took the connection or has no room for it.
            Err(Errno::PROTOTYPE | Errno::AGAIN) | Ok(()) => return Answer::Held,
            Err(error) => return Answer::Unknown(error),
        }
    }
    Answer::Dead
}

pub(super) use imp::Pinned;

#[cfg(any(target_os = "linux", target_os = "android"))]
mod imp {
    use super::*;
    use rustix::{
        fs::{Mode, OFlags, fstat, openat},
        net::{AddressFamily, SocketAddrUnix, SocketFlags, connect, socket_with},
    };
    use std::os::fd::{AsRawFd, OwnedFd};

    /// Both have to refuse: gVisor refuses datagrams at the name of a live stream socket too. In
    /// this order, since a live server of `SEQPACKET` would see the second.
    const TYPES: [SocketType; 2] = [SocketType::DGRAM, SocketType::SEQPACKET];

    /// A file held, so that its number is nobody else's meanwhile.
    pub(in super::super) struct Pinned {
        fd: OwnedFd,
        found: Found,
    }

    impl Pinned {
        /// Holds the file of this name, and not what a symlink leads to.
        pub(in super::super) fn of(folder: &Folder<'_>, name: &OsStr) -> Result<Self, Errno> {
            let place = folder.place(name);
            let flags = OFlags::PATH | OFlags::NOFOLLOW | OFlags::CLOEXEC;
            let fd = openat(place.folder, place.path, flags, Mode::empty())?;
            let found = Found::of(&fstat(&fd)?);
            Ok(Self { fd, found })
        }

        pub(in super::super) fn found(&self) -> Found {
            self.found
        }

        /// Asks whether anybody holds the socket, which it must be.
        pub(in super::super) fn ask(&self) -> Answer {
            let path = format!("/proc/self/fd/{}", self.fd.as_raw_fd());
            ask_by(&TYPES, |kind| {
                let flags = SocketFlags::CLOEXEC | SocketFlags::NONBLOCK;
                let socket = socket_with(AddressFamily::UNIX, kind, flags, None)?;
                connect(&socket, &SocketAddrUnix::new(path.as_str())?)
            })
        }
    }
}

/// By path, since a socket file can't be opened. Who replaces it between two looks isn't noticed if
/// the new file has the old one's number.
#[cfg(not(any(target_os = "linux", target_os = "android")))]
mod imp {
    use super::*;
    use crate::sys::unix::place::Place;
    use rustix::{
        fs::CWD,
        net::{AddressFamily, SocketAddrUnix, connect, socket},
    };
    use std::path::PathBuf;

    const TYPES: [SocketType; 1] = [SocketType::DGRAM];

    /// A file that was looked at.
    pub(in super::super) struct Pinned {
        path: PathBuf,
        found: Found,
    }

    impl Pinned {
        /// Looks at the file of this name, and not at what a symlink leads to.
        pub(in super::super) fn of(folder: &Folder<'_>, name: &OsStr) -> Result<Self, Errno> {
            let found = folder.place(name).look()?;
            Ok(Self { path: folder.path().join(name), found })
        }

        pub(in super::super) fn found(&self) -> Found {
            self.found
        }

        /// Asks whether anybody holds the socket, which it must be.
        pub(in super::super) fn ask(&self) -> Answer {
            let led_to_it = self.leads_to_it();
            let answer = ask_by(&TYPES, |kind| {
                let socket = socket(AddressFamily::UNIX, kind, None)?;
                connect(&socket, &SocketAddrUnix::new(self.path.as_path())?)
            });
            match answer {
                Answer::Dead if !(led_to_it && self.leads_to_it()) => Answer::Unknown(Errno::STALE),
                answer => answer,
            }
        }

        /// Whether the path leads to the file that was looked at. A relative one leads elsewhere after
        /// another thread's `chdir`.
        fn leads_to_it(&self) -> bool {
            let place = Place { folder: CWD, path: &self.path };
            place.look().is_ok_and(|there| there.inode == self.found.inode)
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const TYPES: [SocketType; 2] = [SocketType::DGRAM, SocketType::SEQPACKET];

    fn answers(datagram: Result<(), Errno>, packets: Result<(), Errno>) -> Answer {
        ask_by(&TYPES, |kind| if kind == SocketType::DGRAM { datagram } else { packets })
    }

    #[test]
    fn only_what_refuses_both_types_is_dead() {
        let refused = Err(Errno::CONNREFUSED);
        assert_eq!(answers(refused, refused), Answer::Dead);
        for held in [Err(Errno::PROTOTYPE), Err(Errno::AGAIN), Ok(())] {
            assert_eq!(answers(held, refused), Answer::Held);
            assert_eq!(answers(refused, held), Answer::Held);
        }
        for error in [Errno::ACCESS, Errno::NOENT, Errno::MFILE, Errno::INTR] {
            assert_eq!(answers(Err(error), refused), Answer::Unknown(error));
            assert_eq!(answers(refused, Err(error)), Answer::Unknown(error));
        }
    }

    #[test]
    fn whoever_answers_the_first_is_not_asked_again() {
        let answer = ask_by(&TYPES, |kind| {
            assert_eq!(kind, SocketType::DGRAM, "a live server would see this one");
            Err(Errno::PROTOTYPE)
        });
        assert_eq!(answer, Answer::Held);
    }
}
