//! Socket options that have no typed function elsewhere, as bytes.

use std::{
    io,
    os::fd::{AsRawFd, BorrowedFd},
};

/// getsockopt(2) into `value`. Gives the length of what the kernel wrote.
pub(super) fn get(
    fd: BorrowedFd<'_>,
    level: libc::c_int,
    option: libc::c_int,
    value: &mut [u8],
) -> Result<usize, (io::Error, usize)> {
    let mut length = libc::socklen_t::try_from(value.len()).unwrap_or(libc::socklen_t::MAX);
    // SAFETY: the kernel writes at most `length` bytes, which is no more than `value` has, and
    // any bytes are valid in it; both pointers are live for the call, and the descriptor is open
    // because it is borrowed.
    let result = unsafe {
        libc::getsockopt(fd.as_raw_fd(), level, option, value.as_mut_ptr().cast(), &mut length)
    };
    if result == 0 {
        Ok((length as usize).min(value.len()))
    } else {
        Err((io::Error::last_os_error(), length as usize))
    }
}

/// setsockopt(2) of an option that is an `int`.
#[cfg(any(target_os = "linux", target_os = "android"))]
pub(super) fn set_int(
    fd: BorrowedFd<'_>,
    level: libc::c_int,
    option: libc::c_int,
    value: libc::c_int,
) -> io::Result<()> {
    const LENGTH: libc::socklen_t = size_of::<libc::c_int>() as libc::socklen_t;
    // SAFETY: the kernel reads `LENGTH` bytes from a live `int` of that size, and the descriptor
    // is open because it is borrowed.
    let result = unsafe {
        libc::setsockopt(fd.as_raw_fd(), level, option, (&raw const value).cast(), LENGTH)
    };
    if result == 0 { Ok(()) } else { Err(io::Error::last_os_error()) }
}
