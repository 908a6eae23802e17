//! Names that are files in a folder where anybody can make files.
//!
//! A stranger can lead such a name to somebody else's socket, by a symlink in place of the file or of
//! a folder above it, or by a second link to the socket. So files and folders are looked at before
//! the socket is used, and who answered is compared with the file's owner after. By path, since not
//! every system has a way to connect to a file that has been opened: what belongs to this user or
//! root, in a folder that nobody else can rename in, stays what it is between two looks.
//!
//! The drawbacks: a few more system calls for each listener and each connection, and a server that
//! answers as another user than the file's owner can't be told from a stranger's lure. Where ids of
//! users have no counterpart (an unmapped user namespace of Linux), two strangers look alike.

use super::creds;
use std::{
    fs::{self, DirBuilder, Metadata},
    io,
    os::{
        fd::BorrowedFd,
        unix::fs::{DirBuilderExt, FileTypeExt, MetadataExt},
    },
    path::Path,
};

const ROOT: libc::uid_t = 0;

/// The mode of folders that are made: nobody else can so much as see what is in them.
const FOR_ITS_USER_ALONE: u32 = 0o700;

/// Anybody may make and rename files in such a folder…
const WRITABLE_BY_ANYBODY: u32 = 0o002;

/// …unless they are somebody else's, with this.
const STICKY: u32 = 0o1000;

/// The socket file that there was before connecting.
#[derive(Debug)]
pub(super) struct Seen {
    owner: libc::uid_t,
}

/// Makes the folders above the file that are missing, for this user alone, and looks at those that
/// are there: no symlink, owned by this user or root, and nobody else may rename what is in them.
pub(super) fn prepare_to_listen(path: &Path) -> io::Result<()> {
    let (shared, folders) = folders_above(path);
    check_folder(shared, &fs::metadata(shared)?)?;
    for folder in folders {
        let found = match fs::symlink_metadata(folder) {
            Err(error) if error.kind() == io::ErrorKind::NotFound => make(folder)?,
            found => found?,
        };
        check_folder(folder, &found)?;
    }
    // Linux takes a symlink for a file that is in the way; macOS would make the socket where a
    // symlink to nothing leads.
    match fs::symlink_metadata(path) {
        Ok(file) if file.file_type().is_symlink() => {
            Err(io::Error::from_raw_os_error(libc::EADDRINUSE))
        }
        _ => Ok(()),
    }
}

/// Looks at the file and at the folders above it: a socket, and no link on the way.
pub(super) fn look(path: &Path) -> io::Result<Seen> {
    let (shared, folders) = folders_above(path);
    check_folder(shared, &fs::metadata(shared)?)?;
    for folder in folders {
        check_folder(folder, &fs::symlink_metadata(folder)?)?;
    }
    let file = fs::symlink_metadata(path)?;
    if file.file_type().is_symlink() {
        return Err(refused(format!("{path:?} is a symlink")));
    }
    if !file.file_type().is_socket() {
        // What Linux says about a path to any other file.
        return Err(io::Error::from_raw_os_error(libc::ECONNREFUSED));
    }
    if file.nlink() > 1 {
        return Err(refused(format!("{path:?} is one of several links to a socket")));
    }
    Ok(Seen { owner: file.uid() })
}

/// Looks at who answered: a process of the user whom the file belonged to, or of root where that is
/// this user.
///
/// Root at the other end of a stranger's file is refused, since the stranger may have put a symlink
/// in its place between the two looks. The file needn't be there any more: a server may give its
/// name back, or to another, as soon as it has its client.
pub(super) fn confirm(path: &Path, seen: &Seen, server: BorrowedFd<'_>) -> io::Result<()> {
    let owner = seen.owner;
    match creds::peer_creds(server)?.euid() {
        Some(server) if server == owner || server == ROOT && owner == this_user() => Ok(()),
        Some(server) => {
            Err(refused(format!("{path:?} belongs to user {owner}, but user {server} answered")))
        }
        None => Err(refused(format!("{path:?} belongs to user {owner}, but a stranger answered"))),
    }
}

/// The shared folder, and those between it and the file, outermost first.
fn folders_above(path: &Path) -> (&Path, Vec<&Path>) {
    let mut folders: Vec<_> =
        path.ancestors().skip(1).take_while(|folder| folder.parent().is_some()).collect();
    // The shared folder is the only one that may be a symlink: the system's, to /private/tmp on
    // macOS.
    let shared = folders.pop().unwrap_or(Path::new("/"));
    folders.reverse();
    (shared, folders)
}

fn make(folder: &Path) -> io::Result<Metadata> {
    match DirBuilder::new().mode(FOR_ITS_USER_ALONE).create(folder) {
        // Whoever was faster: what they made is looked at as any other.
        Err(error) if error.kind() != io::ErrorKind::AlreadyExists => Err(error),
        _ => fs::symlink_metadata(folder),
    }
}

fn check_folder(path: &Path, folder: &Metadata) -> io::Result<()> {
    if folder.file_type().is_symlink() {
        return Err(refused(format!("{path:?} is a symlink")));
    }
    if !folder.is_dir() {
        return Err(io::Error::from_raw_os_error(libc::ENOTDIR));
    }
    let owner = folder.uid();
    if owner != ROOT && owner != this_user() {
        return Err(refused(format!("{path:?} belongs to another user, {owner}")));
    }
    if folder.mode() & WRITABLE_BY_ANYBODY != 0 && folder.mode() & STICKY == 0 {
        return Err(refused(format!("anybody may rename what is in {path:?}")));
    }
    Ok(())
}

fn this_user() -> libc::uid_t {
    rustix::process::geteuid().as_raw()
}

fn refused(why: String) -> io::Error {
    io::Error::new(io::ErrorKind::PermissionDenied, why)
}
