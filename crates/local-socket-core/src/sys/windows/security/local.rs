//! What the system allocates and leaves to the caller to free.

use std::ffi::c_void;
use windows_sys::Win32::Foundation::LocalFree;

/// Memory of the local heap, freed when it is dropped.
pub(super) struct Local(pub(super) *mut c_void);

impl Drop for Local {
    fn drop(&mut self) {
        // SAFETY: the system has allocated it for the caller, and this is its one owner.
        unsafe { LocalFree(self.0) };
    }
}
