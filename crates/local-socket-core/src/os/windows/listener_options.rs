//! Options for listeners on Windows.

use crate::{options::ListenerOptions, sealed::Sealed, sys::windows::security::Descriptor};
use interprocess::os::windows::security_descriptor::{AsSecurityDescriptor, SecurityDescriptor};
use std::io;

/// Options for listeners on Windows.
///
/// A pipe's security descriptor says who may open it, and whose it is. The system checks it when a
/// client opens the pipe, and turns those away that it doesn't let in, with
/// [`PermissionDenied`](io::ErrorKind::PermissionDenied): the listener neither hears of them nor
/// counts them. It is there from the moment that the name is.
///
/// Default: what [`allow`](crate::ListenerOptions::allow) says, as far as a descriptor can say it,
/// with this process's user as owner:
///
/// | rule | who may open the pipe |
/// |---|---|
/// | [`same_user`](crate::Allow::same_user) | this process's user, the system, administrators; from an elevated program only such programs of this user, unless others are allowed besides |
/// | [`sid`](crate::Allow::sid) | that one, and this process's user |
/// | [`anyone`](crate::Allow::anyone), [`by`](crate::Allow::by) | everyone |
///
/// Everyone is everyone who has logged on, so not anonymous clients, and neither sandboxed programs
/// (of a low integrity level, or in an app container): those can't open the pipe whatever the rules,
/// be it for reading alone, which a label in the descriptor sees to unless this program is sandboxed
/// itself. Without `allow` it is the system's default for pipes: full access for this process's
/// user, the system and administrators, and reading alone for everyone, anonymous clients and those
/// of a low integrity level included; for an elevated program, the owner is the group of
/// administrators.
///
/// Clients on other machines are turned away whatever it says. A thread that impersonates somebody
/// can't listen by rules, since the pipe's owner is this process's user.
pub trait ListenerOptionsExt: Sized + Sealed {
    /// The security descriptor, in place of what [`allow`](crate::ListenerOptions::allow) comes to.
    /// There is no way back to the default but to make new options.
    ///
    /// If there are rules as well, the system goes by the descriptor when a pipe is opened, and who
    /// is let in is judged by the rules afterwards, which matches the user and groups of the client
    /// ([`PeerCreds::sid`](crate::PeerCreds::sid) says when these are unknown; then it isn't let in
    /// but by `anyone`, or by a function that says so).
    ///
    /// It needs to let this process's user make further instances of the pipe (in SDDL `FA`, full
    /// access, or at least `0x12019f`); otherwise the listener has one instance and accepting fails.
    /// Others shouldn't be let (`0x12019b` is what clients need): whoever makes an instance can be
    /// connected to in your place. An owner other than this process's user or one of its groups that
    /// may own, an audit list, and a label above this process's own integrity level take privileges.
    /// Without a label, programs of a lower level may open the pipe for reading, if the rights let
    /// them: `S:(ML;;NWNRNX;;;ME)` at the end of the text keeps sandboxed ones out, as rules do.
    ///
    /// # Errors
    /// Listening fails with the system's error if it is no valid descriptor.
    #[must_use]
    fn security_descriptor(self, sd: SecurityDescriptor) -> Self;

    /// As [`security_descriptor`](Self::security_descriptor), from its text form: the security
    /// descriptor definition language, such as
    /// `D:P(A;;FA;;;OW)(A;;0x12019b;;;S-1-5-21-1-2-3-1001)`.
    ///
    /// # Errors
    /// [`InvalidInput`](io::ErrorKind::InvalidInput) if it isn't such a text.
    fn sddl(self, text: &str) -> io::Result<Self>;
}

impl ListenerOptionsExt for ListenerOptions<'_> {
    fn security_descriptor(self, sd: SecurityDescriptor) -> Self {
        // Copied at once, since its own way to clone it loses owner and group.
        // SAFETY: whoever made it has promised that it is one, and it is alive.
        let copied = unsafe { Descriptor::copy(sd.as_sd()) };
        // Every error of copying has the system's number.
        let number = |error: io::Error| error.raw_os_error().unwrap_or_default();
        Self { security: Some(copied.map_err(number)), ..self }
    }

    fn sddl(self, text: &str) -> io::Result<Self> {
        Ok(Self { security: Some(Ok(Descriptor::from_sddl(text)?)), ..self })
    }
}
