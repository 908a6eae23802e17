//! What a listener and a connection are to be like, as far as it is about pipes.

use {
    crate::{
        admission::{Refusals, Rules},
        settings::ListenSettings,
    },
    local_socket::{
        Allow, ConnectOptions, Listener, Name, Stream,
        os::windows::{ListenerOptionsExt, Sid},
    },
    std::{io, sync::Arc},
};

/// Makes a pipe and listens. Whom the listener turns away goes to `refusals`.
pub fn listen(
    name: Name<'_>,
    mut settings: ListenSettings,
    refusals: &Arc<Refusals>,
) -> io::Result<Listener> {
    let about_files = settings.create_folders || settings.check_folders || settings.keep_name;
    if about_files || settings.mode.is_some() {
        return Err(io::ErrorKind::Unsupported.into());
    }
    let allowed = settings.allow.take().map(allow).transpose()?;
    let mut options = settings.to_options(allowed, refusals).name(name);
    if let Some(text) = &settings.security_descriptor {
        options = options.sddl(text)?;
    }
    options.create_sync()
}

/// Tries once to connect, without waiting.
pub fn connect(options: ConnectOptions<'_>, server: Option<Rules>) -> io::Result<Stream> {
    match server {
        Some(rules) => options.server(allow(rules)?).connect_sync(),
        None => options.connect_sync(),
    }
}

/// Who is meant by rules. Users and groups of Unix are nobody here.
fn allow(Rules { anyone, same_user, sids, .. }: Rules) -> io::Result<Allow> {
    if anyone {
        return Ok(Allow::anyone());
    }
    let same_user = same_user.then(Allow::same_user).into_iter();
    let sids = sids.iter().map(|text| Ok(Allow::sid(parsed(text)?)));
    let sids = sids.collect::<io::Result<Vec<_>>>()?;
    Ok(Allow::any_of(same_user.chain(sids)))
}

fn parsed(text: &str) -> io::Result<Sid> {
    text.parse().map_err(|error| io::Error::new(io::ErrorKind::InvalidInput, error))
}
