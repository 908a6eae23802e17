//! The one place where the system is chosen. Each system's folder offers the same items:
//! `Listener`, `Stream`, `RecvHalf`, `SendHalf` and the rules for names.

#[cfg(unix)]
pub(crate) mod unix;
#[cfg(windows)]
pub(crate) mod windows;

#[cfg(unix)]
pub(crate) use unix as current;
#[cfg(windows)]
pub(crate) use windows as current;

#[cfg(not(any(unix, windows)))]
compile_error!("local-socket-core runs on Unix systems and Windows only");
