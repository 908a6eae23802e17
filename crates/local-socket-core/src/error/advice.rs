//! An error of the system that needs a word on what to do about it.

use std::{
    borrow::Cow,
    error::Error,
    fmt::{self, Display},
    io,
};

/// The system's error, and what it doesn't say. It arrives inside an
/// [`AddressError`](super::AddressError).
#[derive(Debug)]
pub(crate) struct Advised {
    cause: io::Error,
    advice: Cow<'static, str>,
}

impl Advised {
    /// The system's error of this number with the advice, of the same kind.
    pub(crate) fn wrap(number: i32, advice: impl Into<Cow<'static, str>>) -> io::Error {
        let cause = io::Error::from_raw_os_error(number);
        io::Error::new(cause.kind(), Self { cause, advice: advice.into() })
    }

    /// The one within an error, if there is one.
    pub(super) fn within(error: &io::Error) -> Option<&Self> {
        error.get_ref()?.downcast_ref()
    }

    pub(super) fn advice(&self) -> &str {
        &self.advice
    }

    pub(super) fn number(&self) -> Option<i32> {
        self.cause.raw_os_error()
    }
}

impl Display for Advised {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}: {}", self.cause, self.advice)
    }
}

impl Error for Advised {
    fn source(&self) -> Option<&(dyn Error + 'static)> {
        Some(&self.cause)
    }
}
