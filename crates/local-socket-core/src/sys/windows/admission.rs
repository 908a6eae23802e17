//! Who is let in: judging clients, and the server that was reached.
//!
//! The system turns away by itself whom the pipe's security descriptor doesn't let open it, which
//! nobody here learns of. What is left is judged before anything is read: rules that a descriptor
//! can't say, rules beside a descriptor that the program gave, and limits.

mod peer;
#[cfg(test)]
mod tests;

use self::peer::Peer;
use super::{
    instance::is_over,
    pipe::{End, Pipe},
    security::can_be_said,
    sid::Sid,
};
use crate::{
    admission::{AdmissionOptions, Allow, Observer, Refusal, RefusalReason, Rule, Shared},
    connections::{self, Connections},
    error::ServerNotAllowed,
    options::ListenerOptions,
};
use std::{
    fmt, io,
    os::windows::io::AsHandle,
    sync::{
        Arc,
        atomic::{AtomicU64, Ordering::Relaxed},
    },
};

/// Counts a connection as long as it is open.
pub(super) type Ticket = connections::Ticket<Sid>;

/// Whom a listener lets in, and whom it has turned away. It costs nothing where everybody is let
/// in, as by default, and where the system does it all.
#[derive(Default)]
pub(super) struct Admission(Option<Box<Restricted>>);

/// An admission that doesn't let everybody in.
struct Restricted {
    allow: Allow,
    /// Whether the system has turned away whom the rules don't let in, this user apart.
    enforced: bool,
    connections: Option<Arc<Connections<Sid>>>,
    /// Whether connections are counted by user, for which it must be known.
    by_user: bool,
    on_refused: Option<Shared<Observer>>,
    refused: AtomicU64,
}

impl Admission {
    /// From options. `InvalidInput`: a limit of 0.
    pub(super) fn new(options: &ListenerOptions<'_>) -> io::Result<Self> {
        options.admission.check()?;
        let AdmissionOptions { allow, max_connections, max_connections_per_user, on_refused } =
            options.admission.clone();
        let allow = allow.unwrap_or_else(Allow::anyone);
        let by_user = max_connections_per_user.is_some();
        let limited = max_connections.is_some() || by_user;
        if !limited && matches!(allow.0, Rule::Anyone) {
            return Ok(Self::default());
        }
        let connections =
            limited.then(|| Connections::new(max_connections, max_connections_per_user));
        Ok(Self(Some(Box::new(Restricted {
            enforced: options.security.is_none() && can_be_said(&allow),
            allow,
            connections,
            by_user,
            on_refused,
            refused: AtomicU64::new(0),
        }))))
    }

    /// How many were turned away.
    pub(super) fn refused(&self) -> u64 {
        self.0.as_ref().map_or(0, |restricted| restricted.refused.load(Relaxed))
    }

    /// Judges a client that has connected. Counts it, tells the observer, if it is refused.
    ///
    /// The function of an [`Allow::by`] may panic, which counts nothing.
    pub(super) fn admit(&self, client: &Pipe) -> Result<Option<Arc<Ticket>>, Refusal> {
        self.0.as_ref().map_or(Ok(None), |restricted| restricted.admit(client))
    }
}

impl Restricted {
    fn admit(&self, client: &Pipe) -> Result<Option<Arc<Ticket>>, Refusal> {
        let judged = self.judge(&mut Peer::new(client.as_handle(), End::Server, self.enforced));
        if let Err(refusal) = &judged {
            self.refused.fetch_add(1, Relaxed);
            if let Some(observer) = &self.on_refused {
                (observer.0)(refusal);
            }
        }
        judged
    }

    fn judge(&self, client: &mut Peer<'_>) -> Result<Option<Arc<Ticket>>, Refusal> {
        let refusal = if !client.is_in(&self.allow) {
            RefusalReason::NotAllowed
        } else {
            let Some(connections) = &self.connections else { return Ok(None) };
            let user = if self.by_user { client.user() } else { None };
            match connections.take(user) {
                Ok(ticket) => return Ok(Some(ticket)),
                Err(reason) => reason,
            }
        };
        // Asked for only where somebody is told.
        let known = self.on_refused.is_some().then(|| client.known()).flatten();
        Err(Refusal { reason: refusal, peer: known })
    }
}

impl fmt::Debug for Admission {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.fmt(f)
    }
}

impl fmt::Debug for Restricted {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Admission")
            .field("allow", &self.allow)
            .field("enforced", &self.enforced)
            .field("connections", &self.connections)
            .field("refused", &self.refused)
            .finish_non_exhaustive()
    }
}

/// Whether who serves is one that `wanted` lets serve. `PermissionDenied` with a
/// [`ServerNotAllowed`](crate::error::ServerNotAllowed) within otherwise. The system's error if the
/// server has ended the connection before it was known who it is: it may be one that is allowed.
pub(super) fn check_server(server: &Pipe, wanted: Option<&Allow>) -> io::Result<()> {
    let Some(wanted) = wanted else { return Ok(()) };
    let mut peer = Peer::new(server.as_handle(), End::Client, false);
    if peer.is_in(wanted) {
        return Ok(());
    }
    let error = ServerNotAllowed::new(peer.known());
    match peer.into_error().filter(is_over) {
        Some(over) => Err(over),
        None => Err(io::Error::new(io::ErrorKind::PermissionDenied, error)),
    }
}
