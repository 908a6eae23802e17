//! The one place where the system is chosen. Each system's folder offers the same items:
//! `Listener`, `Stream`, `RecvHalf`, `SendHalf` and the rules for names.

#[cfg(unix)]
pub(crate) mod unix;
#[cfg(unix)]
pub(crate) use unix as current;

#[cfg(not(unix))]
compile_error!("local-socket-core runs on Unix systems only");
