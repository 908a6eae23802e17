//! Errors as data: made where the system call failed, turned into a JavaScript error by
//! TypeScript alone.

use {
    crate::{
        peer::PeerFacts,
        sys::{code_of_ours, negative_errno},
    },
    local_socket::error::{AddressError, NameError, ServerNotAllowed},
    napi_derive::napi,
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
        if let Some(code) = error.get_ref().and_then(|inner| code_of_ours(inner)) {
            return Self::of_ours(fault, code, error);
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

/// A count, or the negative errno, as one number. Counts beyond `i32::MAX` can't arise: Linux moves
/// at most `0x7ffff000` bytes at once (read(2), write(2)), and on Windows less is attempted.
pub fn count_or_errno(result: io::Result<usize>) -> i32 {
    match result {
        Ok(count) => i32::try_from(count).unwrap_or(i32::MAX),
        Err(error) => negative_errno(&error),
    }
}
