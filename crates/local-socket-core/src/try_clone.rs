//! Cloning that may fail.

// Its pipes and security descriptors, which are re-exported, have this trait and no other.
#[cfg(windows)]
pub use interprocess::TryClone;
#[cfg(unix)]
use std::io;

/// Cloning that may fail, as duplicating a descriptor does when there are none left.
///
/// Everything that is [`Clone`] has it for free and never fails.
#[cfg(unix)]
pub trait TryClone: Sized {
    /// Makes a second value that can be used in place of this one.
    ///
    /// # Errors
    /// Whatever the system says; for descriptors `EMFILE` when the process has too many.
    fn try_clone(&self) -> io::Result<Self>;
}

#[cfg(unix)]
impl<T: Clone> TryClone for T {
    fn try_clone(&self) -> io::Result<Self> {
        Ok(self.clone())
    }
}
