//! The error of listening or connecting, with the name.

use super::NameError;
use crate::name::Name;
use std::{error::Error, fmt, io, time::Duration};

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
#[derive(Debug)]
pub struct AddressError {
    operation: Operation,
    name: Name<'static>,
    limit: Option<Duration>,
    cause: io::Error,
}

impl AddressError {
    /// The cause with the name and the time limit around it, of the same kind. An error about a name
    /// says all that already and stays as it is.
    pub(crate) fn wrap(
        operation: Operation,
        name: &Name<'_>,
        limit: Option<Duration>,
        cause: io::Error,
    ) -> io::Error {
        if cause.get_ref().is_some_and(|inner| inner.is::<NameError>()) {
            return cause;
        }
        let name = name.borrow().into_owned();
        io::Error::new(cause.kind(), Self { operation, name, limit, cause })
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

    /// The time limit, if it is the reason.
    #[must_use]
    pub fn limit(&self) -> Option<Duration> {
        self.limit
    }

    /// The system's number for the error, if it has one.
    #[must_use]
    pub fn os_error(&self) -> Option<i32> {
        self.cause.raw_os_error()
    }
}

impl fmt::Display for AddressError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let operation = match self.operation {
            Operation::Listen => "listen at",
            Operation::Connect => "connect to",
        };
        write!(f, "{operation} {}: {}", self.name, self.cause)?;
        match self.limit {
            Some(limit) => write!(f, " (within {limit:?})"),
            None => Ok(()),
        }
    }
}

impl Error for AddressError {
    fn source(&self) -> Option<&(dyn Error + 'static)> {
        Some(&self.cause)
    }
}

/// The system's number of an error: its own ([`raw_os_error`](io::Error::raw_os_error)), or that of
/// the [`AddressError`] within.
#[must_use]
pub fn os_error(error: &io::Error) -> Option<i32> {
    error.raw_os_error().or_else(|| {
        error.get_ref().and_then(|inner| inner.downcast_ref::<AddressError>())?.os_error()
    })
}
