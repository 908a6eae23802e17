//! The one place where the system is chosen, drivers (`poller.rs`) and wake-ups (`wake.rs`) aside.
//! Each system's folder offers the same items.

#[cfg(unix)]
mod unix;
#[cfg(windows)]
mod windows;

#[cfg(unix)]
pub use unix::*;
#[cfg(windows)]
pub use windows::*;
