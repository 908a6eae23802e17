//! Unix domain sockets.
//!
//! Differences between Unix systems are in the smallest functions of this folder and nowhere
//! above: `address`, `admission`, `creds`, `descriptors`, `file_system`, `folder`, `long_path`, `mode`,
//! `name`, `probe`, `rename`, `socket`, `tokio::timer`.

mod address;
mod admission;
#[cfg(any(target_os = "linux", target_os = "android"))]
mod apart;
mod bind;
mod connect;
mod connections;
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

pub use halves::{RecvHalf, SendHalf};
pub use listener::Listener;
#[cfg(any(target_os = "linux", target_os = "android"))]
pub use name::AbstractNsUdSocket;
pub use name::FilesystemUdSocket;
#[expect(deprecated, reason = "whoever names it is told, and it is exported all the same")]
pub use name::SpecialDirUdSocket;
pub use stream::Stream;
