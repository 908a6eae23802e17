//! The error of turning one kind of object into another.

use std::{error::Error, fmt, io};

/// A conversion failed. Says why, and hands back what was to be converted where that still exists.
#[derive(Debug)]
pub struct ConversionError<S, E = NoDetails> {
    /// What exactly was wrong, in the words of the conversion.
    pub details: E,
    /// What the system said, if it was asked.
    pub cause: Option<io::Error>,
    /// What was to be converted, if it hasn't been consumed.
    pub source: Option<S>,
}

/// The error of turning a descriptor into one of this crate's types.
#[cfg(unix)]
pub type FromFdError<E = NoDetails> = ConversionError<std::os::fd::OwnedFd, E>;

/// A handle couldn't become a stream; it is handed back.
#[cfg(windows)]
pub type FromHandleError<E = NoDetails> = ConversionError<std::os::windows::io::OwnedHandle, E>;

/// There is nothing more to say about a failed conversion.
#[derive(Copy, Clone, Debug, Default, PartialEq, Eq, PartialOrd, Ord)]
pub struct NoDetails;

impl fmt::Display for NoDetails {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("conversion failed")
    }
}

impl<S, E: Default> ConversionError<S, E> {
    /// An error that hands back the source.
    pub fn from_source(source: S) -> Self {
        Self { source: Some(source), ..Self::default() }
    }

    /// An error that tells what the system said.
    pub fn from_cause(cause: io::Error) -> Self {
        Self { cause: Some(cause), ..Self::default() }
    }

    /// An error that hands back the source and tells what the system said.
    pub fn from_source_and_cause(source: S, cause: io::Error) -> Self {
        Self { source: Some(source), cause: Some(cause), details: E::default() }
    }
}

impl<S, E> ConversionError<S, E> {
    /// An error that hands back the source and says what was wrong.
    pub fn from_source_and_details(source: S, details: E) -> Self {
        Self { details, cause: None, source: Some(source) }
    }

    /// An error that tells what the system said and what was wrong.
    pub fn from_cause_and_details(cause: io::Error, details: E) -> Self {
        Self { details, cause: Some(cause), source: None }
    }

    /// Turns the source, if there is one, into something else.
    pub fn map_source<Sb>(self, f: impl FnOnce(S) -> Sb) -> ConversionError<Sb, E> {
        self.try_map_source(|source| Some(f(source)))
    }

    /// Turns the source, if there is one, into something else, or loses it.
    pub fn try_map_source<Sb>(self, f: impl FnOnce(S) -> Option<Sb>) -> ConversionError<Sb, E> {
        ConversionError {
            details: self.details,
            cause: self.cause,
            source: self.source.and_then(f),
        }
    }
}

impl<S, E: fmt::Display> ConversionError<S, E> {
    /// The same as an [`io::Error`] that says everything this one does, without the source.
    pub fn to_io_error(&self) -> io::Error {
        let kind = self.cause.as_ref().map_or(io::ErrorKind::Other, io::Error::kind);
        io::Error::new(kind, self.to_string())
    }
}

impl<S, E: Default> Default for ConversionError<S, E> {
    fn default() -> Self {
        Self { details: E::default(), cause: None, source: None }
    }
}

impl<S, E: fmt::Display> From<ConversionError<S, E>> for io::Error {
    fn from(error: ConversionError<S, E>) -> Self {
        error.to_io_error()
    }
}

impl<S, E: fmt::Display> fmt::Display for ConversionError<S, E> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}", self.details)?;
        match &self.cause {
            Some(cause) => write!(f, ": {cause}"),
            None => Ok(()),
        }
    }
}

impl<S: fmt::Debug, E: fmt::Debug + fmt::Display> Error for ConversionError<S, E> {
    fn source(&self) -> Option<&(dyn Error + 'static)> {
        self.cause.as_ref().map(|cause| cause as _)
    }
}
