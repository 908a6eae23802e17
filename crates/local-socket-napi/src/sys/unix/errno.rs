//! Errors as libuv numbers them on Unix: the errno with its sign turned.

use {
    local_socket::error::{ActivationError, DescriptorError, os_error},
    rustix::io::Errno,
    std::{error::Error, io},
};

/// The negative errno of an error.
pub fn negative_errno(error: &io::Error) -> i32 {
    let errno = os_error(error).map(Errno::from_raw_os_error);
    -errno.unwrap_or_else(|| nearest(error.kind())).raw_os_error()
}

/// Arguments of the wrong kind.
pub fn invalid() -> io::Error {
    Errno::INVAL.into()
}

/// A number that stands for nothing, or for the other kind of endpoint.
pub fn bad_id() -> io::Error {
    Errno::BADF.into()
}

/// The stable code of an error that only this system's part of the core makes.
pub fn code_of_ours(error: &(dyn Error + 'static)) -> Option<&'static str> {
    if error.is::<DescriptorError>() {
        Some("ERR_INVALID_ARG_VALUE")
    } else if error.is::<ActivationError>() {
        Some("ERR_LOCAL_SOCKET_ACTIVATION")
    } else {
        None
    }
}

/// The nearest errno for errors that the core or the standard library made themselves.
fn nearest(kind: io::ErrorKind) -> Errno {
    use io::ErrorKind;
    match kind {
        ErrorKind::WouldBlock => Errno::AGAIN,
        ErrorKind::TimedOut => Errno::TIMEDOUT,
        ErrorKind::NotConnected => Errno::NOTCONN,
        ErrorKind::InvalidInput => Errno::INVAL,
        ErrorKind::Unsupported => Errno::NOTSUP,
        ErrorKind::PermissionDenied => Errno::ACCESS,
        ErrorKind::NotFound => Errno::NOENT,
        ErrorKind::AlreadyExists => Errno::EXIST,
        ErrorKind::AddrInUse => Errno::ADDRINUSE,
        ErrorKind::ConnectionRefused => Errno::CONNREFUSED,
        ErrorKind::ConnectionReset => Errno::CONNRESET,
        ErrorKind::ConnectionAborted => Errno::CONNABORTED,
        ErrorKind::BrokenPipe => Errno::PIPE,
        ErrorKind::OutOfMemory => Errno::NOMEM,
        _ => Errno::IO,
    }
}
