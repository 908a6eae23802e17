//! What a connection is to be like.

use super::ConnectWaitMode;
use crate::{admission::Allow, name::Name, try_clone::TryClone};
use std::io;

/// What a connection is to be like. A name is needed; the rest has defaults. May be used again.
///
/// Unix systems offer more in [`os::unix::ConnectOptionsExt`](crate::os::unix::ConnectOptionsExt).
#[derive(Debug)]
pub struct ConnectOptions<'n> {
    pub(crate) name: Option<Name<'n>>,
    pub(crate) wait_mode: ConnectWaitMode,
    pub(crate) nonblocking_stream: bool,
    #[cfg(unix)]
    pub(crate) receive_descriptors: bool,
    pub(crate) server: Option<Allow>,
}

impl<'n> ConnectOptions<'n> {
    /// Options with nothing but defaults.
    #[must_use]
    pub fn new() -> Self {
        Self {
            name: None,
            wait_mode: ConnectWaitMode::Unbounded,
            nonblocking_stream: false,
            #[cfg(unix)]
            receive_descriptors: true,
            server: None,
        }
    }

    /// Whom to connect to. There is no default: without a name, connecting fails with
    /// [`InvalidInput`](std::io::ErrorKind::InvalidInput).
    #[must_use]
    pub fn name(self, name: Name<'n>) -> Self {
        Self { name: Some(name), ..self }
    }

    /// How long to wait when the listener's backlog is full. Default:
    /// [`Unbounded`](ConnectWaitMode::Unbounded), for as long as it takes; not at all with
    /// [`Deferred`](ConnectWaitMode::Deferred). Only Linux and Windows let clients wait; macOS and
    /// the BSDs refuse them. Whoever waits is let in in turn, on Windows when nobody else is
    /// quicker, so a listener that others flood is reached late.
    #[must_use]
    pub fn wait_mode(self, wait_mode: ConnectWaitMode) -> Self {
        Self { wait_mode, ..self }
    }

    /// Whether the stream's reads and writes fail with
    /// [`WouldBlock`](std::io::ErrorKind::WouldBlock) rather than wait. Default: `false`. Says
    /// nothing about connecting itself; that is [`wait_mode`](Self::wait_mode). Ignored on tokio,
    /// where no stream blocks.
    #[must_use]
    pub fn nonblocking_stream(self, nonblocking: bool) -> Self {
        Self { nonblocking_stream: nonblocking, ..self }
    }

    /// Who must be serving, judged once connected and before anything is sent, by the kernel's word
    /// ([`PeerCreds`](crate::PeerCreds)). Default: [`anyone`](Allow::anyone), which is also how to
    /// turn it off.
    ///
    /// So whoever takes a name before its server does can deny it, but not impersonate the server.
    /// The user is that of the moment of `listen()`: a daemon that opened its listener as root and
    /// then dropped its privileges is root, and so is what systemd listens for, until the daemon
    /// calls listen(2) again. On Windows it is the owner of the pipe, who is the user that made it
    /// unless the server's descriptor or, for an elevated program, the system says otherwise. An
    /// owner that can't be read is unknown.
    ///
    /// # Errors
    /// [`PermissionDenied`](std::io::ErrorKind::PermissionDenied) with a
    /// [`ServerNotAllowed`](crate::error::ServerNotAllowed) within, whose text says who serves and
    /// which rule would let it. The connection is closed; the server may have seen a client that
    /// left at once.
    #[must_use]
    pub fn server(self, server: Allow) -> Self {
        Self { server: Some(server), ..self }
    }
}

impl Default for ConnectOptions<'_> {
    fn default() -> Self {
        Self::new()
    }
}

impl TryClone for ConnectOptions<'_> {
    fn try_clone(&self) -> io::Result<Self> {
        Ok(Self { name: self.name.clone(), server: self.server.clone(), ..*self })
    }
}
