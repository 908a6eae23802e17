//! Sockets that others opened: what a service manager passed, and descriptors by their numbers.

use {
    crate::{
        admission::Refusals,
        api::Poller,
        fault::Fault,
        name::{NameFacts, NameKind},
        settings::{self, ListenSettings},
    },
    local_socket::{Listener, activation},
    napi::bindgen_prelude::Either,
    napi_derive::napi,
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

/// A descriptor that a service manager passed. It is JavaScript's to use and to close.
#[napi(object)]
pub struct PassedDescriptor {
    /// What the manager calls it.
    pub name: String,
    /// Its number.
    pub fd: i32,
    /// Whether it is a Unix domain stream socket that listens.
    pub listens: bool,
}

/// Takes what a service manager passed to this process; nothing once it gave something.
#[napi]
pub fn take_activated() -> Either<Vec<PassedDescriptor>, Fault> {
    match activation::sockets() {
        Ok(sockets) => Either::A(sockets.into_iter().map(PassedDescriptor::from).collect()),
        Err(error) => Either::B(Fault::new("activated", &error)),
    }
}

impl From<activation::ActivatedSocket> for PassedDescriptor {
    fn from(socket: activation::ActivatedSocket) -> Self {
        let (name, listens) = (socket.name().to_owned(), socket.is_listener());
        Self { name, fd: OwnedFd::from(socket).into_raw_fd(), listens }
    }
}

/// What a socket is called by the system.
#[napi(object)]
pub struct SocketName {
    /// Which kind of name that is.
    pub kind: NameKind,
    /// What such a name is made of.
    pub text: String,
    /// How it is shown.
    pub facts: NameFacts,
}

/// What the socket behind a descriptor is called, if a listener can be made of it.
#[napi]
pub fn socket_name(descriptor: i32) -> Either<SocketName, Fault> {
    let name = || {
        let descriptor = borrow(descriptor)?;
        activation::check(descriptor)?;
        Ok(SocketName::from(SocketAddrUnix::try_from(getsockname(descriptor)?)?))
    };
    match name() {
        Ok(name) => Either::A(name),
        Err(error) => Either::B(Fault::new("listen", &error)),
    }
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

#[napi]
impl Poller {
    /// Listens on a descriptor; the endpoint's id. It is the endpoint's from then on, and stays the
    /// caller's after a fault.
    #[napi]
    pub fn listen_on(&self, descriptor: i32, settings: ListenSettings) -> Either<u32, Fault> {
        match self.adopt(descriptor, settings) {
            Ok(id) => Either::A(id),
            Err(error) => Either::B(Fault::new("listen", &error)),
        }
    }

    fn adopt(&self, descriptor: RawFd, settings: ListenSettings) -> io::Result<u32> {
        borrow(descriptor)?;
        // SAFETY: it is open, and JavaScript, which has no other way to say so, gives it away.
        let owned = unsafe { OwnedFd::from_raw_fd(descriptor) };
        let refusals = Arc::<Refusals>::default();
        let listener = settings::listen_on(owned, settings, &refusals).map_err(|error| {
            error.source.map(IntoRawFd::into_raw_fd);
            error.cause.unwrap_or_else(|| io::ErrorKind::Other.into())
        })?;
        self.reactor.insert_listener(listener, refusals).map_err(|(error, listener)| {
            if let Some(Listener::UdSocket(listener)) = listener {
                let _ = OwnedFd::from(listener).into_raw_fd();
            }
            error
        })
    }
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
