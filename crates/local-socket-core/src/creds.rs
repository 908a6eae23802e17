//! Who is on the other end, by the kernel's word.

#[cfg(unix)]
mod unix;
#[cfg(windows)]
mod windows;

#[cfg(any(target_vendor = "apple", target_os = "freebsd", target_os = "dragonfly"))]
pub(crate) use unix::Groups;
#[cfg(unix)]
pub use unix::PeerCreds;
#[cfg(windows)]
pub use windows::PeerCreds;
