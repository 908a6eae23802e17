//! Asking the kernel who is on the other end.

#[cfg(not(any(target_os = "linux", target_os = "android")))]
mod elsewhere;
#[cfg(any(target_os = "linux", target_os = "android"))]
mod linux;
#[cfg(any(target_os = "linux", target_os = "android"))]
mod mapped;

#[cfg(not(any(target_os = "linux", target_os = "android")))]
use elsewhere as imp;
#[cfg(any(target_os = "linux", target_os = "android"))]
use linux as imp;

pub(super) use imp::{known_user, peer_creds, peer_groups, peer_is_running, peer_pidfd};
