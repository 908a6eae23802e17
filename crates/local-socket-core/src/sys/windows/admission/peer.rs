//! Rules about the other end.

use crate::{
    admission::{Allow, Rule},
    creds::PeerCreds,
    sys::windows::{
        creds,
        impersonation::client_token,
        pipe::End,
        sid::Sid,
        token::{self, Token},
    },
};
use std::{io, os::windows::io::BorrowedHandle};

/// The other end, asked about when it matters and once.
pub(super) struct Peer<'p> {
    pipe: BorrowedHandle<'p>,
    end: End,
    /// Whether the system has let in only whom the rules do, and this process's user.
    enforced: bool,
    who: Option<Who>,
}

/// As whom it comes, by what the system tells.
enum Who {
    Client(Token),
    Owner(Sid),
    Unknown(io::Error),
}

impl<'p> Peer<'p> {
    pub(super) fn new(pipe: BorrowedHandle<'p>, end: End, enforced: bool) -> Self {
        Self { pipe, end, enforced, who: None }
    }

    fn who(&mut self) -> &Who {
        let (pipe, end) = (self.pipe, self.end);
        self.who.get_or_insert_with(|| match end {
            End::Server => client_token(pipe).map_or_else(Who::Unknown, Who::Client),
            End::Client => creds::owner(pipe).map_or_else(Who::Unknown, Who::Owner),
        })
    }

    /// The client's user, or the server's owner.
    pub(super) fn user(&mut self) -> Option<Sid> {
        match self.who() {
            Who::Client(token) => token.user().ok(),
            Who::Owner(owner) => Some(*owner),
            Who::Unknown(_) => None,
        }
    }

    /// Why the system didn't tell, if it was asked and didn't.
    pub(super) fn into_error(self) -> Option<io::Error> {
        match self.who {
            Some(Who::Unknown(error)) => Some(error),
            _ => None,
        }
    }

    /// `None` if the system tells nothing.
    pub(super) fn known(&mut self) -> Option<PeerCreds> {
        let pid = creds::pid(self.pipe, self.end).ok();
        let session = creds::session(self.pipe, self.end).ok();
        let sid = self.user();
        let is_known = pid.is_some() || session.is_some() || sid.is_some();
        is_known.then_some(PeerCreds { pid, session, sid })
    }

    /// Whether a rule lets it in. What isn't known matches no user and no group, unless the system
    /// has matched it already.
    pub(super) fn is_in(&mut self, allow: &Allow) -> bool {
        match &allow.0 {
            Rule::Anyone => true,
            Rule::SameUser => self.enforced || self.is_trusted(),
            Rule::Sid(sid) => self.has(sid).unwrap_or(self.enforced),
            Rule::AnyOf(rules) => rules.iter().any(|rule| self.is_in(rule)),
            Rule::By(judge) => (judge.0)(&self.known().unwrap_or(PeerCreds::UNKNOWN)),
        }
    }

    /// Whether it is this process's user, the system or an administrator.
    fn is_trusted(&mut self) -> bool {
        let is_user = token::current_user().ok().and_then(|user| self.has(&user));
        let mut others = [Sid::SYSTEM, Sid::ADMINISTRATORS].iter();
        is_user == Some(true) || others.any(|sid| self.has(sid) == Some(true))
    }

    /// `None` if the system doesn't tell.
    fn has(&mut self, sid: &Sid) -> Option<bool> {
        match self.who() {
            Who::Client(token) => token.has(sid).ok(),
            Who::Owner(owner) => Some(owner == sid),
            Who::Unknown(_) => None,
        }
    }
}
