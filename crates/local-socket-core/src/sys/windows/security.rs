//! Security descriptors: who may open a pipe, and whose it is.

use crate::admission::Allow;
use std::{io, ptr, sync::Arc};

/// A self-relative security descriptor, as the system takes it.
#[derive(Clone, Debug)]
pub(crate) struct Descriptor(Arc<[u8]>);

impl Descriptor {
    /// From its text form (SDDL).
    pub(crate) fn from_sddl(_sddl: &str) -> io::Result<Self> {
        unimplemented!()
    }

    /// What the rules say, as far as a descriptor can say it. Where nobody asked for rules, the
    /// default: the same user, the system and administrators.
    pub(crate) fn from_allow(_allow: Option<&Allow>) -> io::Result<Self> {
        unimplemented!()
    }

    /// For SECURITY_ATTRIBUTES; valid as long as this is.
    pub(crate) fn as_ptr(&self) -> *const core::ffi::c_void {
        if self.0.is_empty() { ptr::null() } else { self.0.as_ptr().cast() }
    }
}
