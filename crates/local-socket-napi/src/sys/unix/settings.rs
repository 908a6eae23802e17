//! What a listener and a connection are to be like, as far as it is about sockets.

use {
    crate::{
        admission::{Refusals, Rules},
        settings::ListenSettings,
    },
    local_socket::{
        Allow, ConnectOptions, Listener, ListenerOptions, Name, Stream,
        error::{CannotListen, FromFdError},
        os::unix::{ConnectOptionsExt, ListenerOptionsExt},
    },
    std::{io, os::fd::OwnedFd, sync::Arc, time::Duration},
};

/// Binds a name and listens, without waiting for a folder that somebody else has locked:
/// `TimedOut`. Whom the listener turns away goes to `refusals`.
pub fn listen(
    name: Name<'_>,
    settings: ListenSettings,
    refusals: &Arc<Refusals>,
) -> io::Result<Listener> {
    if settings.security_descriptor.is_some() {
        return Err(io::ErrorKind::Unsupported.into());
    }
    options(settings, refusals).name(name).max_spin_time(Duration::ZERO).create_sync()
}

/// Listens on a descriptor. Whom the listener turns away goes to `refusals`.
pub(super) fn listen_on(
    descriptor: OwnedFd,
    settings: ListenSettings,
    refusals: &Arc<Refusals>,
) -> Result<Listener, FromFdError<CannotListen>> {
    options(settings, refusals).create_sync_from(descriptor)
}

fn options(mut settings: ListenSettings, refusals: &Arc<Refusals>) -> ListenerOptions<'static> {
    let allowed = settings.allow.take().map(allow);
    let mut options = settings
        .to_options(allowed, refusals)
        .create_folders(settings.create_folders)
        .check_folders(settings.check_folders)
        .receive_descriptors(false);
    if let Some(mode) = settings.mode {
        options = options.mode(mode);
    }
    options
}

/// Tries once to connect, without waiting.
pub fn connect(options: ConnectOptions<'_>, server: Option<Rules>) -> io::Result<Stream> {
    let options = options.receive_descriptors(false);
    match server {
        Some(rules) => options.server(allow(rules)).connect_sync(),
        None => options.connect_sync(),
    }
}

/// Who is meant by rules. Users of Windows are nobody here.
fn allow(Rules { anyone, same_user, uids, gids, .. }: Rules) -> Allow {
    if anyone {
        return Allow::anyone();
    }
    let same_user = same_user.then(Allow::same_user).into_iter();
    let users = uids.into_iter().map(Allow::uid);
    let groups = gids.into_iter().map(Allow::gid);
    Allow::any_of(same_user.chain(users).chain(groups))
}
