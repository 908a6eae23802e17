//! Descriptors that a service manager left open for this process, as sd_listen_fds(3) finds them.

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

#[cfg(target_vendor = "apple")]
pub(crate) use launchd::take as take_from_launchd;

#[cfg(target_vendor = "apple")]
mod launchd {
    use std::{
        ffi::CStr,
        io,
        os::fd::{FromRawFd, OwnedFd, RawFd},
        ptr, slice,
    };

    unsafe extern "C" {
        // launch.h, in libSystem since macOS 10.10.
        fn launch_activate_socket(
            name: *const libc::c_char,
            descriptors: *mut *mut libc::c_int,
            count: *mut libc::size_t,
        ) -> libc::c_int;
    }

    /// The descriptors under this key, launch_activate_socket(3).
    pub(crate) fn take(name: &CStr) -> io::Result<Vec<OwnedFd>> {
        let (mut list, mut count) = (ptr::null_mut::<RawFd>(), 0);
        // SAFETY: the name ends with a NUL, and both places are written before it returns 0.
        let error = unsafe { launch_activate_socket(name.as_ptr(), &mut list, &mut count) };
        if error != 0 {
            return Err(io::Error::from_raw_os_error(error));
        }
        if list.is_null() {
            return Ok(Vec::new());
        }
        // SAFETY: it made a list of `count` numbers.
        let numbers = unsafe { slice::from_raw_parts(list, count) };
        // SAFETY: each is an open descriptor, and the caller's to close.
        let own = |&number: &RawFd| unsafe { OwnedFd::from_raw_fd(number) };
        let descriptors = numbers.iter().map(own).collect();
        // SAFETY: the list was made by malloc for the caller, and nothing points to it any more.
        unsafe { libc::free(list.cast()) };
        Ok(descriptors)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn own_pid() -> String {
        std::process::id().to_string()
    }

    /// What is counted where the environment holds these and nothing else.
    fn counted(environment: &[(&str, &str)]) -> Result<Option<RawFd>, ActivationError> {
        count(|name| {
            environment.iter().find(|(other, _)| *other == name).map(|(_, value)| value.into())
        })
    }

    #[test]
    fn what_is_for_another_process_or_for_nobody_is_none() {
        let pid = own_pid();
        assert_eq!(counted(&[]), Ok(None));
        assert_eq!(counted(&[("LISTEN_FDS", "1")]), Ok(None));
        assert_eq!(counted(&[("LISTEN_PID", &pid)]), Ok(None));
        assert_eq!(counted(&[("LISTEN_PID", "1"), ("LISTEN_FDS", "1")]), Ok(None));
        assert_eq!(counted(&[("LISTEN_PID", &pid), ("LISTEN_FDS", "2")]), Ok(Some(2)));
    }

    #[test]
    fn what_is_no_number_is_an_error_that_names_the_variable_and_its_value() {
        let pid = own_pid();
        for garbage in ["", " 1", "+1", "-1", "1x", "0x1", "99999999999999999999999"] {
            let cases: [&[(&str, &str)]; 3] = [
                &[("LISTEN_PID", garbage)],
                &[("LISTEN_PID", &pid), ("LISTEN_PIDFDID", garbage)],
                &[("LISTEN_PID", &pid), ("LISTEN_FDS", garbage)],
            ];
            for environment in cases {
                let variable = environment.last().unwrap().0;
                let error = counted(environment).unwrap_err().to_string();
                assert!(error.contains(variable) && error.contains(&format!("{garbage:?}")));
            }
        }
        for count in ["0", "2147483645", "4294967296"] {
            let error = counted(&[("LISTEN_PID", &pid), ("LISTEN_FDS", count)]).unwrap_err();
            assert!(matches!(error, ActivationError::NotANumber { variable: "LISTEN_FDS", .. }));
        }
    }

    #[test]
    fn a_process_that_only_has_the_number_of_the_right_one_gets_none() {
        let pid = own_pid();
        let with_id = |id: u64| {
            let id = id.to_string();
            counted(&[("LISTEN_PID", &pid), ("LISTEN_PIDFDID", &id), ("LISTEN_FDS", "1")])
        };
        match imp::own_pidfd_id() {
            None => assert_eq!(with_id(1), Ok(Some(1)), "it can't be told apart here"),
            Some(own) => {
                assert_eq!(with_id(own), Ok(Some(1)));
                assert_eq!(with_id(own + 1), Ok(None));
            }
        }
    }

    #[test]
    fn there_are_as_many_names_as_descriptors_and_they_may_be_empty() {
        let names = |text: Option<&str>, count| names(text.map(OsString::from), count);
        assert_eq!(names(None, 2).unwrap(), ["unknown", "unknown"]);
        assert_eq!(names(Some("a::b"), 3).unwrap(), ["a", "", "b"]);
        assert_eq!(names(Some(""), 1).unwrap(), [""]);
        let error = names(Some("a:b"), 3).unwrap_err();
        assert_eq!(error, ActivationError::NameCount { names: 2, descriptors: 3 });
    }
}
