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
//!
//! What rights don't tell apart, since a sandboxed program has its user's, a label does. It is never
//! above this process's own level, which would take a privilege (SeRelabelPrivilege), and there is
//! none below the medium level: the system gives such a program's pipes the program's own.

use super::Descriptor;
use crate::{
    admission::{Allow, Rule},
    sys::windows::{sid::Sid, token},
};
use std::io;
use windows_sys::Win32::System::SystemServices::{
    SECURITY_MANDATORY_HIGH_RID, SECURITY_MANDATORY_MEDIUM_RID,
};

/// FILE_GENERIC_READ | FILE_GENERIC_WRITE without FILE_CREATE_PIPE_INSTANCE.
const CLIENT: &str = "0x12019b";

/// What programs of a lower level than the label may not do: write, read, execute. Without a label
/// it is writing alone (MS-DTYP, 2.4.4.13 and 2.5.3.3), so that they could open a pipe for reading.
/// What counts as executing (FILE_GENERIC_EXECUTE) is good for nothing but being accepted, which
/// takes an instance (npfs, `NpCreateClientEnd` in ReactOS).
const NOTHING: &str = "NWNRNX";

const HIGH: u32 = SECURITY_MANDATORY_HIGH_RID as u32;
const MEDIUM: u32 = SECURITY_MANDATORY_MEDIUM_RID as u32;

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

    /// The text form, for a process of this user and integrity level.
    fn sddl(&self, user: &Sid, integrity: u32) -> String {
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
        // An elevated program's keeps out programs of its user that aren't, unless others are let in,
        // who aren't elevated as a rule, and whom it would keep out as well.
        let is_private = self.same_user && !self.anyone && self.sids.is_empty();
        let label = match integrity {
            HIGH.. if is_private => "HI",
            MEDIUM.. => "ME",
            _ => return sddl,
        };
        sddl + &format!("S:(ML;;{NOTHING};;;{label})")
    }
}

/// Whether the system lets in by itself whom the rules do, but for this process's user.
pub(in crate::sys::windows) fn can_be_said(allow: &Allow) -> bool {
    !Said::by(allow).by_function
}

/// The text form of what rules come to, for a process of this user and integrity level.
pub(super) fn sddl(allow: &Allow, user: &Sid, integrity: u32) -> String {
    Said::by(allow).sddl(user, integrity)
}

impl Descriptor {
    /// What the rules say, as far as a descriptor can say it: whom a function judges is let in, for
    /// it to be judged.
    pub(crate) fn from_allow(allow: &Allow) -> io::Result<Self> {
        Self::from_sddl(&sddl(allow, &token::current_user()?, token::integrity()?))
    }
}
