//! The error of a client whose server isn't one that it wants.

use super::AddressError;
use crate::creds::PeerCreds;
use std::{error::Error, fmt, io};

/// Whoever listens isn't whom [`ConnectOptions::server`](crate::ConnectOptions::server) wants.
/// Nothing was sent, and nothing that was received is used.
///
/// It arrives as the cause of an [`AddressError`], within an [`io::Error`] of kind
/// [`PermissionDenied`](io::ErrorKind::PermissionDenied); [`of`](Self::of) finds it there.
///
/// ```no_run
/// use local_socket::{Allow, ConnectOptions, error::ServerNotAllowed};
///
/// # fn connect(options: ConnectOptions<'_>) {
/// if let Err(error) = options.server(Allow::same_user()).connect_sync() {
///     // connect to @my-app: the server runs as uid 1000, which `server` doesn't allow;
///     // Allow::uid(1000) would
///     eprintln!("{error}");
///     let uid = ServerNotAllowed::of(&error).and_then(|refused| refused.creds()?.euid());
/// }
/// # }
/// ```
#[derive(Clone, Debug)]
pub struct ServerNotAllowed {
    creds: Option<PeerCreds>,
}

impl ServerNotAllowed {
    pub(crate) fn new(creds: Option<PeerCreds>) -> Self {
        Self { creds }
    }

    /// What is in an error of connecting, if this is why it failed.
    #[must_use]
    pub fn of(error: &io::Error) -> Option<&Self> {
        let inner = error.get_ref()?;
        inner.downcast_ref().or_else(|| {
            let cause = inner.downcast_ref::<AddressError>()?.source()?;
            cause.downcast_ref::<io::Error>()?.get_ref()?.downcast_ref()
        })
    }

    /// Who listened, if the system tells. See [`PeerCreds`].
    #[must_use]
    pub fn creds(&self) -> Option<&PeerCreds> {
        self.creds.as_ref()
    }
}

impl fmt::Display for ServerNotAllowed {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.creds.and_then(|creds| creds.user_and_rule()) {
            Some((user, rule)) => {
                write!(f, "the server runs as {user}, which `server` doesn't allow; {rule} would")
            }
            None => f.write_str(
                "the system can't tell as whom the server runs, which `server` doesn't allow; \
                 Allow::anyone() would",
            ),
        }
    }
}

impl Error for ServerNotAllowed {}
