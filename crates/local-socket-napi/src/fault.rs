//! Errors as data: made where the system call failed, turned into a JavaScript error by
//! TypeScript alone.

use {
    crate::peer::PeerFacts,
    local_socket::error::{
        ActivationError, AddressError, DescriptorError, NameError, ServerNotAllowed, os_error,
    },
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
            return Self::of_ours(fault, code, error);
        }
        if inside::<DescriptorError>(error).is_some() {
            return Self::of_ours(fault, "ERR_INVALID_ARG_VALUE", error);
        }
        if inside::<ActivationError>(error).is_some() {
            return Self::of_ours(fault, "ERR_LOCAL_SOCKET_ACTIVATION", error);
        }
        let server = ServerNotAllowed::of(error)
            .map(|refused| refused.creds().map(PeerFacts::from).unwrap_or_default());
        Self { message: own_words(error), server, ..fault }
    }

    fn of_ours(fault: Self, code: &str, error: &io::Error) -> Self {
        let (code, message) = (Some(code.to_owned()), Some(error.to_string()));
        Self { errno: 0, code, message, ..fault }
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
    Some(cause.to_string())
}

/// The negative errno of an error.
pub fn negative_errno(error: &io::Error) -> i32 {
    let errno = os_error(error).map(Errno::from_raw_os_error);
    -errno.unwrap_or_else(|| nearest(error.kind())).raw_os_error()
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
        let message = format!("{path:?} is a symlink");
        let expected = (-Errno::ACCESS.raw_os_error(), None, Some(&*message));
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
