//! Sockets that others opened: what a service manager passed, and descriptors by their numbers.

use {
    crate::{
        admission::Refusals,
        api::Poller,
        fault::Fault,
        name::{NameFacts, NameKind},
        settings::ListenSettings,
        sys,
    },
    napi::bindgen_prelude::Either,
    napi_derive::napi,
    std::sync::Arc,
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

/// Takes what a service manager passed to this process; nothing once it gave something. On Windows
/// a fault with `ENOTSUP`.
#[napi]
pub fn take_activated() -> Either<Vec<PassedDescriptor>, Fault> {
    match sys::take_activated() {
        Ok(sockets) => Either::A(sockets),
        Err(error) => Either::B(Fault::new("activated", &error)),
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
    match sys::socket_name(descriptor) {
        Ok(name) => Either::A(name),
        Err(error) => Either::B(Fault::new("listen", &error)),
    }
}

#[napi]
impl Poller {
    /// Listens on a descriptor; the endpoint's id. It is the endpoint's from then on, and stays the
    /// caller's after a fault.
    #[napi]
    pub fn listen_on(&self, descriptor: i32, settings: ListenSettings) -> Either<u32, Fault> {
        let refusals = Arc::<Refusals>::default();
        match sys::listen_on(&self.reactor, descriptor, settings, refusals) {
            Ok(id) => Either::A(id),
            Err(error) => Either::B(Fault::new("listen", &error)),
        }
    }
}
