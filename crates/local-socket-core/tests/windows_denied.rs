//! Whom the system itself turns away, which Wine leaves to its users.
#![cfg(windows)]

mod common;

use common::{
    fresh_id,
    windows::{is_wine, open, owned},
};
use local_socket::{Allow, ListenerOptions, Name, os::windows::Sid};
use std::{
    io,
    os::windows::io::{AsRawHandle, OwnedHandle},
    ptr,
};
use windows_sys::Win32::{
    Foundation::ERROR_ACCESS_DENIED,
    Security::{
        CreateRestrictedToken, ImpersonateLoggedOnUser, RevertToSelf, SID_AND_ATTRIBUTES,
        TOKEN_DUPLICATE, TOKEN_IMPERSONATE, TOKEN_QUERY,
    },
    Storage::FileSystem::PIPE_ACCESS_DUPLEX,
    System::{
        Pipes::{CreateNamedPipeW, PIPE_TYPE_MESSAGE},
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

/// Does it as somebody who is none of those that the same user's rule lets in.
fn as_stranger<T>(deed: impl FnOnce() -> T) -> T {
    let token = stranger();
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
