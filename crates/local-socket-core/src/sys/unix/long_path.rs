//! Paths that don't fit into a socket address.
//!
//! On Linux such a socket is bound by its last part, on a thread whose current folder is the
//! socket's, and connected to through a descriptor of the file. Binding through `/proc/self/fd` alike
//! would leave that text, which means nothing to others, as the socket's own address; it is the way
//! out where a thread can't have a current folder of its own. Others have no such means: macOS and
//! the BSDs don't have a file's descriptor to connect through, so there the name is refused when it
//! is made.

use std::{ffi::OsStr, os::unix::ffi::OsStrExt, path::Path};

/// The folder, with its slash or empty, and what follows. Unlike [`Path::file_name`] it leaves `.`,
/// `..` and nothing as they are, which are folders and never a socket.
pub(super) fn split(path: &Path) -> (&Path, &OsStr) {
    let bytes = path.as_os_str().as_bytes();
    let start = bytes.iter().rposition(|&byte| byte == b'/').map_or(0, |slash| slash + 1);
    let (folder, name) = bytes.split_at(start);
    (Path::new(OsStr::from_bytes(folder)), OsStr::from_bytes(name))
}

#[cfg(any(target_os = "linux", target_os = "android"))]
pub(super) use imp::InFolder;
pub(super) use imp::connect;

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
        os::fd::{AsFd, AsRawFd, BorrowedFd, OwnedFd},
        path::PathBuf,
    };

    /// Connects to the socket that the path leads to now. The same permissions count as by path.
    pub(in crate::sys::unix) fn connect(socket: BorrowedFd<'_>, path: &Path) -> Result<(), Errno> {
        let file = openat(CWD, path, OFlags::PATH | OFlags::CLOEXEC, Mode::empty())?;
        let path = through_descriptor(file.as_fd())?;
        rustix::net::connect(socket, &SocketAddrUnix::new(path)?)
    }

    /// A socket file to be: by its name in a folder that is held open.
    pub(in crate::sys::unix) struct InFolder<'p> {
        folder: OwnedFd,
        name: &'p OsStr,
    }

    impl<'p> InFolder<'p> {
        /// Opens the folder of a place. A path that ends in a slash or in dots is a folder's, where
        /// no socket file can be: the name is in use.
        pub(in crate::sys::unix) fn of(place: Place<'p>) -> Result<Self, Errno> {
            let (folder, name) = split(place.path);
            if matches!(name.as_bytes(), b"" | b"." | b"..") {
                return Err(Errno::ADDRINUSE);
            }
            let folder = if folder.as_os_str().is_empty() { Path::new(".") } else { folder };
            let flags = OFlags::PATH | OFlags::DIRECTORY | OFlags::CLOEXEC;
            Ok(Self { folder: openat(place.folder, folder, flags, Mode::empty())?, name })
        }

        /// Binds the socket to the bare name, which is its address then. Changes the current folder:
        /// for a thread that has its own.
        pub(in crate::sys::unix) fn bind_from_within(
            &self,
            socket: BorrowedFd<'_>,
        ) -> Result<(), Errno> {
            fchdir(&self.folder)?;
            rustix::net::bind(socket, &SocketAddrUnix::new(self.name)?)
        }

        /// Binds the socket through the folder's descriptor, which is part of its address then. Takes
        /// up to 25 bytes: where the name doesn't fit beside them, `ENAMETOOLONG`.
        pub(in crate::sys::unix) fn bind_through_descriptor(
            &self,
            socket: BorrowedFd<'_>,
        ) -> Result<(), Errno> {
            let path = through_descriptor(self.folder.as_fd())?.join(self.name);
            rustix::net::bind(socket, &SocketAddrUnix::new(path)?)
        }
    }

    /// A path to the very file of the descriptor, whatever has its name by now. Without `/proc` there
    /// is none, and the limit is that of addresses: `ENAMETOOLONG`.
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
