//! Sockets that launchd opened for this process.

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
