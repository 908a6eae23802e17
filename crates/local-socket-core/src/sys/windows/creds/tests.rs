use super::*;
use crate::sys::windows::{testing, token};
use std::{
    os::windows::io::{AsHandle, OwnedHandle},
    ptr,
    time::Instant,
};
use windows_sys::Win32::Storage::FileSystem::{
    SECURITY_ANONYMOUS, SECURITY_CONTEXT_TRACKING, SECURITY_IDENTIFICATION, SECURITY_SQOS_PRESENT,
    WriteFile,
};

fn write(pipe: &OwnedHandle, bytes: &[u8]) {
    let mut written = 0;
    let length = bytes.len().try_into().unwrap();
    // SAFETY: the handle isn't overlapped, and the pointers are to locals.
    let done = unsafe {
        WriteFile(pipe.as_raw_handle(), bytes.as_ptr(), length, &mut written, ptr::null_mut())
    };
    assert_eq!((done, written), (1, length));
}

#[test]
fn both_ends_know_process_session_and_user_of_the_other() {
    let (server, client) = testing::pair(testing::KNOWN);
    let of_client = peer_creds(server.as_handle(), End::Server).unwrap();
    let of_server = peer_creds(client.as_handle(), End::Client).unwrap();
    assert_eq!(of_client.pid(), Some(std::process::id()));
    assert_eq!(of_server.pid(), Some(std::process::id()));
    assert_eq!(of_client.session(), of_server.session());
    assert_eq!(of_client.sid(), Some(token::current_user().unwrap()));
    // The default owner of an elevated program is a group.
    let owners = [Some(token::current_user().unwrap()), Some(Sid::ADMINISTRATORS)];
    if !testing::is_wine("pipes with the default descriptor have no owner") {
        assert!(owners.contains(&of_server.sid()), "{of_server:?}");
    }
    for end in [(&server, End::Server), (&client, End::Client)] {
        assert_eq!(peer_is_running(end.0.as_handle(), end.1).unwrap(), Some(true));
    }
}

#[test]
fn a_client_whose_context_is_tracked_is_known_once_bytes_are_there() {
    let dynamic = SECURITY_SQOS_PRESENT | SECURITY_IDENTIFICATION | SECURITY_CONTEXT_TRACKING;
    let (server, client) = testing::pair(dynamic);
    let before = peer_creds(server.as_handle(), End::Server).unwrap();
    assert_eq!(before.pid(), Some(std::process::id()));
    // Unknown or right. Windows is expected not to know yet; Wine does.
    let user = token::current_user().unwrap();
    assert!(before.sid().is_none_or(|sid| sid == user), "{before:?}");
    write(&client, b"bytes");
    let after = peer_creds(server.as_handle(), End::Server).unwrap();
    assert_eq!(after.sid(), Some(user));
}

#[test]
fn a_client_that_does_not_want_to_be_known_is_not() {
    let (server, client) = testing::pair(SECURITY_SQOS_PRESENT | SECURITY_ANONYMOUS);
    write(&client, b"bytes");
    if !testing::is_wine("it tells of anonymous clients") {
        assert_eq!(peer_creds(server.as_handle(), End::Server).unwrap().sid(), None);
    }
}

#[test]
fn the_caller_stays_who_it_was() {
    let (server, _client) = testing::pair(testing::KNOWN);
    client_token(server.as_handle()).unwrap();
    let mut handle = ptr::null_mut();
    // SAFETY: the pseudo handle is always valid, and the out pointer is to a local.
    let has_token = unsafe {
        windows_sys::Win32::System::Threading::OpenThreadToken(
            windows_sys::Win32::System::Threading::GetCurrentThread(),
            windows_sys::Win32::Security::TOKEN_QUERY,
            1,
            &mut handle,
        )
    };
    assert_eq!(has_token, 0, "this thread impersonates nobody");
}

#[test]
fn many_threads_may_ask_at_once() {
    let pairs = [(); 4].map(|()| testing::pair(testing::KNOWN));
    let user = token::current_user().unwrap();
    std::thread::scope(|scope| {
        for (server, _client) in &pairs {
            scope.spawn(move || {
                for _ in 0..25 {
                    let creds = peer_creds(server.as_handle(), End::Server).unwrap();
                    assert_eq!(creds.sid(), Some(user));
                }
            });
        }
    });
}

#[test]
fn a_client_that_has_gone_is_no_obstacle() {
    let (server, client) = testing::pair(testing::KNOWN);
    drop(client);
    // Whether it is still known is up to the system; it may not hang or fail in other ways.
    let _ = peer_creds(server.as_handle(), End::Server);
}

#[test]
#[ignore = "by command: a measurement"]
fn what_asking_costs() {
    let (server, client) = testing::pair(testing::KNOWN);
    for (what, pipe, end) in [("client", &server, End::Server), ("server", &client, End::Client)] {
        for (part, ask) in [
            ("pid", (|pipe, end| drop(pid(pipe, end))) as fn(BorrowedHandle<'_>, End)),
            ("all", |pipe, end| drop(peer_creds(pipe, end))),
        ] {
            let start = Instant::now();
            (0..1_000).for_each(|_| ask(pipe.as_handle(), end));
            println!("{what} {part}: {:?}", start.elapsed() / 1_000);
        }
    }
}
