//! Paths that don't fit into a socket address.
//!
//! On Linux such a socket is bound by its last part, on a thread whose current folder is the
//! socket's, and connected to through a descriptor of the file. Binding through `/proc/self/fd`
//! alike would leave that text, which means nothing to others, as the socket's own address; it is
//! the way out where a thread can't have a current folder of its own. Others have no such means:
//! macOS and the BSDs don't have a file's descriptor to connect through, so there the name is
//! refused when it is made.

use std::{ffi::OsStr, os::unix::ffi::OsStrExt, path::Path};

/// The folder, with its slash or empty, and what follows. Unlike [`Path::file_name`] it leaves `.`,
/// `..` and nothing as they are, which are folders and never a socket.
pub(super) fn split(path: &Path) -> (&Path, &OsStr) {
    let bytes = path.as_os_str().as_bytes();
    let start = bytes.iter().rposition(|&byte| byte == b'/').map_or(0, |slash| slash + 1);
    let (folder, name) = bytes.split_at(start);
    (Path::new(OsStr::from_bytes(folder)), OsStr::from_bytes(name))
}

pub(super) use imp::connect;
#[cfg(any(target_os = "linux", target_os = "android"))]
pub(super) use imp::{bind_from_within, bind_through_descriptor};

#[cfg(any(target_os = "linux", target_os = "android"))]
mod imp {
    use super::{super::place::Place, *};
    use rustix::{
        fs::{CWD, Mode, OFlags, openat},
        io::Errno,
        net::SocketAddrUnix,
        process::fchdir,
    };
    use std::{
        fs,
        os::fd::{AsFd, AsRawFd, BorrowedFd},
        path::PathBuf,
    };

    /// Connects to the socket that the path leads to now. The same permissions count as by path.
    pub(in crate::sys::unix) fn connect(socket: BorrowedFd<'_>, path: &Path) -> Result<(), Errno> {
        let file = openat(CWD, path, OFlags::PATH | OFlags::CLOEXEC, Mode::empty())?;
        let path = through_descriptor(file.as_fd())?;
        rustix::net::connect(socket, &SocketAddrUnix::new(path)?)
    }

    /// Binds the socket to its name in the folder of the place, which is its address then. Changes
    /// the current folder: for a thread that has its own.
    pub(in crate::sys::unix) fn bind_from_within(
        socket: BorrowedFd<'_>,
        place: Place<'_>,
    ) -> Result<(), Errno> {
        fchdir(place.folder)?;
        rustix::net::bind(socket, &SocketAddrUnix::new(place.path)?)
    }

    /// Binds the socket through the folder's descriptor, which is part of its address then. Takes
    /// up to 25 bytes: where the name doesn't fit beside them, `ENAMETOOLONG`.
    pub(in crate::sys::unix) fn bind_through_descriptor(
        socket: BorrowedFd<'_>,
        place: Place<'_>,
    ) -> Result<(), Errno> {
        let path = through_descriptor(place.folder)?.join(place.path);
        rustix::net::bind(socket, &SocketAddrUnix::new(path)?)
    }

    /// A path to the very file of the descriptor, whatever has its name by now. Without `/proc`
    /// there is none, and the limit is that of addresses: `ENAMETOOLONG`.
    fn through_descriptor(file: BorrowedFd<'_>) -> Result<PathBuf, Errno> {
        let path = PathBuf::from(format!("/proc/self/fd/{}", file.as_raw_fd()));
        match fs::metadata(&path) {
            Ok(_) => Ok(path),
            Err(_) => Err(Errno::NAMETOOLONG),
        }
    }
}

#[cfg(not(any(target_os = "linux", target_os = "android")))]
mod imp {
    use super::*;
    use rustix::io::Errno;
    use std::os::fd::BorrowedFd;

    pub(in crate::sys::unix) fn connect(_: BorrowedFd<'_>, _: &Path) -> Result<(), Errno> {
        Err(Errno::NAMETOOLONG)
    }
}
