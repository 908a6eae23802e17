//! Nobody passes sockets to a process here: a pipe's instances belong to the one that made them.

use {
    crate::{
        activation::{PassedDescriptor, SocketName},
        admission::Refusals,
        reactor::Reactor,
        settings::ListenSettings,
    },
    std::{io, sync::Arc},
};

/// `Unsupported`.
pub fn take_activated() -> io::Result<Vec<PassedDescriptor>> {
    Err(io::ErrorKind::Unsupported.into())
}

/// `Unsupported`.
pub fn socket_name(_descriptor: i32) -> io::Result<SocketName> {
    Err(io::ErrorKind::Unsupported.into())
}

/// `Unsupported`.
pub fn listen_on(
    _reactor: &Reactor,
    _descriptor: i32,
    _settings: ListenSettings,
    _refusals: Arc<Refusals>,
) -> io::Result<u32> {
    Err(io::ErrorKind::Unsupported.into())
}
