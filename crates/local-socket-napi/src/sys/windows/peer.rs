//! Who the system says is on the other end of a pipe.

use {
    crate::peer::PeerFacts,
    local_socket::{PeerCreds, Stream, traits::StreamCommon},
    std::io,
};

impl From<&PeerCreds> for PeerFacts {
    fn from(credentials: &PeerCreds) -> Self {
        Self {
            pid: credentials.pid(),
            sid: credentials.sid().map(|sid| sid.to_string()),
            session: credentials.session(),
            ..Self::default()
        }
    }
}

/// The peer of a stream.
pub fn peer_facts(stream: &Stream) -> io::Result<PeerFacts> {
    Ok(PeerFacts::from(&stream.peer_creds()?))
}

/// Whether the process that connected, or listened, still runs, where the system can tell.
pub fn peer_is_running(stream: &Stream) -> io::Result<Option<bool>> {
    let Stream::NamedPipe(pipe) = stream;
    pipe.peer_is_running()
}
