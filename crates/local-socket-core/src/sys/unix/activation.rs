//! Descriptors that a service manager left open for this process, as sd_listen_fds(3) finds them.

#[cfg(target_vendor = "apple")]
mod launchd;

#[cfg(target_vendor = "apple")]
pub(crate) use launchd::take as take_from_launchd;

use crate::error::ActivationError;
use std::{
    ffi::OsString,
    io,
    os::fd::{FromRawFd, OwnedFd, RawFd},
};

/// The first of them (`SD_LISTEN_FDS_START`). The others follow it.
const FIRST: RawFd = 3;

/// How many there are numbers for.
const MOST: u64 = (RawFd::MAX - FIRST) as u64;

/// What a descriptor is called that nobody gave a name.
const UNKNOWN: &str = "unknown";

/// The descriptors that the environment says are for this process, with their names. They are
/// closed on exec from now on.
///
/// # Safety
/// Nothing else in this process may own what the environment says was passed to it, such as the
/// result of an earlier call.
pub(crate) unsafe fn take(
    variable: impl Fn(&str) -> Option<OsString>,
) -> Result<Vec<(String, OwnedFd)>, ActivationError> {
    let Some(count) = count(&variable)? else { return Ok(Vec::new()) };
    let descriptors = FIRST..FIRST + count;
    // Before there is memory for as many: the number may be any.
    for descriptor in descriptors.clone() {
        descriptor_flags(descriptor).map_err(|_| ActivationError::NotOpen { descriptor })?;
    }
    let names = names(variable("LISTEN_FDNAMES"), descriptors.len())?;
    for descriptor in descriptors.clone() {
        close_on_exec(descriptor).map_err(|_| ActivationError::NotOpen { descriptor })?;
    }
    // SAFETY: each is open, as has just been seen, and nobody else's by the caller's promise.
    let own = |descriptor| unsafe { OwnedFd::from_raw_fd(descriptor) };
    Ok(names.into_iter().zip(descriptors.map(own)).collect())
}

/// How many descriptors were passed, if any were and they are for this process.
fn count(variable: impl Fn(&str) -> Option<OsString>) -> Result<Option<RawFd>, ActivationError> {
    let Some(pid) = variable("LISTEN_PID") else { return Ok(None) };
    if number("LISTEN_PID", pid)? != u64::from(std::process::id()) {
        return Ok(None);
    }
    // Tells a process from another one that has the same number, in another pid namespace or later.
    if let Some(id) = variable("LISTEN_PIDFDID") {
        let id = number("LISTEN_PIDFDID", id)?;
        if imp::own_pidfd_id().is_some_and(|own| own != id) {
            return Ok(None);
        }
    }
    let Some(value) = variable("LISTEN_FDS") else { return Ok(None) };
    match number("LISTEN_FDS", value.clone())? {
        count @ 1..=MOST => Ok(Some(count as RawFd)),
        _ => Err(ActivationError::NotANumber { variable: "LISTEN_FDS", value }),
    }
}

/// Decimal digits and nothing else.
fn number(variable: &'static str, value: OsString) -> Result<u64, ActivationError> {
    let digits = value.to_str().filter(|text| text.bytes().all(|byte| byte.is_ascii_digit()));
    match digits.and_then(|digits| digits.parse().ok()) {
        Some(number) => Ok(number),
        None => Err(ActivationError::NotANumber { variable, value }),
    }
}

fn names(value: Option<OsString>, descriptors: usize) -> Result<Vec<String>, ActivationError> {
    let Some(value) = value else { return Ok(vec![UNKNOWN.to_owned(); descriptors]) };
    let text = value.into_string().map_err(|value| ActivationError::NotText { value })?;
    let names: Vec<_> = text.split(':').map(str::to_owned).collect();
    if names.len() != descriptors {
        return Err(ActivationError::NameCount { names: names.len(), descriptors });
    }
    Ok(names)
}

fn descriptor_flags(descriptor: RawFd) -> io::Result<libc::c_int> {
    // SAFETY: no memory is touched, and a number that is no open descriptor is EBADF.
    let flags = unsafe { libc::fcntl(descriptor, libc::F_GETFD) };
    if flags >= 0 { Ok(flags) } else { Err(io::Error::last_os_error()) }
}

fn close_on_exec(descriptor: RawFd) -> io::Result<()> {
    let flags = descriptor_flags(descriptor)? | libc::FD_CLOEXEC;
    // SAFETY: as above; the flag changes nothing that anybody relies on, since it only keeps a
    // program that is executed from inheriting the descriptor.
    let result = unsafe { libc::fcntl(descriptor, libc::F_SETFD, flags) };
    if result == 0 { Ok(()) } else { Err(io::Error::last_os_error()) }
}

#[cfg(all(target_os = "linux", target_pointer_width = "64"))]
mod imp {
    use rustix::{
        fs::{fstat, fstatfs},
        process::{PidfdFlags, getpid, pidfd_open},
    };

    /// Of pidfds since Linux 6.9 (include/uapi/linux/magic.h). Before, all had one inode.
    const PIDFS_MAGIC: u64 = 0x5049_4446;

    /// What no other process of this boot has, if the kernel tells.
    pub(super) fn own_pidfd_id() -> Option<u64> {
        let own = pidfd_open(getpid(), PidfdFlags::empty()).ok()?;
        let is_unique = fstatfs(&own).ok()?.f_type as u64 == PIDFS_MAGIC;
        fstat(&own).ok().filter(|_| is_unique).map(|facts| facts.st_ino)
    }
}

/// The inode numbers of 32-bit systems are too short for it, and others have no pidfds.
#[cfg(not(all(target_os = "linux", target_pointer_width = "64")))]
mod imp {
    pub(super) fn own_pidfd_id() -> Option<u64> {
        None
    }
}

#[cfg(test)]
mod tests;
