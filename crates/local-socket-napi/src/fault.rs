//! Errors as data: made where the system call failed, turned into a JavaScript error by
//! TypeScript alone.

use {
    local_socket::error::{AddressError, NameError, os_error},
    napi_derive::napi,
    rustix::io::Errno,
    std::{error::Error, io},
};

/// What went wrong, as data.
#[napi(object)]
pub struct Fault {
    /// The error as libuv numbers it (negative; on Unix the errno with its sign turned), the
    /// nearest one where the operating system gave none, or 0 where a name is wrong.
    pub errno: i32,
    /// The operation that failed.
    pub syscall: String,
    /// A stable code, only where the operating system gave no errno.
    pub code: Option<String>,
    /// What was wrong, only where the operating system gave no errno.
    pub message: Option<String>,
}

impl Fault {
    /// An error of the core, met in `syscall`.
    pub fn new(syscall: &str, error: &io::Error) -> Self {
        let inner = error.get_ref();
        if let Some(name_error) = inner.and_then(|inner| inner.downcast_ref::<NameError>()) {
            let code = match name_error {
                NameError::TooLong { .. } => "ENAMETOOLONG",
                _ => "ERR_INVALID_ARG_VALUE",
            };
            return Self::without_errno(0, syscall, code, error.to_string());
        }
        let errno = negative_errno(error);
        // The core's own words say more than those of the errno nearest to them.
        match inner.filter(|_| os_error(error).is_none()) {
            None => Self { errno, syscall: syscall.to_owned(), code: None, message: None },
            Some(words) => {
                let (_, code) = nearest(error.kind());
                let (place, words) = place_and_words(words);
                let message = format!("{syscall} {code}{place}: {words}");
                Self::without_errno(errno, syscall, code, message)
            }
        }
    }

    fn without_errno(errno: i32, syscall: &str, code: &str, message: String) -> Self {
        let (syscall, code) = (syscall.to_owned(), Some(code.to_owned()));
        Self { errno, syscall, code, message: Some(message) }
    }
}

/// The name where it failed, behind a space, and what was wrong there.
fn place_and_words(error: &(dyn Error + Send + Sync + 'static)) -> (String, String) {
    match error.downcast_ref::<AddressError>() {
        None => (String::new(), error.to_string()),
        Some(address) => {
            let cause = address.source().map_or_else(String::new, ToString::to_string);
            (format!(" {}", address.name()), cause)
        }
    }
}

/// The negative errno of an error.
pub fn negative_errno(error: &io::Error) -> i32 {
    let errno = os_error(error).map(Errno::from_raw_os_error);
    -errno.unwrap_or_else(|| nearest(error.kind()).0).raw_os_error()
}

/// The nearest errno, and its name, for errors that the core or the standard library made
/// themselves.
fn nearest(kind: io::ErrorKind) -> (Errno, &'static str) {
    use io::ErrorKind;
    match kind {
        ErrorKind::WouldBlock => (Errno::AGAIN, "EAGAIN"),
        ErrorKind::TimedOut => (Errno::TIMEDOUT, "ETIMEDOUT"),
        ErrorKind::NotConnected => (Errno::NOTCONN, "ENOTCONN"),
        ErrorKind::InvalidInput => (Errno::INVAL, "EINVAL"),
        ErrorKind::Unsupported => (Errno::NOTSUP, "ENOTSUP"),
        ErrorKind::PermissionDenied => (Errno::ACCESS, "EACCES"),
        ErrorKind::NotFound => (Errno::NOENT, "ENOENT"),
        ErrorKind::AlreadyExists => (Errno::EXIST, "EEXIST"),
        ErrorKind::AddrInUse => (Errno::ADDRINUSE, "EADDRINUSE"),
        ErrorKind::ConnectionRefused => (Errno::CONNREFUSED, "ECONNREFUSED"),
        ErrorKind::ConnectionReset => (Errno::CONNRESET, "ECONNRESET"),
        ErrorKind::ConnectionAborted => (Errno::CONNABORTED, "ECONNABORTED"),
        ErrorKind::BrokenPipe => (Errno::PIPE, "EPIPE"),
        ErrorKind::OutOfMemory => (Errno::NOMEM, "ENOMEM"),
        _ => (Errno::IO, "EIO"),
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

#[cfg(test)]
mod tests {
    use super::*;
    use local_socket::{ConnectOptions, GenericFilePath, Name, ToFsName, ToNsName};
    use std::{fs, os::unix::fs::symlink, process};

    fn parts(fault: &Fault) -> (i32, Option<&str>, Option<&str>) {
        (fault.errno, fault.code.as_deref(), fault.message.as_deref())
    }

    fn connect(name: Name<'_>) -> Fault {
        let error = ConnectOptions::new().name(name).connect_sync().expect_err("nobody listens");
        Fault::new("connect", &error)
    }

    #[test]
    fn what_the_system_says_crosses_as_its_number_alone() {
        let fault = connect("/missing/s".to_fs_name::<GenericFilePath>().unwrap());
        assert_eq!(parts(&fault), (-Errno::NOENT.raw_os_error(), None, None));
    }

    #[test]
    fn what_the_core_refuses_crosses_with_the_nearest_number_and_its_reason() {
        let id = format!("local-socket-fault-{}", process::id());
        let path = format!("/tmp/{id}");
        symlink("/missing", &path).unwrap();
        #[expect(deprecated, reason = "the kind of name that the core looks at most closely")]
        let name = id.to_ns_name::<local_socket::os::unix::SpecialDirUdSocket>().unwrap();
        let fault = connect(name);
        fs::remove_file(&path).unwrap();
        let message = format!("connect EACCES {path}: {path:?} is a symlink");
        let expected = (-Errno::ACCESS.raw_os_error(), Some("EACCES"), Some(&*message));
        assert_eq!(parts(&fault), expected);
    }

    #[test]
    fn a_kind_without_a_number_has_the_one_that_the_standard_library_reads_as_that_kind() {
        use io::ErrorKind;
        for kind in [
            ErrorKind::WouldBlock,
            ErrorKind::TimedOut,
            ErrorKind::NotConnected,
            ErrorKind::InvalidInput,
            ErrorKind::Unsupported,
            ErrorKind::PermissionDenied,
            ErrorKind::NotFound,
            ErrorKind::AlreadyExists,
            ErrorKind::AddrInUse,
            ErrorKind::ConnectionRefused,
            ErrorKind::ConnectionReset,
            ErrorKind::ConnectionAborted,
            ErrorKind::BrokenPipe,
            ErrorKind::OutOfMemory,
        ] {
            let errno = negative_errno(&kind.into());
            assert_eq!(io::Error::from_raw_os_error(-errno).kind(), kind);
            assert_eq!(parts(&Fault::new("read", &kind.into())), (errno, None, None));
        }
        assert_eq!(negative_errno(&io::ErrorKind::Other.into()), -Errno::IO.raw_os_error());
    }
}
