//! Names that are files in a folder where anybody can make files.
//!
//! A stranger can lead such a name to somebody else's socket, by a symlink in place of the file or
//! of a folder above it, or by a second link to the socket. So files and folders are looked at
//! before the socket is used, and who answered is compared with the file's owner after. By path,
//! since not every system has a way to connect to a file that has been opened.
//!
//! The drawbacks: a few more system calls for each listener and each connection, and a server that
//! answers as another user than the file's owner can't be told from a stranger's lure. Nor can
//! users without an id here be told apart (an unmapped user namespace of Linux), and so they are
//! refused.

use super::{
    admission, creds,
    parents::{Outsiders, ROOT, find_or_make, look_at_folder, refused, this_user},
};
use std::{
    fs::{self, Metadata},
    io,
    os::{
        fd::{AsFd, OwnedFd},
        unix::fs::{FileTypeExt, MetadataExt},
    },
    path::Path,
};

/// The socket file that there was before connecting.
#[derive(Debug)]
pub(super) struct Seen<'p> {
    path: &'p Path,
    owner: libc::uid_t,
}

/// Makes the folders above the file that are missing, for this user alone, and looks at those that
/// are there: no symlink, owned by this user or root, and nobody else may rename what is in them.
pub(super) fn prepare_to_listen(path: &Path) -> io::Result<()> {
    let (shared, folders) = folders_above(path);
    check_folder(shared, &fs::metadata(shared)?)?;
    for folder in folders {
        check_folder(folder, &find_or_make(folder)?)?;
    }
    Ok(())
}

/// Looks at the file and at the folders above it: a socket, and no link on the way.
pub(super) fn look(path: &Path) -> io::Result<Seen<'_>> {
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
    Ok(Seen { path, owner: file.uid() })
}

impl Seen<'_> {
    /// Hands the connection back if it is one to the right user's process; closes it otherwise.
    pub(super) fn confirm(&self, socket: OwnedFd) -> io::Result<OwnedFd> {
        match self.look_at_server(&socket) {
            Ok(()) => Ok(socket),
            Err(error) => {
                // A stranger may have sent what holds up whoever closes it.
                admission::turn_away(socket);
                Err(error)
            }
        }
    }

    /// Looks at who answered: a process of the user whom the file belonged to, or of root where
    /// that is this user.
    ///
    /// Root at the other end of a stranger's file is refused, since the stranger may have put a
    /// symlink in its place between the two looks. The file needn't be there any more: a server may
    /// give its name back, or to another, as soon as it has its client.
    fn look_at_server(&self, socket: &OwnedFd) -> io::Result<()> {
        let Self { path, owner } = *self;
        let who = match creds::peer_creds(socket.as_fd())?.euid() {
            Some(server) if server == owner || server == ROOT && owner == this_user() => {
                return Ok(());
            }
            Some(server) => format!("user {server}"),
            None => "a stranger".into(),
        };
        Err(refused(format!("{path:?} belongs to user {owner}, but {who} answered")))
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

fn check_folder(path: &Path, folder: &Metadata) -> io::Result<()> {
    if folder.file_type().is_symlink() {
        return Err(refused(format!("{path:?} is a symlink")));
    }
    look_at_folder(path, folder, Outsiders::Others)
}
