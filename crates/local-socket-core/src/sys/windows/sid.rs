//! Security identifiers: users and groups as Windows knows them.

#[cfg(test)]
mod tests;

use super::token;
use std::{error::Error, fmt, io, slice, str::FromStr};

/// A SID has 15 sub-authorities at most (`SID_MAX_SUB_AUTHORITIES`).
const MOST_SUB_AUTHORITIES: usize = 15;

/// Revision, number of sub-authorities, and the authority's six bytes.
const HEAD: usize = 8;

/// How many bytes the longest one has (`SECURITY_MAX_SID_SIZE`).
const MOST_BYTES: usize = HEAD + 4 * MOST_SUB_AUTHORITIES;

/// The only revision there is (`SID_REVISION`).
const REVISION: u8 = 1;

/// Authorities from here on are written in hexadecimal.
const FIRST_HEXADECIMAL: u64 = 1 << 32;

/// A user or a group, as Windows tells them apart (a security identifier).
///
/// Its text form is that of `whoami /user` and of SDDL, `S-1-5-21-…`; it is printed so and parsed
/// from it. The two-letter names of SDDL, such as `BA`, aren't parsed: they mean different things on
/// different machines.
///
/// ```
/// # #[cfg(windows)] {
/// use local_socket::os::windows::Sid;
///
/// let sid: Sid = "S-1-5-18".parse()?;
/// assert_eq!(sid, Sid::SYSTEM);
/// assert_eq!(sid.to_string(), "S-1-5-18");
/// # }
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
// The bytes are as the system has them. Those beyond its length are 0, so that comparing all of
// them compares two SIDs; the system reads sub-authorities as aligned numbers, wherever it is given
// these bytes.
#[derive(Copy, Clone, PartialEq, Eq, Hash)]
#[repr(C, align(4))]
pub struct Sid([u8; MOST_BYTES]);

impl Sid {
    /// The system itself, as which many services run.
    pub const SYSTEM: Self = Self::well_known(5, &[18]);
    /// The group of the machine's administrators.
    pub const ADMINISTRATORS: Self = Self::well_known(5, &[32, 544]);
    /// Everyone: whoever has logged on.
    pub const EVERYONE: Self = Self::well_known(1, &[0]);

    const fn well_known(authority: u8, sub_authorities: &[u32]) -> Self {
        let mut bytes = [0; MOST_BYTES];
        bytes[0] = REVISION;
        bytes[1] = sub_authorities.len() as u8;
        bytes[HEAD - 1] = authority;
        let mut at = 0;
        while at < sub_authorities.len() {
            let number = sub_authorities[at].to_le_bytes();
            let mut byte = 0;
            while byte < number.len() {
                bytes[HEAD + 4 * at + byte] = number[byte];
                byte += 1;
            }
            at += 1;
        }
        Self(bytes)
    }

    /// The user that this process runs as.
    ///
    /// # Errors
    /// The system's own (OpenProcessToken, GetTokenInformation).
    pub fn current_user() -> io::Result<Self> {
        token::current_user()
    }

    /// From the bytes that the system has for one; bytes after it are ignored. `None` if they are
    /// none.
    #[must_use]
    pub fn from_bytes(bytes: &[u8]) -> Option<Self> {
        let (&revision, &count) = (bytes.first()?, bytes.get(1)?);
        let length = HEAD + 4 * usize::from(count);
        if revision != REVISION || length > MOST_BYTES {
            return None;
        }
        let mut own = [0; MOST_BYTES];
        own[..length].copy_from_slice(bytes.get(..length)?);
        Some(Self(own))
    }

    /// The bytes that the system has for it.
    #[must_use]
    pub fn as_bytes(&self) -> &[u8] {
        &self.0[..HEAD + 4 * usize::from(self.0[1])]
    }

    /// From the system's memory.
    ///
    /// # Safety
    /// A SID is there, in memory that stays as it is meanwhile.
    pub(super) unsafe fn from_ptr(sid: *const core::ffi::c_void) -> io::Result<Self> {
        // SAFETY: the length of a SID is in its second byte, so it has these two.
        let count = unsafe { *sid.cast::<u8>().add(1) };
        // SAFETY: it has as many sub-authorities as it says.
        let bytes = unsafe { slice::from_raw_parts(sid.cast(), HEAD + 4 * usize::from(count)) };
        Self::from_bytes(bytes).ok_or_else(|| io::ErrorKind::InvalidData.into())
    }

    /// The last of its numbers, which tells one of a kind from others.
    pub(super) fn last_sub_authority(&self) -> u32 {
        self.sub_authorities().last().unwrap_or(0)
    }

    fn authority(&self) -> u64 {
        self.0[2..HEAD].iter().fold(0, |number, &byte| number << 8 | u64::from(byte))
    }

    fn sub_authorities(&self) -> impl Iterator<Item = u32> + '_ {
        let numbers = self.as_bytes()[HEAD..].chunks_exact(4);
        numbers.map(|bytes| u32::from_le_bytes([bytes[0], bytes[1], bytes[2], bytes[3]]))
    }
}

impl fmt::Display for Sid {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.authority() {
            large @ FIRST_HEXADECIMAL.. => write!(f, "S-{REVISION}-{large:#014X}")?,
            authority => write!(f, "S-{REVISION}-{authority}")?,
        }
        self.sub_authorities().try_for_each(|number| write!(f, "-{number}"))
    }
}

impl fmt::Debug for Sid {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Sid({self})")
    }
}

/// What was to be parsed as a [`Sid`] isn't its text form.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ParseSidError(String);

impl fmt::Display for ParseSidError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let text = &self.0;
        write!(f, "{text:?} is not a SID: they look like S-1-5-18 and have 1 to 15 numbers more")
    }
}

impl Error for ParseSidError {}

impl FromStr for Sid {
    type Err = ParseSidError;

    fn from_str(text: &str) -> Result<Self, ParseSidError> {
        parse(text).ok_or_else(|| ParseSidError(text.to_owned()))
    }
}

fn parse(text: &str) -> Option<Sid> {
    let mut parts = text.split('-');
    let is_sid = parts.next()?.eq_ignore_ascii_case("S") && parts.next()? == "1";
    let authority = authority_of(parts.next()?)?;
    let mut bytes = [0; MOST_BYTES];
    bytes[0] = REVISION;
    bytes[2..HEAD].copy_from_slice(&authority.to_be_bytes()[2..]);
    let mut count = 0;
    for part in parts {
        let number: u32 = decimal(part)?.try_into().ok()?;
        let at = HEAD + 4 * count;
        bytes.get_mut(at..at + 4)?.copy_from_slice(&number.to_le_bytes());
        count += 1;
    }
    bytes[1] = u8::try_from(count).ok()?;
    (is_sid && count > 0).then_some(Sid(bytes))
}

/// Six bytes, in hexadecimal or not.
fn authority_of(part: &str) -> Option<u64> {
    let number = match part.strip_prefix("0x").or_else(|| part.strip_prefix("0X")) {
        Some(digits) if digits.bytes().all(|byte| byte.is_ascii_hexdigit()) => {
            u64::from_str_radix(digits, 16).ok()?
        }
        Some(_) => return None,
        None => decimal(part)?,
    };
    (number < 1 << 48).then_some(number)
}

/// Digits and no sign.
fn decimal(part: &str) -> Option<u64> {
    part.bytes().all(|byte| byte.is_ascii_digit()).then(|| part.parse().ok()).flatten()
}
