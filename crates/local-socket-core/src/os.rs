//! What single systems have on top.

#[cfg(unix)]
pub mod unix;
#[cfg(windows)]
pub mod windows;
