//! Names that only some systems have.

use {local_socket::Name, std::io};

/// There is no abstract namespace here.
pub fn to_abstract_name(_: &str) -> io::Result<Name<'_>> {
    Err(io::ErrorKind::Unsupported.into())
}

/// As `node:net` takes it: the pipe's path, which printing gives.
pub fn net_path(name: &Name<'_>) -> String {
    name.to_string()
}
