//! Errors as data: made where the system call failed, turned into a JavaScript error by
//! TypeScript alone.

use {
    local_socket::error::{NameError, os_error},
    napi_derive::napi,
    std::io,
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
    /// What was wrong, only where there is no errno.
    pub message: Option<String>,
}

impl Fault {
    /// An error of the core, met in `syscall`.
    pub fn new(syscall: &str, error: &io::Error) -> Self {
        let name_error = error.get_ref().and_then(|inner| inner.downcast_ref::<NameError>());
        let code = name_error.map(|name_error| match name_error {
            NameError::TooLong { .. } | NameError::LastPartTooLong { .. } => "ENAMETOOLONG",
            _ => "ERR_INVALID_ARG_VALUE",
        });
        Self {
            errno: if code.is_some() { 0 } else { negative_errno(error) },
            syscall: syscall.to_owned(),
            code: code.map(str::to_owned),
            message: code.map(|_| error.to_string()),
        }
    }
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
