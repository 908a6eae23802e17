//! The error of listening or connecting, with the name.

use super::{NameError, advice::Advised};
use crate::name::Name;
use std::{
    error::Error,
    fmt::{self, Write as _},
    io,
    time::Duration,
};

/// What was being done with a name.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum Operation {
    /// Creating a listener.
    Listen,
    /// Connecting.
    Connect,
}

/// Listening or connecting failed: says at which name, and within what time if that was the reason.
///
/// It arrives inside an [`io::Error`] of the kind that the system's error has. Its
/// [`source`](Error::source) is the system's error; [`os_error`] finds the number there.
///
/// ```no_run
/// use local_socket::{ConnectOptions, error::{AddressError, os_error}};
///
/// # fn connect(options: ConnectOptions<'_>) {
/// if let Err(error) = options.connect_sync() {
///     // connect to /run/my-app.sock: No such file or directory (os error 2)
///     // connect to \\.\pipe\my-app: The system cannot find the file specified. (os error 2)
///     eprintln!("{error}");
///     let number = os_error(&error);
///     let cause = error.get_ref().and_then(|cause| cause.downcast_ref::<AddressError>());
///     let name = cause.map(AddressError::name);
/// }
/// # }
/// ```
#[derive(Debug)]
pub struct AddressError {
    operation: Operation,
    name: Name<'static>,
    limit: Option<Duration>,
    cause: io::Error,
}

impl AddressError {
    /// The cause with the name and the time limit around it, of the same kind. An error about a
    /// name says all that already and stays as it is.
    pub(crate) fn wrap(
        operation: Operation,
        name: &Name<'_>,
        limit: Option<Duration>,
        cause: io::Error,
    ) -> io::Error {
        if cause.get_ref().is_some_and(|inner| inner.is::<NameError>() || inner.is::<Self>()) {
            return cause;
        }
        let kind = cause.kind();
        // Callers pass the limit that there was; it is told only if it was hit.
        let limit = limit.filter(|_| kind == io::ErrorKind::TimedOut);
        let name = name.borrow().into_owned();
        io::Error::new(kind, Self { operation, name, limit, cause })
    }

    /// What was being done.
    #[must_use]
    pub fn operation(&self) -> Operation {
        self.operation
    }

    /// The name where it was being done.
    #[must_use]
    pub fn name(&self) -> &Name<'static> {
        &self.name
    }

    /// The time limit, if it is the reason: the kind is [`TimedOut`](io::ErrorKind::TimedOut).
    #[must_use]
    pub fn limit(&self) -> Option<Duration> {
        self.limit
    }

    /// What the system's error doesn't say: why the name couldn't be taken over, and what to do
    /// about it. It is part of the text of this error. `None` where the system's error says all.
    #[must_use]
    pub fn advice(&self) -> Option<&str> {
        Advised::within(&self.cause).map(Advised::advice)
    }

    /// The system's number for the error, if it has one.
    #[must_use]
    pub fn os_error(&self) -> Option<i32> {
        let within = || Advised::within(&self.cause).and_then(Advised::number);
        self.cause.raw_os_error().or_else(within)
    }
}

/// Text with its control characters escaped, so that a name can't begin a line of its own in a log.
struct OnOneLine<T>(T);

impl<T: fmt::Display> fmt::Display for OnOneLine<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for character in self.0.to_string().chars() {
            if character.is_control() {
                write!(f, "{}", character.escape_default())?;
            } else {
                f.write_char(character)?;
            }
        }
        Ok(())
    }
}

impl fmt::Display for AddressError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let name = OnOneLine(&self.name);
        match (self.operation, self.limit) {
            (Operation::Listen, None) => write!(f, "listen at {name}: {}", self.cause),
            (Operation::Connect, None) => write!(f, "connect to {name}: {}", self.cause),
            (Operation::Listen, Some(limit)) => {
                write!(f, "listen at {name}: {} (within {limit:?})", self.cause)
            }
            // The system's words would speak of a connection that has timed out, and there was
            // none.
            (Operation::Connect, Some(limit)) => {
                write!(f, "connect to {name}: nobody took the connection within {limit:?}")
            }
        }
    }
}

impl Error for AddressError {
    fn source(&self) -> Option<&(dyn Error + 'static)> {
        Some(&self.cause)
    }
}

/// The system's number of an error: its own ([`raw_os_error`](io::Error::raw_os_error)), or that of
/// the [`AddressError`] within. `None` where the error isn't the system's.
#[must_use]
pub fn os_error(error: &io::Error) -> Option<i32> {
    error.raw_os_error().or_else(|| {
        error.get_ref().and_then(|inner| inner.downcast_ref::<AddressError>())?.os_error()
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::io::ErrorKind;

    #[cfg(unix)]
    mod numbers {
        pub(super) const MISSING: i32 = libc::ENOENT;
        pub(super) const IN_USE: i32 = libc::EADDRINUSE;
        pub(super) const LATE: i32 = libc::ETIMEDOUT;
        pub(super) const REFUSED: i32 = libc::ECONNREFUSED;
        pub(super) const DENIED: i32 = libc::EACCES;
    }
    #[cfg(windows)]
    mod numbers {
        use windows_sys::Win32::{Foundation, Networking::WinSock};
        pub(super) const MISSING: i32 = Foundation::ERROR_FILE_NOT_FOUND as i32;
        pub(super) const IN_USE: i32 = WinSock::WSAEADDRINUSE;
        pub(super) const LATE: i32 = Foundation::ERROR_TIMEOUT as i32;
        pub(super) const REFUSED: i32 = WinSock::WSAECONNREFUSED;
        pub(super) const DENIED: i32 = Foundation::ERROR_ACCESS_DENIED as i32;
    }
    use numbers::*;

    /// What a name begins with here.
    const FRONT: &str = if cfg!(windows) { r"\\.\pipe\" } else { "/" };

    fn system(number: i32) -> io::Error {
        io::Error::from_raw_os_error(number)
    }

    fn wrap(name: &str, limit: Option<Duration>, cause: io::Error) -> io::Error {
        let name = format!("{FRONT}{name}").parse().unwrap();
        AddressError::wrap(Operation::Connect, &name, limit, cause)
    }

    fn inside(error: &io::Error) -> &AddressError {
        error.get_ref().unwrap().downcast_ref().unwrap()
    }

    #[test]
    fn it_says_where_and_keeps_kind_number_and_cause() {
        let error = wrap("x", None, system(MISSING));
        assert_eq!(error.kind(), ErrorKind::NotFound);
        assert_eq!(error.to_string(), format!("connect to {FRONT}x: {}", system(MISSING)));
        assert_eq!((error.raw_os_error(), os_error(&error)), (None, Some(MISSING)));
        assert_eq!(inside(&error).name().to_string(), format!("{FRONT}x"));
        assert_eq!(inside(&error).operation(), Operation::Connect);
        let source = inside(&error).source().unwrap().downcast_ref::<io::Error>().unwrap();
        assert_eq!(source.raw_os_error(), Some(MISSING));

        let name = inside(&error).name();
        let error = AddressError::wrap(Operation::Listen, name, None, system(MISSING));
        assert_eq!(error.to_string(), format!("listen at {FRONT}x: {}", system(MISSING)));
    }

    #[test]
    fn advice_is_told_after_what_the_system_says() {
        let error = wrap("x", None, Advised::wrap(IN_USE, "move it away"));
        assert_eq!(error.kind(), ErrorKind::AddrInUse);
        assert_eq!(os_error(&error), Some(IN_USE));
        assert_eq!(inside(&error).advice(), Some("move it away"));
        let text = format!("connect to {FRONT}x: {}: move it away", system(IN_USE));
        assert_eq!(error.to_string(), text);
        assert_eq!(inside(&wrap("x", None, system(IN_USE))).advice(), None);
    }

    #[test]
    fn the_limit_is_told_only_where_it_was_hit() {
        let limit = Some(Duration::from_millis(150));
        let error = wrap("x", limit, system(LATE));
        assert_eq!(inside(&error).limit(), limit);
        let text = format!("connect to {FRONT}x: nobody took the connection within 150ms");
        assert_eq!(error.to_string(), text);
        assert_eq!(os_error(&error), Some(LATE));
        let name = inside(&error).name();
        let late = io::Error::new(ErrorKind::TimedOut, "it is busy");
        let error = AddressError::wrap(Operation::Listen, name, limit, late);
        assert_eq!(error.to_string(), format!("listen at {FRONT}x: it is busy (within 150ms)"));

        let error = wrap("x", limit, system(REFUSED));
        assert_eq!(inside(&error).limit(), None);
        assert!(!error.to_string().contains("150"), "{error}");
    }

    #[test]
    fn it_is_wrapped_once_and_never_around_what_is_wrong_with_a_name() {
        let error = wrap("y", None, wrap("x", None, system(DENIED)));
        assert_eq!(inside(&error).name().to_string(), format!("{FRONT}x"));
        assert_eq!(os_error(&error), Some(DENIED));

        let error = wrap("x", None, NameError::Missing.into());
        assert!(error.get_ref().unwrap().is::<NameError>());
        assert_eq!(os_error(&error), None);
    }

    #[test]
    fn a_name_stays_on_its_line() {
        let error = wrap("x\n\x1B[31m é", None, system(DENIED));
        let text = format!("connect to {FRONT}x\\n\\u{{1b}}[31m é: ");
        assert!(error.to_string().starts_with(&text), "{error}");
    }
}
