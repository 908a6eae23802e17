//! Rules about the other end.

use crate::{
    admission::{Allow, Rule},
    creds::PeerCreds,
    sys::unix::creds,
};
use std::os::fd::BorrowedFd;

/// The other end, asked about when it matters and once.
pub(super) struct Peer<'s> {
    socket: BorrowedFd<'s>,
    known: Option<Option<PeerCreds>>,
}

impl<'s> Peer<'s> {
    pub(super) fn of(socket: BorrowedFd<'s>) -> Self {
        Self { socket, known: None }
    }

    /// `None` if the system can't tell, as macOS can't of a client that has gone.
    pub(super) fn known(&mut self) -> Option<PeerCreds> {
        *self.known.get_or_insert_with(|| creds::peer_creds(self.socket).ok())
    }

    /// With nothing in them if the system can't tell.
    pub(super) fn creds(&mut self) -> PeerCreds {
        self.known().unwrap_or(PeerCreds { pid: None, euid: None, egid: None, groups: None })
    }

    /// Whether a rule lets it in. What isn't known matches no user and no group.
    pub(super) fn is_in(&mut self, allow: &Allow) -> bool {
        match &allow.0 {
            Rule::Anyone => true,
            Rule::SameUser => self
                .creds()
                .euid
                .is_some_and(|euid| euid == 0 || euid == rustix::process::geteuid().as_raw()),
            Rule::Uid(uid) => self.creds().euid == Some(*uid),
            Rule::Gid(gid) => self.creds().egid == Some(*gid) || self.is_in_group(*gid),
            Rule::AnyOf(rules) => rules.iter().any(|rule| self.is_in(rule)),
            Rule::By(judge) => (judge.0)(&self.creds()),
        }
    }

    fn is_in_group(&self, gid: libc::gid_t) -> bool {
        creds::peer_groups(self.socket).ok().flatten().is_some_and(|groups| groups.contains(&gid))
    }
}
