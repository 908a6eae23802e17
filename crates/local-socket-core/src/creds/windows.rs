//! What Windows tells of a peer.

/// What the system says about the other end of a stream.
#[derive(Copy, Clone, Debug)]
pub struct PeerCreds {
    pub(crate) pid: Option<u32>,
}

impl PeerCreds {
    /// The id of the process that connected, or of the one that made the pipe.
    #[must_use]
    pub fn pid(&self) -> Option<u32> {
        self.pid
    }

    /// Its user, and the rule that would let it in, for messages.
    pub(crate) fn user_and_rule(&self) -> Option<(String, String)> {
        unimplemented!()
    }
}
