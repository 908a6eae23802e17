//! Names as they cross: a kind and a string; the rules are the core's.

use {
    crate::{fault::Fault, sys},
    local_socket::{GenericFilePath, GenericNamespaced, Name, ToFsName, ToNsName},
    napi::bindgen_prelude::Either,
    napi_derive::napi,
    std::io,
};

/// Which of the core's name types maps the string.
#[napi(string_enum = "lowercase")]
pub enum NameKind {
    /// `GenericFilePath`
    Path,
    /// `GenericNamespaced`
    Namespaced,
    /// `AbstractNsUdSocket`; elsewhere than on Linux a fault with `ENOTSUP`.
    Abstract,
}

/// What there is to know of a valid name.
#[napi(object)]
pub struct NameFacts {
    /// For people: the path, or `@id` for the abstract namespace.
    pub display: String,
    /// For `node:net`: the path, or `\0id`.
    pub net_path: String,
}

/// The core's name for a string.
pub fn to_name(kind: NameKind, text: &str) -> io::Result<Name<'_>> {
    match kind {
        NameKind::Path => text.to_fs_name::<GenericFilePath>(),
        NameKind::Namespaced => text.to_ns_name::<GenericNamespaced>(),
        NameKind::Abstract => sys::to_abstract_name(text),
    }
}

/// Checks a name by the rules of this operating system.
#[napi]
pub fn check_name(kind: NameKind, text: String) -> Either<NameFacts, Fault> {
    match to_name(kind, &text) {
        Ok(name) => {
            Either::A(NameFacts { display: name.to_string(), net_path: sys::net_path(&name) })
        }
        Err(error) => Either::B(Fault::new("name", &error)),
    }
}
