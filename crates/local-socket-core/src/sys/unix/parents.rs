//! The folders above a socket file, and who else could put another file in its place.
//!
//! Whoever may write to a folder may rename what is in it, other folders included, unless the
//! folder is sticky: then only what is theirs. So all folders count that are passed on the way from
//! the root, and so do symlinks, which lead elsewhere once their owner says so.
//!
//! Folders are looked at by path. What belongs to this user or root, in a folder that nobody else
//! can rename in, stays what it is between two looks; that is why the way is followed from its
//! beginning.

use super::{creds, long_path::split};
use crate::options::ListenerOptions;
use rustix::{io::Errno, process::geteuid};
use std::{
    collections::VecDeque,
    env,
    ffi::{OsStr, OsString},
    fs::{self, DirBuilder, Metadata},
    io,
    os::unix::fs::{DirBuilderExt, MetadataExt},
    path::{Component, Path, PathBuf},
};

pub(super) const ROOT: libc::uid_t = 0;

/// The mode of folders that are made: nobody else can so much as see what is in them.
const FOR_ITS_USER_ALONE: u32 = 0o700;

const STICKY: u32 = 0o1000;

/// Who must not be able to rename what is in a folder, as bits of its mode.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[repr(u32)]
pub(super) enum Outsiders {
    /// Those who are neither its owner nor in its group.
    Others = 0o002,
    /// All but its owner. The bit of the group stands for access control lists too (acl(5)).
    GroupAndOthers = 0o022,
}

/// Makes the folders above a listener's file, and looks at them, as the options say. Those of a
/// name in a shared folder are made in any case, and step by step.
pub(super) fn prepare(
    file: &Path,
    in_shared_folder: bool,
    options: &ListenerOptions<'_>,
) -> io::Result<()> {
    match (options.check_folders, options.create_folders) {
        (true, make_missing) => check(file, make_missing || in_shared_folder),
        (false, true) if !in_shared_folder => make_missing(file),
        (false, _) => Ok(()),
    }
}

fn make_missing(file: &Path) -> io::Result<()> {
    let (folder, _) = split(file);
    let made = DirBuilder::new().recursive(true).mode(FOR_ITS_USER_ALONE).create(folder);
    match made {
        // Something else is there, and binding says what.
        Err(error) if error.kind() == io::ErrorKind::AlreadyExists => Ok(()),
        result => result,
    }
}

/// Follows the path as the system does, up to the file, and looks at every folder and symlink that
/// it passes. What is missing is made if `make_missing` says so, and never in a folder that is
/// refused.
fn check(file: &Path, make_missing: bool) -> io::Result<()> {
    let (folder, _) = split(file);
    let start = if folder.is_absolute() { PathBuf::new() } else { env::current_dir()? };
    let mut ahead = parts(&start.join(folder));
    let mut way = PathBuf::from("/");
    look_at_folder(&way, &fs::metadata(&way)?, Outsiders::GroupAndOthers)?;
    while let Some(part) = ahead.pop_front() {
        if part == ".." {
            way.pop();
            continue;
        }
        let next = way.join(&part);
        let found = if make_missing { find_or_make(&next)? } else { fs::symlink_metadata(&next)? };
        if !found.is_symlink() {
            look_at_folder(&next, &found, Outsiders::GroupAndOthers)?;
            way = next;
            continue;
        }
        look_at_owner(&next, &found)?;
        // Nothing is made where it leads, as mkdir(2) makes nothing; nor does it lead round in
        // circles.
        fs::metadata(&next)?;
        let target = fs::read_link(&next)?;
        if target.is_absolute() {
            way = PathBuf::from("/");
        }
        let mut target = parts(&target);
        target.append(&mut ahead);
        ahead = target;
    }
    Ok(())
}

/// What has a meaning on the way from the root, or from the folder before.
fn parts(path: &Path) -> VecDeque<OsString> {
    path.components()
        .map(Component::as_os_str)
        .filter(|part| *part != OsStr::new("/") && *part != OsStr::new("."))
        .map(OsStr::to_owned)
        .collect()
}

/// What is there, symlinks not followed; a new folder if nothing is.
pub(super) fn find_or_make(folder: &Path) -> io::Result<Metadata> {
    match fs::symlink_metadata(folder) {
        Err(error) if error.kind() == io::ErrorKind::NotFound => {
            match DirBuilder::new().mode(FOR_ITS_USER_ALONE).create(folder) {
                // Whoever was faster: what they made is looked at as any other.
                Err(error) if error.kind() != io::ErrorKind::AlreadyExists => Err(error),
                _ => fs::symlink_metadata(folder),
            }
        }
        found => found,
    }
}

/// Refuses a folder in which outsiders could rename what is there.
pub(super) fn look_at_folder(
    path: &Path,
    folder: &Metadata,
    outsiders: Outsiders,
) -> io::Result<()> {
    if !folder.is_dir() {
        return Err(Errno::NOTDIR.into());
    }
    look_at_owner(path, folder)?;
    let mode = folder.mode() & 0o7777;
    if mode & outsiders as u32 == 0 || mode & STICKY != 0 {
        return Ok(());
    }
    let (who, remedy) = match mode & Outsiders::Others as u32 {
        0 => ("the group of the folder", "chmod g-w"),
        _ => ("anybody", "chmod go-w"),
    };
    Err(refused(format!(
        "{who} may rename what is in {path:?}, whose mode is {mode:04o}; take that away ({remedy}) \
         or use another folder"
    )))
}

fn look_at_owner(path: &Path, file: &Metadata) -> io::Result<()> {
    let owner = file.uid();
    if is_this_user_or_root(owner) {
        return Ok(());
    }
    Err(refused(format!(
        "{path:?} belongs to another user, {owner}, who may put something else there; use a folder \
         that is this user's or root's"
    )))
}

/// An owner who can't be told from others is neither, also where this user can't.
fn is_this_user_or_root(owner: libc::uid_t) -> bool {
    creds::known_user(owner).is_some_and(|owner| owner == ROOT || owner == this_user())
}

pub(super) fn this_user() -> libc::uid_t {
    geteuid().as_raw()
}

pub(super) fn refused(why: String) -> io::Error {
    io::Error::new(io::ErrorKind::PermissionDenied, why)
}
