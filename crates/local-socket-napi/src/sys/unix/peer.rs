//! Who the kernel says is on the other end of a socket.

use {
    crate::peer::PeerFacts,
    local_socket::{PeerCreds, Stream, traits::StreamCommon},
    std::io,
};

impl From<&PeerCreds> for PeerFacts {
    fn from(credentials: &PeerCreds) -> Self {
        Self {
            pid: credentials.pid().map(|pid| pid as u32),
            uid: credentials.euid(),
            gid: credentials.egid(),
            groups: credentials.groups().map(<[u32]>::to_vec),
            ..Self::default()
        }
    }
}

/// The peer of a stream, with its groups where the system tells them by a call of its own.
pub fn peer_facts(stream: &Stream) -> io::Result<PeerFacts> {
    let credentials = stream.peer_creds()?;
    let Stream::UdSocket(socket) = stream;
    Ok(PeerFacts { groups: socket.peer_groups()?, ..PeerFacts::from(&credentials) })
}

/// Whether the process that connected, or listened, still runs, where the system can tell.
pub fn peer_is_running(stream: &Stream) -> io::Result<Option<bool>> {
    let Stream::UdSocket(socket) = stream;
    socket.peer_is_running()
}
