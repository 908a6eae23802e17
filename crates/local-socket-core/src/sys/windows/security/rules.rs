//! Rules as a security descriptor says them.
//!
//! Clients get what reading, writing and looking at a pipe takes, and not the right that the number
//! of FILE_APPEND_DATA is for pipes (FILE_CREATE_PIPE_INSTANCE): with that, a client could make
//! instances of its own and be taken for the server. GENERIC_WRITE holds it, which is why the rights
//! are said by number. Who opens a pipe with GENERIC_WRITE is let in all the same: npfs doesn't ask
//! for that right of clients (`NpCreateClientEnd` in ReactOS), and always of who makes an instance.
//!
//! The user of this process always has full access: making further instances of a pipe is checked
//! by its descriptor, and an owner can change that anyway.

use super::Descriptor;
use crate::{
    admission::{Allow, Rule},
    sys::windows::{sid::Sid, token},
};
use std::io;

/// FILE_GENERIC_READ | FILE_GENERIC_WRITE without FILE_CREATE_PIPE_INSTANCE.
const CLIENT: &str = "0x12019b";

/// What a list of rules comes to.
#[derive(Default)]
struct Said {
    same_user: bool,
    /// Everybody: because a rule says so, or because it takes a function to tell.
    anyone: bool,
    /// Whether it does.
    by_function: bool,
    sids: Vec<Sid>,
}

impl Said {
    fn by(allow: &Allow) -> Self {
        let mut said = Self::default();
        said.add(allow);
        said
    }

    fn add(&mut self, allow: &Allow) {
        match &allow.0 {
            Rule::Anyone => self.anyone = true,
            Rule::SameUser => self.same_user = true,
            Rule::Sid(sid) => self.sids.push(*sid),
            Rule::AnyOf(rules) => rules.iter().for_each(|rule| self.add(rule)),
            Rule::By(_) => (self.anyone, self.by_function) = (true, true),
        }
    }

    /// The text form. `elevated` says whether others of the same user may be less so.
    fn sddl(&self, user: &Sid, elevated: bool) -> String {
        let mut sddl = format!("O:{user}D:P(A;;FA;;;{user})");
        let mut add = |rights: &str, sid: &Sid| {
            if sid != user {
                sddl += &format!("(A;;{rights};;;{sid})");
            }
        };
        if self.same_user || self.anyone {
            add("FA", &Sid::SYSTEM);
            add("FA", &Sid::ADMINISTRATORS);
        }
        if self.anyone {
            add(CLIENT, &Sid::EVERYONE);
        } else {
            self.sids.iter().for_each(|sid| add(CLIENT, sid));
        }
        // Programs of the same user that aren't elevated may not write to what has this label, and
        // so can't open it. Where others are let in, who aren't elevated as a rule, it would keep
        // them out as well.
        if elevated && self.same_user && !self.anyone && self.sids.is_empty() {
            sddl += "S:(ML;;NW;;;HI)";
        }
        sddl
    }
}

/// Whether the system lets in by itself whom the rules do, but for this process's user.
pub(in crate::sys::windows) fn can_be_said(allow: &Allow) -> bool {
    !Said::by(allow).by_function
}

impl Descriptor {
    /// What the rules say, as far as a descriptor can say it: whom a function judges is let in, for
    /// it to be judged.
    pub(crate) fn from_allow(allow: &Allow) -> io::Result<Self> {
        let said = Said::by(allow);
        Self::from_sddl(&said.sddl(&token::current_user()?, token::is_elevated()?))
    }
}
