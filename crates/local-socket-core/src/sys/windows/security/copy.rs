//! Copies of descriptors that the system or somebody else has.

use super::Descriptor;
use crate::sys::windows::sid::Sid;
use std::{
    ffi::c_void,
    io,
    os::windows::io::{AsRawHandle, BorrowedHandle},
    ptr,
};
use windows_sys::Win32::{
    Foundation::{ERROR_INSUFFICIENT_BUFFER, GetLastError},
    Security::{
        GetKernelObjectSecurity, GetSecurityDescriptorControl, GetSecurityDescriptorLength,
        GetSecurityDescriptorOwner, IsValidSecurityDescriptor, MakeSelfRelativeSD,
        OBJECT_SECURITY_INFORMATION, OWNER_SECURITY_INFORMATION, SE_SELF_RELATIVE,
    },
};

impl Descriptor {
    /// A copy of any, with all that is in it.
    ///
    /// # Safety
    /// It points to a security descriptor, absolute or self-relative, that is alive meanwhile with
    /// all that it points to.
    pub(crate) unsafe fn copy(descriptor: *const c_void) -> io::Result<Self> {
        let descriptor = descriptor.cast_mut();
        let (mut control, mut revision) = (0, 0);
        // SAFETY: it is a descriptor, and the out pointers are to locals.
        let is_valid = unsafe {
            IsValidSecurityDescriptor(descriptor) != 0
                && GetSecurityDescriptorControl(descriptor, &mut control, &mut revision) != 0
        };
        if !is_valid {
            return Err(io::Error::last_os_error());
        }
        // SAFETY: it is a valid one. For an absolute one this is what its self-relative form needs.
        let mut length = unsafe { GetSecurityDescriptorLength(descriptor) };
        let mut own = with_room(length);
        if control & SE_SELF_RELATIVE != 0 {
            // SAFETY: it is one piece of that length, and there is room for as much.
            unsafe { descriptor.cast::<u8>().copy_to(own.as_mut_ptr().cast(), length as usize) };
            return Ok(Self(own.into()));
        }
        loop {
            // SAFETY: it is an absolute one, and there is as much room as is said.
            let made =
                unsafe { MakeSelfRelativeSD(descriptor, own.as_mut_ptr().cast(), &mut length) };
            if made != 0 {
                return Ok(Self(own.into()));
            }
            grow(&mut own, length)?;
        }
    }

    /// That of a pipe, as far as its handle may read it (READ_CONTROL).
    pub(in crate::sys::windows) fn of_pipe(
        pipe: BorrowedHandle<'_>,
        parts: OBJECT_SECURITY_INFORMATION,
    ) -> io::Result<Self> {
        let mut own = with_room(256);
        loop {
            let room = 4 * own.len() as u32;
            let mut length = 0;
            // SAFETY: the handle is open, and there is as much room as is said.
            let read = unsafe {
                GetKernelObjectSecurity(
                    pipe.as_raw_handle(),
                    parts,
                    own.as_mut_ptr().cast(),
                    room,
                    &mut length,
                )
            };
            if read != 0 {
                return Ok(Self(own.into()));
            }
            grow(&mut own, length)?;
        }
    }

    /// Who owns a pipe.
    pub(in crate::sys::windows) fn owner_of(pipe: BorrowedHandle<'_>) -> io::Result<Sid> {
        let descriptor = Self::of_pipe(pipe, OWNER_SECURITY_INFORMATION)?;
        let (mut owner, mut defaulted) = (ptr::null_mut(), 0);
        // SAFETY: it is a valid descriptor, and the out pointers are to locals.
        let told = unsafe {
            GetSecurityDescriptorOwner(descriptor.as_ptr().cast_mut(), &mut owner, &mut defaulted)
        };
        if told == 0 {
            return Err(io::Error::last_os_error());
        }
        if owner.is_null() {
            return Err(io::ErrorKind::NotFound.into());
        }
        // SAFETY: the owner is in the descriptor, which is alive.
        unsafe { Sid::from_ptr(owner) }
    }
}

/// Room for as many bytes, or for one number at least.
fn with_room(bytes: u32) -> Vec<u32> {
    vec![0; bytes.div_ceil(4).max(1) as usize]
}

/// Makes room for as much as a call has asked for that just failed; its error if not for room.
fn grow(own: &mut Vec<u32>, bytes: u32) -> io::Result<()> {
    // SAFETY: has no preconditions.
    let error = unsafe { GetLastError() };
    if error != ERROR_INSUFFICIENT_BUFFER || bytes as usize <= 4 * own.len() {
        return Err(io::Error::from_raw_os_error(error as i32));
    }
    *own = with_room(bytes);
    Ok(())
}
