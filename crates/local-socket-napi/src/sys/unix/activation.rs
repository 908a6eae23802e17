//! Sockets that others opened: what a service manager passed, and descriptors by their numbers.

use {
    super::settings,
    crate::{
        activation::{PassedDescriptor, SocketName},
        admission::Refusals,
        name::{NameFacts, NameKind},
        reactor::Reactor,
        settings::ListenSettings,
    },
    local_socket::{Listener, activation},
    rustix::{
        io::{Errno, fcntl_getfd},
        net::{SocketAddrUnix, getsockname},
    },
    std::{
        io,
        os::fd::{BorrowedFd, FromRawFd, IntoRawFd, OwnedFd, RawFd},
        sync::Arc,
    },
};

/// Takes what a service manager passed to this process.
pub fn take_activated() -> io::Result<Vec<PassedDescriptor>> {
    Ok(activation::sockets()?.into_iter().map(PassedDescriptor::from).collect())
}

impl From<activation::ActivatedSocket> for PassedDescriptor {
    fn from(socket: activation::ActivatedSocket) -> Self {
        let (name, listens) = (socket.name().to_owned(), socket.is_listener());
        Self { name, fd: OwnedFd::from(socket).into_raw_fd(), listens }
    }
}

/// What the socket behind a descriptor is called, if a listener can be made of it.
pub fn socket_name(descriptor: RawFd) -> io::Result<SocketName> {
    let descriptor = borrow(descriptor)?;
    activation::check(descriptor)?;
    Ok(SocketName::from(SocketAddrUnix::try_from(getsockname(descriptor)?)?))
}

impl From<SocketAddrUnix> for SocketName {
    fn from(address: SocketAddrUnix) -> Self {
        if let Some(id) = abstract_id(&address) {
            let text = String::from_utf8_lossy(id).into_owned();
            // NULs in it are shown as /proc/net/unix shows them.
            let display = format!("@{}", text.replace('\0', "@"));
            let facts = NameFacts { display, net_path: format!("\0{text}") };
            return Self { kind: NameKind::Abstract, text, facts };
        }
        let text = String::from_utf8_lossy(address.path_bytes().unwrap_or_default()).into_owned();
        let facts = NameFacts { display: text.clone(), net_path: text.clone() };
        Self { kind: NameKind::Path, text, facts }
    }
}

#[cfg(any(target_os = "linux", target_os = "android"))]
fn abstract_id(address: &SocketAddrUnix) -> Option<&[u8]> {
    address.abstract_name()
}

#[cfg(not(any(target_os = "linux", target_os = "android")))]
fn abstract_id(_: &SocketAddrUnix) -> Option<&[u8]> {
    None
}

/// Listens on a descriptor; the endpoint's number. After an error it stays the caller's.
pub fn listen_on(
    reactor: &Reactor,
    descriptor: RawFd,
    settings: ListenSettings,
    refusals: Arc<Refusals>,
) -> io::Result<u32> {
    borrow(descriptor)?;
    // SAFETY: it is open, and JavaScript, which has no other way to say so, gives it away.
    let owned = unsafe { OwnedFd::from_raw_fd(descriptor) };
    let listener = settings::listen_on(owned, settings, &refusals).map_err(|error| {
        error.source.map(IntoRawFd::into_raw_fd);
        error.cause.unwrap_or_else(|| io::ErrorKind::Other.into())
    })?;
    reactor.insert_listener(listener, refusals).map_err(|(error, listener)| {
        if let Some(Listener::UdSocket(listener)) = listener {
            let _ = OwnedFd::from(listener).into_raw_fd();
        }
        error
    })
}

/// A descriptor by its number, if it is open.
fn borrow(descriptor: RawFd) -> io::Result<BorrowedFd<'static>> {
    if descriptor < 0 {
        return Err(Errno::BADF.into());
    }
    // SAFETY: the number isn't -1. Whether it is open, the kernel is asked first; JavaScript runs
    // on this thread, so it closes nothing before the caller is done.
    let borrowed = unsafe { BorrowedFd::borrow_raw(descriptor) };
    fcntl_getfd(borrowed)?;
    Ok(borrowed)
}
