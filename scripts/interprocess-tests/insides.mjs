// The source of the library that the tests are part of.

/** What they use of interprocess's insides; the rest of what it has is public. */
export const insides = `//! Interprocess's tests and what they use of its insides.
#![allow(dead_code, reason = "each system uses its own part")]

macro_rules! offset_of {
    ($($field:tt)*) => { ::std::mem::offset_of!($($field)*) };
}

#[cfg(unix)]
pub use interprocess::os;
pub use interprocess::{ConnectWaitMode, TryClone, local_socket};

#[cfg(windows)]
pub mod os {
    pub mod windows {
        pub use interprocess::os::windows::local_socket;

        pub mod security_descriptor {
            pub use interprocess::os::windows::security_descriptor::*;

            /// Frees nothing, which a test can afford.
            pub(crate) struct LocalBox(*mut std::ffi::c_void);

            impl LocalBox {
                pub(crate) unsafe fn from_raw(raw: *mut std::ffi::c_void) -> Self {
                    Self(raw)
                }

                pub(crate) fn as_ptr(&self) -> *const std::ffi::c_void {
                    self.0
                }
            }
        }

        pub(crate) mod winprelude {
            pub(crate) use std::os::windows::prelude::*;
        }
    }
}

pub(crate) trait BoolExt {
    fn to_usize(self) -> usize;
}

impl BoolExt for bool {
    fn to_usize(self) -> usize {
        self.into()
    }
}

pub(crate) trait SubUsizeExt {
    fn to_usize(self) -> usize;
}

impl SubUsizeExt for u8 {
    fn to_usize(self) -> usize {
        self.into()
    }
}

impl SubUsizeExt for u32 {
    fn to_usize(self) -> usize {
        self.try_into().expect("a usize of 32 bits at least")
    }
}

pub(crate) trait OrErrno<T> {
    fn true_val_or_errno(self, value: T) -> std::io::Result<T>;
}

impl<T> OrErrno<T> for bool {
    fn true_val_or_errno(self, value: T) -> std::io::Result<T> {
        if self { Ok(value) } else { Err(std::io::Error::last_os_error()) }
    }
}

pub(crate) fn cold_path() {}

pub(crate) fn aborting_panic(_: &str) -> ! {
    std::process::abort()
}

#[cfg(test)]
#[path = "../tests/index.rs"]
mod tests;
`
