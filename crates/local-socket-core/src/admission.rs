//! Who is let in, and who may be served by: options, and what is told of those who were refused.

use crate::creds::PeerCreds;
#[cfg(windows)]
use crate::sys::windows::Sid;
use std::{
    fmt, io,
    panic::{RefUnwindSafe, UnwindSafe},
    sync::Arc,
};

/// Whom to accept as a peer, judged by the kernel's word before any byte of it is read.
///
/// For a listener ([`ListenerOptions::allow`](crate::ListenerOptions::allow)) the peer is who
/// connected; for a client ([`ConnectOptions::server`](crate::ConnectOptions::server)) it is who
/// listens. A peer whose user the kernel can't tell, such as one from a user namespace that isn't
/// mapped here, is let in by [`anyone`](Self::anyone) alone, or by a function that says so; groups
/// alike.
///
/// On Windows a listener's rules are on the pipe as well, so that the system itself turns away
/// whoever isn't let in, as far as rules can be said there: all but functions. Whom the system
/// turns away isn't counted and nobody is told
/// ([`on_refused`](crate::ListenerOptions::on_refused)).
///
/// ```
/// use local_socket::{Allow, ConnectOptions, ListenerOptions};
///
/// // A server for one's own programs and a service user's, 64 of each at most.
/// # #[cfg(unix)]
/// let service = Allow::uid(1000);
/// # #[cfg(windows)]
/// # let service = Allow::sid("S-1-5-19".parse().unwrap());
/// let listener = ListenerOptions::new()
///     .allow(Allow::any_of([Allow::same_user(), service]))
///     .max_connections_per_user(64)
///     .on_refused(|refusal| eprintln!("{:?}: {:?}", refusal.reason(), refusal.peer()));
/// // A client that talks to nobody else's server.
/// let client = ConnectOptions::new().server(Allow::same_user());
/// ```
#[derive(Clone)]
pub struct Allow(pub(crate) Rule);

/// What is behind an [`Allow`].
#[derive(Clone)]
pub(crate) enum Rule {
    Anyone,
    SameUser,
    #[cfg(unix)]
    Uid(libc::uid_t),
    #[cfg(unix)]
    Gid(libc::gid_t),
    #[cfg(windows)]
    Sid(Sid),
    AnyOf(Arc<[Allow]>),
    By(Shared<Judge>),
}

type Judge = dyn Fn(&PeerCreds) -> bool + Send + Sync;
pub(crate) type Observer = dyn Fn(&Refusal) + Send + Sync;

/// A function of the program. A panic in it goes through whoever accepts or connects, and leaves
/// nothing half done, so that options and listeners may be used after it was caught.
pub(crate) struct Shared<F: ?Sized>(pub(crate) Arc<F>);

impl<F: ?Sized> Clone for Shared<F> {
    fn clone(&self) -> Self {
        Self(self.0.clone())
    }
}

impl<F: ?Sized> UnwindSafe for Shared<F> {}
impl<F: ?Sized> RefUnwindSafe for Shared<F> {}

impl Allow {
    /// Every peer, also one that is unknown. The default of both options.
    #[must_use]
    pub fn anyone() -> Self {
        Self(Rule::Anyone)
    }

    /// The effective user of this process, as it is when the peer is judged, and root: uid 0 as
    /// seen from here, which in a container with a user namespace is that container's.
    ///
    /// On Windows: the user of this process, the system and administrators. A client is an
    /// administrator if its token has that group enabled, as an elevated program's has; a server, if
    /// the group or one of these users owns its pipe. If this process is elevated, programs of the
    /// same user that aren't can't connect, unless the rules let others in besides. Sandboxed
    /// programs of the same user can't either, whatever the rules. Both could serve, since the owner
    /// of a pipe doesn't tell a user's programs apart; those in an app container aside, which can
    /// neither connect nor listen.
    #[must_use]
    pub fn same_user() -> Self {
        Self(Rule::SameUser)
    }

    /// One user, by the effective user id. Not root besides.
    #[cfg(unix)]
    #[must_use]
    pub fn uid(uid: libc::uid_t) -> Self {
        Self(Rule::Uid(uid))
    }

    /// Whoever is in a group, by the effective or a supplementary group id. Not root besides.
    ///
    /// Supplementary groups: Linux since 4.13, macOS and FreeBSD (16 at most). Elsewhere, and for
    /// those that the system leaves out, only the effective one counts.
    #[cfg(unix)]
    #[must_use]
    pub fn gid(gid: libc::gid_t) -> Self {
        Self(Rule::Gid(gid))
    }

    /// A user or a group: a client whose token has it, enabled, or a server whose pipe it owns.
    /// Neither the system nor administrators besides. Clients of this process's own user may open
    /// the pipe in any case, since a listener needs that itself; those that are known are turned
    /// away when they are accepted.
    #[cfg(windows)]
    #[must_use]
    pub fn sid(sid: Sid) -> Self {
        Self(Rule::Sid(sid))
    }

    /// Whom at least one of them lets in. An empty list lets in nobody.
    #[must_use]
    pub fn any_of(rules: impl IntoIterator<Item = Self>) -> Self {
        Self(Rule::AnyOf(rules.into_iter().collect()))
    }

    /// Whom the function lets in. It runs on the thread that accepts or connects, so it must not
    /// wait. What the system can't tell of the peer is `None`, and so are supplementary groups on
    /// Linux: `gid` asks for them. On Windows everybody may open the pipe then, and clients of other
    /// programs are unknown as a rule until bytes of them are there, which the function doesn't wait
    /// for: [`PeerCreds`] says which.
    ///
    /// A panic in it goes through whoever accepts or connects; the connection is closed.
    #[must_use]
    pub fn by(judge: impl Fn(&PeerCreds) -> bool + Send + Sync + 'static) -> Self {
        Self(Rule::By(Shared(Arc::new(judge))))
    }
}

impl fmt::Debug for Allow {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match &self.0 {
            Rule::Anyone => f.write_str("Anyone"),
            Rule::SameUser => f.write_str("SameUser"),
            #[cfg(unix)]
            Rule::Uid(uid) => f.debug_tuple("Uid").field(uid).finish(),
            #[cfg(unix)]
            Rule::Gid(gid) => f.debug_tuple("Gid").field(gid).finish(),
            #[cfg(windows)]
            Rule::Sid(sid) => f.debug_tuple("Sid").field(sid).finish(),
            Rule::AnyOf(rules) => f.debug_tuple("AnyOf").field(rules).finish(),
            Rule::By(_) => f.write_str("By(..)"),
        }
    }
}

/// A client that a listener turned away.
#[derive(Clone, Copy, Debug)]
pub struct Refusal {
    pub(crate) reason: RefusalReason,
    pub(crate) peer: Option<PeerCreds>,
}

impl Refusal {
    /// Why.
    #[must_use]
    pub fn reason(&self) -> RefusalReason {
        self.reason
    }

    /// Who it was, if the system tells.
    #[must_use]
    pub fn peer(&self) -> Option<&PeerCreds> {
        self.peer.as_ref()
    }
}

/// Why a client was turned away.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum RefusalReason {
    /// [`ListenerOptions::allow`](crate::ListenerOptions::allow) doesn't let it in.
    NotAllowed,
    /// [`ListenerOptions::max_connections`](crate::ListenerOptions::max_connections) are open.
    TooManyConnections,
    /// Its user has as many open as
    /// [`ListenerOptions::max_connections_per_user`](crate::ListenerOptions::max_connections_per_user)
    /// lets one have.
    TooManyOfUser,
}

/// What of a listener's options is about admission.
#[derive(Clone, Default)]
pub(crate) struct AdmissionOptions {
    pub(crate) allow: Option<Allow>,
    pub(crate) max_connections: Option<usize>,
    pub(crate) max_connections_per_user: Option<usize>,
    pub(crate) on_refused: Option<Shared<Observer>>,
}

impl AdmissionOptions {
    /// Refuses limits that would let nobody in.
    pub(crate) fn check(&self) -> io::Result<()> {
        for (option, most) in [
            ("max_connections", self.max_connections),
            ("max_connections_per_user", self.max_connections_per_user),
        ] {
            if most == Some(0) {
                let text = format!("{option} must be at least 1: with 0, nobody could connect");
                return Err(io::Error::new(io::ErrorKind::InvalidInput, text));
            }
        }
        Ok(())
    }
}
