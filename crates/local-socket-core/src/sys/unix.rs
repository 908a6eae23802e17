//! Unix domain sockets.
//!
//! Differences between Unix systems are in the smallest functions of this folder and nowhere
//! above: `activation`, `address`, `admission`, `adopt`, `creds`, `descriptors`, `file_system`,
//! `folder`, `long_path`, `mode`, `name`, `own_name`, `probe`, `rename`, `socket`, `tokio::timer`.

pub(crate) mod activation;
mod address;
mod admission;
mod adopt;
#[cfg(any(target_os = "linux", target_os = "android"))]
mod apart;
mod bind;
mod connect;
mod creds;
mod descriptors;
mod file_system;
mod folder;
mod guarded;
mod halves;
mod io;
mod listen;
mod listener;
mod long_path;
mod made;
mod mode;
mod name;
mod overwrite;
mod own_name;
mod parents;
mod place;
mod probe;
mod reaper;
mod reclaim;
mod rename;
mod shared_folder;
mod socket;
mod sockopt;
mod stale;
mod stream;
#[cfg(feature = "tokio")]
pub(crate) mod tokio;

pub(crate) use adopt::{check, is_listener};
pub use halves::{RecvHalf, SendHalf};
pub use listener::Listener;
#[cfg(any(target_os = "linux", target_os = "android"))]
pub use name::AbstractNsUdSocket;
pub use name::FilesystemUdSocket;
#[expect(deprecated, reason = "whoever names it is told, and it is exported all the same")]
pub use name::SpecialDirUdSocket;
pub use stream::Stream;
