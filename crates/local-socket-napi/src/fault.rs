//! Errors as data: made where the system call failed, turned into a JavaScript error by
//! TypeScript alone.

use {
    crate::peer::PeerFacts,
    local_socket::error::{AddressError, NameError, ServerNotAllowed, os_error},
    napi_derive::napi,
    std::{error::Error, io},
};

/// What went wrong, as data.
#[napi(object)]
pub struct Fault {
    /// The error as libuv numbers it (negative; on Unix the errno with its sign turned), or 0
    /// where the operating system was not asked.
    pub errno: i32,
    /// The operation that failed.
    pub syscall: String,
    /// A stable code, only where there is no errno.
    pub code: Option<String>,
    /// What was wrong, where the core says more than the system's error does.
    pub message: Option<String>,
    /// Who serves there, if that is what was wrong.
    pub server: Option<PeerFacts>,
}

impl Fault {
    /// An error of the core, met in `syscall`.
    pub fn new(syscall: &str, error: &io::Error) -> Self {
        let fault = Self {
            errno: negative_errno(error),
            syscall: syscall.to_owned(),
            code: None,
            message: None,
            server: None,
        };
        if let Some(name_error) = inside::<NameError>(error) {
            let code = match name_error {
                NameError::TooLong { .. } | NameError::LastPartTooLong { .. } => "ENAMETOOLONG",
                _ => "ERR_INVALID_ARG_VALUE",
            };
            let (code, message) = (Some(code.to_owned()), Some(error.to_string()));
            return Self { errno: 0, code, message, ..fault };
        }
        let server = ServerNotAllowed::of(error)
            .map(|refused| refused.creds().map(PeerFacts::from).unwrap_or_default());
        Self { message: own_words(error), server, ..fault }
    }
}

/// The error of that type that is inside of this one.
fn inside<E: Error + 'static>(error: &io::Error) -> Option<&E> {
    error.get_ref()?.downcast_ref()
}

/// What the core says about listening or connecting beyond the system's error, or in place of one.
fn own_words(error: &io::Error) -> Option<String> {
    let error = inside::<AddressError>(error)?;
    if let Some(advice) = error.advice() {
        return Some(advice.to_owned());
    }
    let cause = error.source()?.downcast_ref::<io::Error>()?.get_ref()?;
    Some(match error.limit() {
        Some(limit) => format!("{cause} (within {limit:?})"),
        None => cause.to_string(),
    })
}

/// The negative errno of an error.
pub fn negative_errno(error: &io::Error) -> i32 {
    let errno = os_error(error).map(rustix::io::Errno::from_raw_os_error);
    -errno.unwrap_or_else(|| without_number(error.kind())).raw_os_error()
}

/// The nearest errno for errors that the core or the standard library made themselves.
fn without_number(kind: io::ErrorKind) -> rustix::io::Errno {
    use rustix::io::Errno;
    match kind {
        io::ErrorKind::AddrInUse => Errno::ADDRINUSE,
        io::ErrorKind::ConnectionAborted => Errno::CONNABORTED,
        io::ErrorKind::PermissionDenied => Errno::ACCESS,
        io::ErrorKind::WouldBlock => Errno::AGAIN,
        io::ErrorKind::TimedOut => Errno::TIMEDOUT,
        io::ErrorKind::NotConnected => Errno::NOTCONN,
        io::ErrorKind::InvalidInput => Errno::INVAL,
        io::ErrorKind::Unsupported => Errno::NOTSUP,
        _ => Errno::IO,
    }
}

/// A count, or the negative errno, as one number. Counts beyond `i32::MAX` can't arise: the
/// kernel moves at most `0x7ffff000` bytes at once (read(2), write(2)).
pub fn count_or_errno(result: io::Result<usize>) -> i32 {
    match result {
        Ok(count) => i32::try_from(count).unwrap_or(i32::MAX),
        Err(error) => negative_errno(&error),
    }
}
