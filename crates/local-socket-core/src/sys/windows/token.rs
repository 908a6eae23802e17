//! Access tokens: as whom a process runs, or a client came.

use super::{security::Descriptor, sid::Sid};
use std::{
    io,
    os::windows::io::{AsHandle, AsRawHandle, BorrowedHandle, FromRawHandle, OwnedHandle},
    ptr,
    sync::OnceLock,
};
use windows_sys::Win32::{
    Foundation::{ERROR_INSUFFICIENT_BUFFER, GetLastError},
    Security::{
        AccessCheck, GENERIC_MAPPING, GetTokenInformation, PRIVILEGE_SET, SID_AND_ATTRIBUTES,
        TOKEN_INFORMATION_CLASS, TOKEN_QUERY, TokenIntegrityLevel, TokenUser,
    },
    System::Threading::{GetCurrentProcess, OpenProcessToken},
};

/// The right that is asked for when somebody is looked for in a token. It counts as writing, which
/// takes an integrity level that is no sandbox's.
const OPEN: u32 = 1;

/// The token of somebody. One of a client is of the kind that access checks take.
#[derive(Debug)]
pub(super) struct Token(OwnedHandle);

impl Token {
    /// Of a handle with TOKEN_QUERY.
    pub(super) fn new(handle: OwnedHandle) -> Self {
        Self(handle)
    }

    fn of_this_process() -> io::Result<Self> {
        let mut handle = ptr::null_mut();
        // SAFETY: the pseudo handle is always valid, and the out pointer is to a local.
        let opened = unsafe { OpenProcessToken(GetCurrentProcess(), TOKEN_QUERY, &mut handle) };
        if opened == 0 {
            return Err(io::Error::last_os_error());
        }
        // SAFETY: the handle was just opened, and nobody else has it.
        Ok(Self(unsafe { OwnedHandle::from_raw_handle(handle) }))
    }

    /// The user.
    pub(super) fn user(&self) -> io::Result<Sid> {
        self.sid(TokenUser)
    }

    /// Whether it is that user or in that group, as the system sees it when a pipe is opened:
    /// groups that are disabled or for denial only, such as the administrators of a program that
    /// isn't elevated, don't count, nor does anything of a sandboxed program. For clients' tokens.
    pub(super) fn has(&self, sid: &Sid) -> io::Result<bool> {
        // What opens a door that only that one may open, and that has the system's default label.
        // Its owner could do so much less that it doesn't matter who that is.
        let door = Descriptor::from_sddl(&format!("O:SYG:SYD:P(A;;{OPEN:#x};;;{sid})"))?;
        let mapping = GENERIC_MAPPING {
            GenericRead: 0,
            GenericWrite: OPEN,
            GenericExecute: 0,
            GenericAll: OPEN,
        };
        let mut privileges = PRIVILEGE_SET::default();
        let mut room = size_of::<PRIVILEGE_SET>() as u32;
        let (mut granted, mut may_open) = (0, 0);
        // SAFETY: the handle is open, the descriptor is valid, and the rest points to locals, of the
        // size that is said.
        let checked = unsafe {
            AccessCheck(
                door.as_ptr().cast_mut(),
                self.raw(),
                OPEN,
                &mapping,
                &mut privileges,
                &mut room,
                &mut granted,
                &mut may_open,
            )
        };
        if checked == 0 { Err(io::Error::last_os_error()) } else { Ok(may_open != 0) }
    }

    /// How much it is trusted: the last number of the label's SID.
    fn integrity(&self) -> io::Result<u32> {
        let label = self.sid(TokenIntegrityLevel)?;
        Ok(label.last_sub_authority())
    }

    /// What begins with a SID_AND_ATTRIBUTES: TOKEN_USER and TOKEN_MANDATORY_LABEL do.
    fn sid(&self, class: TOKEN_INFORMATION_CLASS) -> io::Result<Sid> {
        let information = self.information(class)?;
        if size_of_val(&information[..]) < size_of::<SID_AND_ATTRIBUTES>() {
            return Err(io::ErrorKind::InvalidData.into());
        }
        // SAFETY: the buffer is aligned for it and long enough, and the system has filled it.
        let sid = unsafe { (*information.as_ptr().cast::<SID_AND_ATTRIBUTES>()).Sid };
        // SAFETY: the system says that a SID is there, in the buffer that is still alive.
        unsafe { Sid::from_ptr(sid) }
    }

    /// Aligned as pointers are, since there are some in it.
    fn information(&self, class: TOKEN_INFORMATION_CLASS) -> io::Result<Vec<usize>> {
        let mut information = vec![0_usize; 32];
        loop {
            let room = u32::try_from(size_of_val(&information[..])).map_err(io::Error::other)?;
            let mut length = 0;
            let buffer = information.as_mut_ptr().cast();
            // SAFETY: the handle is open, and there is as much room as is said.
            let told = unsafe { GetTokenInformation(self.raw(), class, buffer, room, &mut length) };
            if told != 0 {
                return Ok(information);
            }
            // SAFETY: has no preconditions.
            if unsafe { GetLastError() } != ERROR_INSUFFICIENT_BUFFER || length <= room {
                return Err(io::Error::last_os_error());
            }
            information.resize((length as usize).div_ceil(size_of::<usize>()), 0);
        }
    }

    fn raw(&self) -> windows_sys::Win32::Foundation::HANDLE {
        self.0.as_raw_handle()
    }
}

impl AsHandle for Token {
    fn as_handle(&self) -> BorrowedHandle<'_> {
        self.0.as_handle()
    }
}

/// The user that this process runs as, which never changes.
pub(super) fn current_user() -> io::Result<Sid> {
    static USER: OnceLock<Sid> = OnceLock::new();
    if let Some(user) = USER.get() {
        return Ok(*user);
    }
    let user = Token::of_this_process()?.user()?;
    Ok(*USER.get_or_init(|| user))
}

/// The integrity level of this process, by the numbers of SECURITY_MANDATORY_…_RID.
pub(super) fn integrity() -> io::Result<u32> {
    Token::of_this_process()?.integrity()
}
