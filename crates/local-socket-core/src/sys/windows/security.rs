//! Security descriptors: who may open a pipe, and whose it is.

mod copy;
mod local;
mod rules;

pub(super) use self::rules::can_be_said;

#[cfg(test)]
mod tests;

use self::local::Local;
use crate::options::ListenerOptions;
use std::{ffi::c_void, fmt, io, ptr, sync::Arc};
use windows_sys::Win32::Security::{
    Authorization::{
        ConvertSecurityDescriptorToStringSecurityDescriptorW,
        ConvertStringSecurityDescriptorToSecurityDescriptorW, SDDL_REVISION_1,
    },
    DACL_SECURITY_INFORMATION, GROUP_SECURITY_INFORMATION, LABEL_SECURITY_INFORMATION,
    OBJECT_SECURITY_INFORMATION, OWNER_SECURITY_INFORMATION, SACL_SECURITY_INFORMATION,
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
