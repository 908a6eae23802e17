//! Whom the system itself turns away, which Wine leaves to its users.
#![cfg(windows)]

mod common;

use common::{
    fresh_id,
    windows::{integrity, is_wine, open, open_for, owned},
};
use local_socket::{Allow, ListenerOptions, Name, os::windows::Sid};
use std::{
    io,
    os::windows::io::{AsRawHandle, OwnedHandle},
    ptr,
};
use windows_sys::Win32::{
    Foundation::{ERROR_ACCESS_DENIED, GENERIC_EXECUTE, GENERIC_READ, GENERIC_WRITE},
    Security::{
        CreateRestrictedToken, DuplicateTokenEx, ImpersonateLoggedOnUser, RevertToSelf,
        SID_AND_ATTRIBUTES, SecurityImpersonation, SetTokenInformation, TOKEN_ADJUST_DEFAULT,
        TOKEN_DUPLICATE, TOKEN_IMPERSONATE, TOKEN_MANDATORY_LABEL, TOKEN_QUERY, TokenImpersonation,
        TokenIntegrityLevel,
    },
    Storage::FileSystem::PIPE_ACCESS_DUPLEX,
    System::{
        Pipes::{CreateNamedPipeW, PIPE_TYPE_MESSAGE},
        SystemServices::SE_GROUP_INTEGRITY,
        Threading::{GetCurrentProcess, OpenProcessToken},
    },
};

/// A token that is neither this user nor an administrator, though everyone else it was.
fn stranger() -> OwnedHandle {
    let (user, administrators) = (Sid::current_user().unwrap(), Sid::ADMINISTRATORS);
    let disabled = [&user, &administrators].map(|sid| SID_AND_ATTRIBUTES {
        Sid: sid.as_bytes().as_ptr().cast_mut().cast(),
        Attributes: 0,
    });
    let rights = TOKEN_DUPLICATE | TOKEN_QUERY | TOKEN_IMPERSONATE;
    let (mut own, mut restricted) = (ptr::null_mut(), ptr::null_mut());
    // SAFETY: the pseudo handle is always valid, the SIDs are alive, and the rest are locals.
    unsafe {
        assert_ne!(OpenProcessToken(GetCurrentProcess(), rights, &mut own), 0);
        let own = owned(own).unwrap();
        let made = CreateRestrictedToken(
            own.as_raw_handle(),
            0,
            disabled.len() as u32,
            disabled.as_ptr(),
            0,
            ptr::null(),
            0,
            ptr::null(),
            &mut restricted,
        );
        assert_ne!(made, 0, "{}", io::Error::last_os_error());
    }
    owned(restricted).unwrap()
}

/// This user's token, with a lower integrity level and all else as it was.
fn lowered(level: u32) -> OwnedHandle {
    let sid: Sid = format!("S-1-16-{level}").parse().unwrap();
    let label = TOKEN_MANDATORY_LABEL {
        Label: SID_AND_ATTRIBUTES {
            Sid: sid.as_bytes().as_ptr().cast_mut().cast(),
            Attributes: SE_GROUP_INTEGRITY as u32,
        },
    };
    let rights = TOKEN_QUERY | TOKEN_IMPERSONATE | TOKEN_ADJUST_DEFAULT;
    let (mut own, mut copy) = (ptr::null_mut(), ptr::null_mut());
    // SAFETY: the pseudo handle is always valid, the SID is alive, and the rest are locals, of the
    // size that is said.
    unsafe {
        assert_ne!(OpenProcessToken(GetCurrentProcess(), TOKEN_DUPLICATE, &mut own), 0);
        let own = owned(own).unwrap();
        let copied = DuplicateTokenEx(
            own.as_raw_handle(),
            rights,
            ptr::null(),
            SecurityImpersonation,
            TokenImpersonation,
            &mut copy,
        );
        assert_ne!(copied, 0, "{}", io::Error::last_os_error());
        let copy = owned(copy).unwrap();
        let (information, size) = ((&raw const label).cast(), size_of_val(&label) as u32);
        let set = SetTokenInformation(copy.as_raw_handle(), TokenIntegrityLevel, information, size);
        assert_ne!(set, 0, "{}", io::Error::last_os_error());
        copy
    }
}

/// Does it as somebody who is none of those that the same user's rule lets in.
fn as_stranger<T>(deed: impl FnOnce() -> T) -> T {
    impersonating(&stranger(), deed)
}

/// Does it as whoever a token is of.
fn impersonating<T>(token: &OwnedHandle, deed: impl FnOnce() -> T) -> T {
    // SAFETY: the handle is open.
    assert_ne!(unsafe { ImpersonateLoggedOnUser(token.as_raw_handle()) }, 0);
    let result = deed();
    // SAFETY: has no preconditions.
    assert_ne!(unsafe { RevertToSelf() }, 0);
    result
}

/// Makes a further instance of the pipe.
fn serve_too(name: &Name<'_>) -> io::Result<OwnedHandle> {
    let path: Vec<u16> = name.to_string().encode_utf16().chain([0]).collect();
    // SAFETY: the path ends with a NUL, and the attributes may be null.
    owned(unsafe {
        CreateNamedPipeW(
            path.as_ptr(),
            PIPE_ACCESS_DUPLEX,
            PIPE_TYPE_MESSAGE,
            255,
            512,
            512,
            0,
            ptr::null(),
        )
    })
}

fn is_denied<T>(result: io::Result<T>) -> bool {
    let number = result.err().and_then(|error| error.raw_os_error());
    number == Some(ERROR_ACCESS_DENIED as i32)
}

#[test]
fn a_stranger_cannot_open_a_pipe_of_the_same_user_and_everyone_can_open_everyones() {
    if is_wine("it doesn't check who opens pipes") {
        return;
    }
    for (allow, stranger_is_denied) in [
        (Allow::same_user(), true),
        (Allow::sid("S-1-5-21-1-2-3-1001".parse().unwrap()), true),
        (Allow::anyone(), false),
        (Allow::sid(Sid::EVERYONE), false),
    ] {
        let name = fresh_id();
        let options = ListenerOptions::new().name(name.borrow()).allow(allow.clone());
        let _listener = options.create_sync().unwrap();
        let opened = as_stranger(|| open(&name.to_string(), 0));
        assert_eq!(is_denied(opened), stranger_is_denied, "{allow:?}");
        open(&name.to_string(), 0).expect("this user may");
    }
}

/// What a client may want of a pipe. The last is enough to be accepted.
const WANTS: [u32; 3] = [GENERIC_READ, GENERIC_WRITE, GENERIC_EXECUTE];

const LOW: u32 = 0x1000;
const MEDIUM: u32 = 0x2000;
const HIGH: u32 = 0x3000;

#[test]
fn a_sandboxed_program_can_neither_read_nor_be_accepted() {
    if is_wine("it doesn't check labels") {
        return;
    }
    assert!(integrity() >= MEDIUM, "a program that is sandboxed itself can't tell");
    let sandboxed = lowered(LOW);
    for allow in [
        Allow::same_user(),
        Allow::sid(Sid::current_user().unwrap()),
        Allow::sid(Sid::EVERYONE),
        Allow::anyone(),
        Allow::by(|_| true),
    ] {
        for wanted in WANTS {
            let name = fresh_id();
            let options = ListenerOptions::new().name(name.borrow()).allow(allow.clone());
            let _listener = options.create_sync().unwrap();
            let opened = impersonating(&sandboxed, || open_for(wanted, &name.to_string(), 0));
            assert!(is_denied(opened), "{allow:?} {wanted:#x}");
            open_for(wanted, &name.to_string(), 0).expect("this program may");
        }
    }
}

#[test]
fn a_program_that_is_not_elevated_can_neither_read_from_an_elevated_one_nor_be_accepted() {
    if is_wine("it doesn't check labels") {
        return;
    }
    if integrity() < HIGH {
        println!("skipped: this program isn't elevated");
        return;
    }
    let not_elevated = lowered(MEDIUM);
    for (allow, may_open) in [(Allow::same_user(), false), (Allow::anyone(), true)] {
        for wanted in WANTS {
            let name = fresh_id();
            let options = ListenerOptions::new().name(name.borrow()).allow(allow.clone());
            let _listener = options.create_sync().unwrap();
            let opened = impersonating(&not_elevated, || open_for(wanted, &name.to_string(), 0));
            assert_eq!(is_denied(opened), !may_open, "{allow:?} {wanted:#x}");
            open_for(wanted, &name.to_string(), 0).expect("this program may");
        }
    }
}

#[test]
fn a_stranger_cannot_serve_at_a_name_that_everyone_may_connect_to() {
    if is_wine("it doesn't check who makes instances of pipes") {
        return;
    }
    let name = fresh_id();
    let options = ListenerOptions::new().name(name.borrow()).allow(Allow::anyone());
    let _listener = options.create_sync().unwrap();
    assert!(is_denied(as_stranger(|| serve_too(&name))));
}

#[test]
fn a_stranger_who_may_open_the_pipe_is_told_apart_by_its_token() {
    if is_wine("it has no tokens with groups for denial only") {
        return;
    }
    use local_socket::{ListenerNonblockingMode, os::windows::ListenerOptionsExt, prelude::*};
    use windows_sys::Win32::Storage::FileSystem::{SECURITY_IDENTIFICATION, SECURITY_SQOS_PRESENT};

    for (allow, is_let_in) in [(Allow::same_user(), false), (Allow::sid(Sid::EVERYONE), true)] {
        let name = fresh_id();
        let options = ListenerOptions::new().name(name.borrow()).allow(allow.clone());
        let listener = options
            .sddl("D:P(A;;FA;;;WD)")
            .unwrap()
            .nonblocking(ListenerNonblockingMode::Accept)
            .create_sync()
            .unwrap();
        let flags = SECURITY_SQOS_PRESENT | SECURITY_IDENTIFICATION;
        let _client = as_stranger(|| open(&name.to_string(), flags)).unwrap();
        assert_eq!(listener.accept().is_ok(), is_let_in, "{allow:?}");
    }
}
