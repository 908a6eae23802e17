//! Who is let in: judging peers and turning them away.
//!
//! A client is judged between accept(2) and the first read, so nothing that it has sent reaches the
//! program. What it has sent can hold descriptors whose closing waits (see `descriptors`), so
//! connections that are turned away are closed on the reaper thread if there is anything in them.
//! Of those the reaper has a bounded number; beyond it clients stay in the backlog. The drawback:
//! who keeps the reaper busy keeps a listener from accepting that hasn't the kernel refuse
//! descriptors.

mod peer;

use self::peer::Peer;
use super::{descriptors, reaper};
use crate::{
    admission::{AdmissionOptions, Allow, Observer, Refusal, RefusalReason, Rule, Shared},
    connections::{Connections, Ticket},
    error::ServerNotAllowed,
    options::ListenerOptions,
};
use rustix::net::{Shutdown, shutdown};
use std::{
    fmt, io,
    os::fd::{AsFd, BorrowedFd, OwnedFd},
    sync::{
        Arc,
        atomic::{AtomicU64, Ordering::Relaxed},
    },
};

/// How many clients in a row are turned away before the caller gets to do something else. A flood
/// of strangers could hold up an event loop otherwise.
pub(super) const MOST_REFUSED_IN_A_ROW: usize = 64;

/// Whom a listener lets in, and whom it has turned away. It costs nothing where everybody is let
/// in, as by default.
#[derive(Default)]
pub(super) struct Admission(Option<Box<Restricted>>);

/// An admission that doesn't let everybody in.
struct Restricted {
    allow: Allow,
    connections: Option<Arc<Connections<libc::uid_t>>>,
    /// Whether connections are counted by user, for which it must be known.
    by_user: bool,
    on_refused: Option<Shared<Observer>>,
    /// Whether what a client sends can hold descriptors.
    takes_descriptors: bool,
    refused: AtomicU64,
}

/// What a client that is let in takes with it, if connections are counted.
pub(super) type Admitted = Option<Arc<Ticket<libc::uid_t>>>;

impl Admission {
    /// The streams of a suspect listener can receive descriptors that its options don't want.
    pub(super) fn new(options: &ListenerOptions<'_>, suspect: bool) -> Self {
        let AdmissionOptions { allow, max_connections, max_connections_per_user, on_refused } =
            options.admission.clone();
        let allow = allow.unwrap_or_else(Allow::anyone);
        let by_user = max_connections_per_user.is_some();
        let limited = max_connections.is_some() || by_user;
        if !limited && matches!(allow.0, Rule::Anyone) {
            return Self::default();
        }
        Self(Some(Box::new(Restricted {
            allow,
            connections: limited
                .then(|| Connections::new(max_connections, max_connections_per_user)),
            by_user,
            on_refused,
            takes_descriptors: options.receive_descriptors || suspect,
            refused: AtomicU64::new(0),
        })))
    }

    /// How many have been turned away.
    pub(super) fn refused(&self) -> u64 {
        self.0.as_ref().map_or(0, |restricted| restricted.refused.load(Relaxed))
    }

    /// Whether accepting has to wait for the reaper, since it couldn't close whom this turns away.
    pub(super) fn must_wait_for_reaper(&self) -> bool {
        self.0.as_ref().is_some_and(|restricted| restricted.takes_descriptors && reaper::is_full())
    }

    /// Gives the client back if it is let in. Otherwise it has been turned away, as what `detach`
    /// makes of it.
    pub(super) fn admit<C: AsFd>(
        &self,
        client: C,
        detach: impl FnOnce(C) -> io::Result<OwnedFd>,
    ) -> io::Result<Option<(C, Admitted)>> {
        let Some(restricted) = &self.0 else { return Ok(Some((client, None))) };
        match restricted.judge(client.as_fd()) {
            Ok(ticket) => Ok(Some((client, ticket))),
            Err(refusal) => {
                restricted.refuse(detach(client)?, &refusal);
                Ok(None)
            }
        }
    }
}

impl Restricted {
    /// Judges a client. The function of an [`Allow::by`] may panic, and the caller's socket is
    /// closed then.
    fn judge(&self, client: BorrowedFd<'_>) -> Result<Admitted, Refusal> {
        let mut peer = Peer::of(client);
        let refusal = if !peer.is_in(&self.allow) {
            RefusalReason::NotAllowed
        } else {
            let Some(connections) = &self.connections else { return Ok(None) };
            let user = if self.by_user { peer.creds().euid } else { None };
            match connections.take(user) {
                Ok(ticket) => return Ok(Some(ticket)),
                Err(reason) => reason,
            }
        };
        // Asked for only where somebody is told.
        let known = self.on_refused.is_some().then(|| peer.known()).flatten();
        Err(Refusal { reason: refusal, peer: known })
    }

    /// Turns a client away: closes and counts it, and tells of it.
    fn refuse(&self, client: OwnedFd, refusal: &Refusal) {
        turn_away(client);
        self.refused.fetch_add(1, Relaxed);
        if let Some(observer) = &self.on_refused {
            (observer.0)(refusal);
        }
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
            .field("connections", &self.connections)
            .field("refused", &self.refused)
            .finish_non_exhaustive()
    }
}

/// Hands the connection back if its server is one that the client wants; closes it otherwise.
pub(super) fn check_server(socket: OwnedFd, wanted: Option<&Allow>) -> io::Result<OwnedFd> {
    let mut server = Peer::of(socket.as_fd());
    if wanted.is_none_or(|wanted| server.is_in(wanted)) {
        return Ok(socket);
    }
    let error = ServerNotAllowed::new(server.known());
    turn_away(socket);
    Err(io::Error::new(io::ErrorKind::PermissionDenied, error))
}

/// Ends a connection at once and closes it where nobody waits for that.
pub(super) fn turn_away(socket: OwnedFd) {
    if imp::end(socket.as_fd()) {
        return;
    }
    // Without descriptors closing is quick, so it is the lesser evil than to let the queue grow.
    if !reaper::is_full() || !descriptors::are_refused(socket.as_fd()) {
        reaper::close(vec![socket]);
    }
}

#[cfg(any(target_os = "linux", target_os = "android"))]
mod imp {
    use super::*;

    /// Ends the connection, and says whether there is nothing in it. Nothing can come any more
    /// then, and descriptors come with bytes only, so closing it is quick.
    pub(super) fn end(socket: BorrowedFd<'_>) -> bool {
        shutdown(socket, Shutdown::Both).is_ok()
            && rustix::io::ioctl_fionread(socket).is_ok_and(|bytes| bytes == 0)
    }
}

/// Ending the direction that is read throws away what is in it, which is what must not be done
/// here.
#[cfg(not(any(target_os = "linux", target_os = "android")))]
mod imp {
    use super::*;

    pub(super) fn end(socket: BorrowedFd<'_>) -> bool {
        // An error says that the peer has gone.
        let _ = shutdown(socket, Shutdown::Write);
        false
    }
}
