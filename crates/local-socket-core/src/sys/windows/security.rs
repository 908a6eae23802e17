//! Security descriptors: who may open a pipe, and whose it is.

mod local;
mod rules;

pub(super) use self::rules::can_be_said;

#[cfg(test)]
mod tests;

use self::local::Local;
use super::sid::Sid;
use crate::options::ListenerOptions;
use std::{
    ffi::c_void,
    fmt, io,
    os::windows::io::{AsRawHandle, BorrowedHandle},
    ptr,
    sync::Arc,
};
use windows_sys::Win32::{
    Foundation::{ERROR_INSUFFICIENT_BUFFER, GetLastError},
    Security::{
        Authorization::{
            ConvertSecurityDescriptorToStringSecurityDescriptorW,
            ConvertStringSecurityDescriptorToSecurityDescriptorW, SDDL_REVISION_1,
        },
        DACL_SECURITY_INFORMATION, GROUP_SECURITY_INFORMATION, GetKernelObjectSecurity,
        GetSecurityDescriptorControl, GetSecurityDescriptorLength, GetSecurityDescriptorOwner,
        IsValidSecurityDescriptor, LABEL_SECURITY_INFORMATION, MakeSelfRelativeSD,
        OBJECT_SECURITY_INFORMATION, OWNER_SECURITY_INFORMATION, SACL_SECURITY_INFORMATION,
        SE_SELF_RELATIVE,
    },
};

/// All that whoever may read the security of a pipe is told.
const READABLE: OBJECT_SECURITY_INFORMATION = OWNER_SECURITY_INFORMATION
    | GROUP_SECURITY_INFORMATION
    | DACL_SECURITY_INFORMATION
    | LABEL_SECURITY_INFORMATION;

/// A self-relative security descriptor, which is one piece of memory and so can be copied. The
/// numbers in it are aligned to four bytes.
#[derive(Clone)]
pub(crate) struct Descriptor(Arc<[u32]>);

/// What options say of it. Taking a descriptor apart can fail, which is told when listening.
pub(crate) type Wanted = Result<Descriptor, i32>;

impl Descriptor {
    /// The one that a listener's pipes are made with: what the options say, or what their rules
    /// come to. `None` if they say nothing: then it is the system's default.
    pub(crate) fn of(options: &ListenerOptions<'_>) -> io::Result<Option<Self>> {
        match &options.security {
            Some(Ok(descriptor)) => Ok(Some(descriptor.clone())),
            Some(Err(number)) => Err(io::Error::from_raw_os_error(*number)),
            None => options.admission.allow.as_ref().map(Self::from_allow).transpose(),
        }
    }

    /// From its text form (SDDL). `InvalidInput` if it is none.
    pub(crate) fn from_sddl(sddl: &str) -> io::Result<Self> {
        let invalid = |cause: &dyn fmt::Display| {
            let text = format!("not a security descriptor in SDDL: {sddl:?}: {cause}");
            io::Error::new(io::ErrorKind::InvalidInput, text)
        };
        if sddl.is_empty() || sddl.contains('\0') {
            return Err(invalid(&"nothing in it, or a NUL"));
        }
        let wide: Vec<u16> = sddl.encode_utf16().chain([0]).collect();
        let (mut descriptor, none) = (ptr::null_mut(), ptr::null_mut());
        // SAFETY: the text ends with a NUL, and the out pointer is to a local.
        let converted = unsafe {
            ConvertStringSecurityDescriptorToSecurityDescriptorW(
                wide.as_ptr(),
                SDDL_REVISION_1,
                &mut descriptor,
                none,
            )
        };
        if converted == 0 {
            return Err(invalid(&io::Error::last_os_error()));
        }
        let descriptor = Local(descriptor);
        // SAFETY: the system has made a descriptor, which is alive until it is dropped.
        unsafe { Self::copy(descriptor.0) }
    }

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
    pub(super) fn of_pipe(
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
    pub(super) fn owner_of(pipe: BorrowedHandle<'_>) -> io::Result<Sid> {
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

    /// Its text form.
    pub(crate) fn to_sddl(&self) -> io::Result<String> {
        let (mut text, mut length) = (ptr::null_mut(), 0);
        // SAFETY: it is a valid descriptor, and the out pointers are to locals.
        let converted = unsafe {
            ConvertSecurityDescriptorToStringSecurityDescriptorW(
                self.as_ptr().cast_mut(),
                SDDL_REVISION_1,
                READABLE | SACL_SECURITY_INFORMATION,
                &mut text,
                &mut length,
            )
        };
        if converted == 0 {
            return Err(io::Error::last_os_error());
        }
        let text = Local(text.cast());
        // SAFETY: the system has made a text of that many units, which is alive until it is dropped.
        let units = unsafe { std::slice::from_raw_parts(text.0.cast::<u16>(), length as usize) };
        let end = units.iter().position(|&unit| unit == 0).unwrap_or(units.len());
        Ok(String::from_utf16_lossy(&units[..end]))
    }

    /// For SECURITY_ATTRIBUTES; valid as long as this is.
    pub(crate) fn as_ptr(&self) -> *const c_void {
        self.0.as_ptr().cast()
    }
}

impl fmt::Debug for Descriptor {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.to_sddl() {
            Ok(sddl) => f.write_str(&sddl),
            Err(error) => write!(f, "(a security descriptor without a text form: {error})"),
        }
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
