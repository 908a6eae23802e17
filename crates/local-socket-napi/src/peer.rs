//! Who the kernel says is on the other end, as data.

use {
    local_socket::{PeerCreds, Stream, traits::StreamCommon},
    napi_derive::napi,
    std::io,
};

/// Who the kernel says is on the other end; what it doesn't say is left out.
#[napi(object)]
#[derive(Default)]
pub struct PeerFacts {
    /// Process id.
    pub pid: Option<u32>,
    /// Effective user id.
    pub uid: Option<u32>,
    /// Effective group id.
    pub gid: Option<u32>,
    /// Supplementary group ids.
    pub groups: Option<Vec<u32>>,
}

impl From<&PeerCreds> for PeerFacts {
    fn from(credentials: &PeerCreds) -> Self {
        Self {
            pid: credentials.pid().map(|pid| pid as u32),
            uid: credentials.euid(),
            gid: credentials.egid(),
            groups: credentials.groups().map(<[u32]>::to_vec),
        }
    }
}

/// The peer of a stream, with its groups where the system tells them by a call of its own.
pub fn peer_facts(stream: &Stream) -> io::Result<PeerFacts> {
    let credentials = stream.peer_creds()?;
    let Stream::UdSocket(socket) = stream;
    Ok(PeerFacts { groups: socket.peer_groups()?, ..PeerFacts::from(&credentials) })
}
