//! What Windows tells of a peer.

use crate::sys::windows::Sid;

/// Who is on the other end of a stream, by the system's word and not the peer's.
///
/// A server sees who connected, as of that moment. A client sees who made the pipe. What the system
/// doesn't tell is `None`. Asking as a server costs two switches of threads, since the client's user
/// can only be asked for on a thread that does nothing else.
#[derive(Copy, Clone, Debug)]
pub struct PeerCreds {
    pub(crate) pid: Option<u32>,
    pub(crate) session: Option<u32>,
    pub(crate) sid: Option<Sid>,
}

impl PeerCreds {
    /// With nothing in it.
    pub(crate) const UNKNOWN: Self = Self { pid: None, session: None, sid: None };

    /// The id of the process that connected, or of the one that made this instance of the pipe.
    ///
    /// It may already belong to somebody else: that process can be gone, or have passed its handle
    /// on, so don't decide by it whom to trust.
    /// [`peer_is_running`](crate::os::windows::named_pipe::local_socket::Stream::peer_is_running)
    /// asks whether there is such a process.
    #[must_use]
    pub fn pid(&self) -> Option<u32> {
        self.pid
    }

    /// The id of the terminal services session that it is in: 0 for services, others for those who
    /// are logged on.
    #[must_use]
    pub fn session(&self) -> Option<u32> {
        self.session
    }

    /// Of a client, its user. Of a server, the owner of the pipe: the user who made it, or
    /// [the administrators](Sid::ADMINISTRATORS) if that was an elevated program that said nothing
    /// of owners. Nobody can make a pipe whose owner is somebody else without the privilege to
    /// restore files, which administrators have.
    ///
    /// `None` for a client that isn't known yet, or doesn't want to be. This crate's clients are
    /// known from the start. Those of most other programs, Node's `net` among them, become known
    /// once bytes of them are there, so ask again then. One that opened the pipe with
    /// `SECURITY_ANONYMOUS` never does. Of a server it is `None` where the pipe doesn't let its
    /// clients read who owns it.
    #[must_use]
    pub fn sid(&self) -> Option<Sid> {
        self.sid
    }

    /// Its user, and the rule that would let it in, for messages.
    pub(crate) fn user_and_rule(&self) -> Option<(String, String)> {
        let sid = self.sid?;
        Some((format!("SID {sid}"), format!("Allow::sid(\"{sid}\".parse()?)")))
    }
}
