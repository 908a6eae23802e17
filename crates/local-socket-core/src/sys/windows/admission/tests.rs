use super::*;
use crate::{
    creds::PeerCreds,
    sys::windows::{instance::disconnect, testing},
};
use std::{os::windows::io::OwnedHandle, sync::Mutex};

fn other() -> Sid {
    "S-1-5-21-1-2-3-1001".parse().unwrap()
}

/// Judges a client of this process as if nobody had before.
fn lets_in(allow: &Allow, client: &OwnedHandle, enforced: bool) -> bool {
    Peer::new(client.as_handle(), End::Server, enforced).is_in(allow)
}

#[test]
fn clients_are_judged_by_user_and_groups() {
    let (server, _client) = testing::pair(testing::KNOWN);
    let user = Sid::current_user().unwrap();
    let by_sid = |peer: &PeerCreds| peer.sid() == Some(Sid::current_user().unwrap());
    for (allow, expected) in [
        (Allow::anyone(), true),
        (Allow::same_user(), true),
        (Allow::sid(user), true),
        (Allow::sid(Sid::EVERYONE), true),
        (Allow::sid(other()), false),
        (Allow::by(by_sid), true),
        (Allow::by(|peer| peer.pid() != Some(std::process::id())), false),
        (Allow::any_of([Allow::sid(other()), Allow::by(by_sid)]), true),
        (Allow::any_of([]), false),
    ] {
        assert_eq!(lets_in(&allow, &server, false), expected, "{allow:?}");
    }
    // This user's clients may open the pipe whatever the rules say, so they are judged again.
    assert!(!lets_in(&Allow::sid(other()), &server, true));
}

#[test]
fn who_is_unknown_is_let_in_by_anyone_and_functions_alone_unless_the_system_has_judged() {
    // The end of a client isn't one that can be asked for a client.
    let (_server, client) = testing::pair(testing::KNOWN);
    let user = Sid::current_user().unwrap();
    let unknown = Allow::by(|peer| peer.sid().is_none());
    for (allow, expected, enforced) in [
        (Allow::anyone(), true, true),
        (Allow::same_user(), false, true),
        (Allow::sid(user), false, true),
        (unknown, true, true),
        (Allow::any_of([]), false, false),
    ] {
        assert_eq!(lets_in(&allow, &client, false), expected, "{allow:?}");
        assert_eq!(lets_in(&allow, &client, true), enforced, "{allow:?}");
    }
}

#[test]
fn servers_are_judged_by_the_owner_of_the_pipe() {
    use crate::sys::windows::security::Descriptor;
    let user = Sid::current_user().unwrap();
    let path = testing::fresh();
    let descriptor = Descriptor::from_allow(&Allow::same_user()).unwrap();
    let _server = testing::create(&path, Some(&descriptor)).unwrap();
    let client = testing::open(&path, testing::KNOWN).unwrap();
    for (allow, expected) in [
        (Allow::same_user(), true),
        (Allow::sid(user), true),
        (Allow::sid(Sid::EVERYONE), false),
        (Allow::sid(other()), false),
        (Allow::by(move |peer| peer.sid() == Some(user)), true),
    ] {
        let allowed = Peer::new(client.as_handle(), End::Client, false).is_in(&allow);
        assert_eq!(allowed, expected, "{allow:?}");
    }
}

#[test]
fn a_server_that_hangs_up_before_it_is_known_is_not_said_to_be_a_wrong_one() {
    let (server, client) = testing::pair(testing::KNOWN);
    let client = Pipe::new(client, End::Client).unwrap();
    disconnect(server.as_handle());
    for wanted in [Allow::same_user(), Allow::sid(other()), Allow::by(|_| false)] {
        let error = check_server(&client, Some(&wanted)).unwrap_err();
        assert!(is_over(&error), "{wanted:?}: {error:?}");
    }
}

#[test]
fn only_what_a_descriptor_can_say_is_left_to_the_system() {
    let judged = |options: &ListenerOptions<'_>| {
        Admission::new(options).unwrap().0.map(|restricted| restricted.enforced)
    };
    let options = || ListenerOptions::new();
    assert_eq!(judged(&options()), None);
    assert_eq!(judged(&options().allow(Allow::anyone())), None);
    assert_eq!(judged(&options().allow(Allow::same_user())), Some(true));
    assert_eq!(judged(&options().allow(Allow::by(|_| true))), Some(false));
    let nested = Allow::any_of([Allow::same_user(), Allow::any_of([Allow::by(|_| true)])]);
    assert_eq!(judged(&options().allow(nested)), Some(false));
    let mut with_descriptor = options().allow(Allow::same_user());
    with_descriptor.security =
        Some(Ok(crate::sys::windows::security::Descriptor::from_sddl("D:P(A;;FA;;;WD)").unwrap()));
    assert_eq!(judged(&with_descriptor), Some(false));
}

#[test]
fn refusals_are_counted_and_told_with_who_it_was() {
    let (server, _client) = testing::pair(testing::KNOWN);
    let seen = Arc::new(Mutex::new(Vec::new()));
    let sees = seen.clone();
    let options = ListenerOptions::new()
        .allow(Allow::by(|_| true))
        .max_connections(2)
        .max_connections_per_user(1)
        .on_refused(move |refusal| {
            let sid = refusal.peer().and_then(PeerCreds::sid);
            sees.lock().unwrap().push((refusal.reason(), sid));
        });
    let admission = Admission::new(&options).unwrap();
    let pipe = Pipe::new(server, End::Server).unwrap();
    let first = admission.admit(&pipe).unwrap().expect("it is counted");
    assert_eq!(admission.admit(&pipe).unwrap_err().reason(), RefusalReason::TooManyOfUser);
    drop(first);
    assert!(admission.admit(&pipe).is_ok());
    assert_eq!(admission.refused(), 1);
    let user = Sid::current_user().unwrap();
    assert_eq!(*seen.lock().unwrap(), [(RefusalReason::TooManyOfUser, Some(user))]);
}
