//! Local sockets: streams of bytes between processes of one machine, reached by a name.
//!
//! On Unix these are Unix domain sockets. The interface is that of the `local_socket` module of
//! [interprocess](https://docs.rs/interprocess/2.4), so a program that uses it compiles after its
//! import path has been replaced. Bytes are sent exactly as given: nothing is framed, nothing is
//! prepended, and a peer that uses plain sockets can't tell the difference.
//!
//! ```no_run
//! use local_socket::{ConnectOptions, GenericNamespaced, ListenerOptions, prelude::*};
//! use std::io::{Read, Write};
//!
//! # fn main() -> std::io::Result<()> {
//! let name = "my-app.sock".to_ns_name::<GenericNamespaced>()?;
//! let listener = ListenerOptions::new().name(name.borrow()).create_sync()?;
//!
//! let mut client = ConnectOptions::new().name(name).connect_sync()?;
//! let mut server = listener.accept()?;
//! client.write_all(b"hello")?;
//! client.shutdown_write()?;
//! let mut heard = String::new();
//! server.read_to_string(&mut heard)?;
//! # Ok(())
//! # }
//! ```
//!
//! [`framed`] sends messages over such a stream, or any other.
//!
//! # What differs from interprocess
//! - A [`Name`] is checked when it is made and can be printed.
//! - A listener removes only the very file that it made.
//! - Connecting with a time limit never returns a stream that isn't connected.
//! - A listener or connection without a name is an error rather than a random address.
//! - Beyond its interface: [`Stream::try_read`], [`Stream::try_write`], [`Stream::shutdown_write`],
//!   [`Listener::try_accept`], `backlog`, and
//!   [`receive_descriptors`](os::unix::ListenerOptionsExt::receive_descriptors).

/// This crate itself, under the path that its module has in interprocess, so that
/// `interprocess::local_socket::…` stays as it is where only the dependency is replaced:
/// `interprocess = { package = "local-socket-core", … }`.
///
/// The crate and not a module with the same items: `use local_socket::*;` brings this name in, which
/// has to mean the same then.
pub extern crate self as local_socket;

pub mod bound_util;
mod creds;
pub mod error;
pub mod framed;
mod listener;
mod name;
mod options;
pub mod os;
pub mod prelude;
mod sealed;
mod stream;
mod sys;
#[cfg(feature = "tokio")]
pub mod tokio;
pub mod traits;
mod try_clone;

pub use creds::PeerCreds;
pub use listener::Listener;
pub use name::{
    GenericFilePath, GenericNamespaced, Name, NameType, NamespacedNameType, PathNameType, ToFsName,
    ToNsName,
};
pub use options::{ConnectOptions, ConnectWaitMode, ListenerNonblockingMode, ListenerOptions};
pub use stream::{RecvHalf, ReuniteError, ReuniteResult, SendHalf, Stream};
pub use traits::listener::Incoming;
pub use try_clone::TryClone;
