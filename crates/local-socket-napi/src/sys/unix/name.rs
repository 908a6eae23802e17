//! Names that only some systems have.

use {local_socket::Name, std::io};

/// A name of Linux's abstract namespace.
#[cfg(any(target_os = "linux", target_os = "android"))]
pub fn to_abstract_name(text: &str) -> io::Result<Name<'_>> {
    use local_socket::ToNsName;
    text.to_ns_name::<local_socket::os::unix::AbstractNsUdSocket>()
}

/// There are none here.
#[cfg(not(any(target_os = "linux", target_os = "android")))]
pub fn to_abstract_name(_: &str) -> io::Result<Name<'_>> {
    Err(io::ErrorKind::Unsupported.into())
}

/// As `node:net` takes it.
pub fn net_path(name: &Name<'_>) -> String {
    match name.as_namespaced() {
        Some(id) => format!("\0{}", id.to_string_lossy()),
        None => name.to_string(),
    }
}
