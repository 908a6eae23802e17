//! What a listener and a connection are to be like, as it crosses.

use {
    crate::{
        admission::{Refusals, Rules},
        name::{NameKind, to_name},
    },
    local_socket::{
        Allow, ConnectOptions, ConnectWaitMode, Listener, ListenerNonblockingMode, ListenerOptions,
        StaleName, Stream,
        error::{CannotListen, FromFdError},
        os::unix::{ConnectOptionsExt, ListenerOptionsExt},
    },
    napi_derive::napi,
    std::{io, os::fd::OwnedFd, sync::Arc, time::Duration},
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
    /// Who is let in; absent, everybody.
    pub allow: Option<Rules>,
    /// How many connections may be open at once.
    pub max_connections: Option<u32>,
    /// How many of them one user may have.
    pub max_connections_per_user: Option<u32>,
}

/// Binds a name and listens, without waiting for a folder that somebody else has locked:
/// `TimedOut`. Whom the listener turns away goes to `refusals`.
pub fn listen(
    kind: NameKind,
    text: &str,
    settings: ListenSettings,
    refusals: &Arc<Refusals>,
) -> io::Result<Listener> {
    options(settings, refusals)
        .name(to_name(kind, text)?)
        .max_spin_time(Duration::ZERO)
        .create_sync()
}

/// Listens on a descriptor. Whom the listener turns away goes to `refusals`.
pub fn listen_on(
    descriptor: OwnedFd,
    settings: ListenSettings,
    refusals: &Arc<Refusals>,
) -> Result<Listener, FromFdError<CannotListen>> {
    options(settings, refusals).create_sync_from(descriptor)
}

fn options(settings: ListenSettings, refusals: &Arc<Refusals>) -> ListenerOptions<'static> {
    let stale = if settings.reclaim_stale { StaleName::Reclaim } else { StaleName::Fail };
    let refusals = Arc::clone(refusals);
    let mut options = ListenerOptions::new()
        .nonblocking(ListenerNonblockingMode::Both)
        .backlog(settings.backlog)
        .stale(stale)
        .try_overwrite(settings.overwrite)
        .reclaim_name(!settings.keep_name)
        .create_folders(settings.create_folders)
        .check_folders(settings.check_folders)
        .receive_descriptors(false)
        .on_refused(move |refusal| refusals.keep(refusal));
    if let Some(mode) = settings.mode {
        options = options.mode(mode);
    }
    if let Some(rules) = settings.allow {
        options = options.allow(Allow::from(rules));
    }
    if let Some(most) = settings.max_connections {
        options = options.max_connections(most as usize);
    }
    if let Some(most) = settings.max_connections_per_user {
        options = options.max_connections_per_user(most as usize);
    }
    options
}

/// Tries once to connect, without waiting.
pub fn connect(kind: NameKind, text: &str, server: Option<Rules>) -> io::Result<Stream> {
    let options = ConnectOptions::new()
        .name(to_name(kind, text)?)
        .nonblocking_stream(true)
        .wait_mode(ConnectWaitMode::Deferred)
        .receive_descriptors(false);
    match server {
        Some(rules) => options.server(Allow::from(rules)).connect_sync(),
        None => options.connect_sync(),
    }
}
