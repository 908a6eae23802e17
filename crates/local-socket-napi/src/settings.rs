//! What a listener and a connection are to be like, as it crosses.

use {
    crate::{
        admission::{Refusals, Rules},
        name::{NameKind, to_name},
        sys,
    },
    local_socket::{
        Allow, ConnectOptions, ConnectWaitMode, Listener, ListenerNonblockingMode, ListenerOptions,
        StaleName, Stream,
    },
    napi_derive::napi,
    std::{io, sync::Arc},
};

/// What a listener is to be like. What is absent is not asked for.
#[napi(object, object_to_js = false)]
pub struct ListenSettings {
    /// How many connections may wait.
    pub backlog: u32,
    /// Whether to take over a name that nobody listens at any more.
    pub reclaim_stale: bool,
    /// Whether to take the name from a live listener.
    pub overwrite: bool,
    /// Whether the socket's file stays when the listener is closed.
    pub keep_name: bool,
    /// Whether to make the folders that are missing.
    pub create_folders: bool,
    /// Whether to refuse folders in which others could replace the file.
    pub check_folders: bool,
    /// The permissions of the socket's file.
    pub mode: Option<u32>,
    /// The pipe's security descriptor as text (SDDL). Windows; elsewhere a fault with `ENOTSUP`.
    pub security_descriptor: Option<String>,
    /// Who is let in; absent, everybody.
    pub allow: Option<Rules>,
    /// How many connections may be open at once.
    pub max_connections: Option<u32>,
    /// How many of them one user may have.
    pub max_connections_per_user: Option<u32>,
}

impl ListenSettings {
    /// What every system has of them. Whom the listener turns away goes to `refusals`.
    pub fn to_options(
        &self,
        allow: Option<Allow>,
        refusals: &Arc<Refusals>,
    ) -> ListenerOptions<'static> {
        let stale = if self.reclaim_stale { StaleName::Reclaim } else { StaleName::Fail };
        let refusals = Arc::clone(refusals);
        let mut options = ListenerOptions::new()
            .nonblocking(ListenerNonblockingMode::Both)
            .backlog(self.backlog)
            .stale(stale)
            .try_overwrite(self.overwrite)
            .reclaim_name(!self.keep_name)
            .on_refused(move |refusal| refusals.keep(refusal));
        if let Some(allow) = allow {
            options = options.allow(allow);
        }
        if let Some(most) = self.max_connections {
            options = options.max_connections(most as usize);
        }
        if let Some(most) = self.max_connections_per_user {
            options = options.max_connections_per_user(most as usize);
        }
        options
    }
}

/// Takes a name and listens, without waiting for whoever keeps others from taking it: `TimedOut`.
/// Whom the listener turns away goes to `refusals`.
pub fn listen(
    kind: NameKind,
    text: &str,
    settings: ListenSettings,
    refusals: &Arc<Refusals>,
) -> io::Result<Listener> {
    sys::listen(to_name(kind, text)?, settings, refusals)
}

/// Tries once to connect, without waiting.
pub fn connect(kind: NameKind, text: &str, server: Option<Rules>) -> io::Result<Stream> {
    let options = ConnectOptions::new()
        .name(to_name(kind, text)?)
        .nonblocking_stream(true)
        .wait_mode(ConnectWaitMode::Deferred);
    sys::connect(options, server)
}
