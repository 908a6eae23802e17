//! Who is let in on tokio, and who may be served by, over pipes.
#![cfg(all(feature = "tokio", windows))]

mod common;

use common::{
    fresh_id,
    tokio::{accept, connect, within},
};
use local_socket::{
    Allow, ConnectOptions, ListenerOptions, PeerCreds,
    error::ServerNotAllowed,
    os::windows::Sid,
    tokio::{Listener, Stream, prelude::*},
};
use std::io::ErrorKind;
use tokio::io::AsyncReadExt;

fn other() -> Sid {
    "S-1-5-21-1-2-3-1001".parse().unwrap()
}

#[tokio::test]
async fn both_ends_know_who_the_other_is() {
    let name = fresh_id();
    let options = ListenerOptions::new().name(name.borrow()).allow(Allow::same_user());
    let listener: Listener = options.create_tokio().unwrap();
    let client: Stream = connect(&name).await;
    let server = accept(&listener).await;
    for stream in [&client, &server] {
        let creds = stream.peer_creds().unwrap();
        assert_eq!(creds.pid(), Some(std::process::id()));
        assert_eq!(creds.sid(), Some(Sid::current_user().unwrap()));
        let Stream::NamedPipe(inner) = stream;
        assert_eq!(inner.peer_is_running().unwrap(), Some(true));
    }
}

#[tokio::test]
async fn a_client_that_is_not_let_in_sees_the_end_and_who_comes_next_is_accepted() {
    let name = fresh_id();
    let times = std::sync::atomic::AtomicUsize::new(0);
    let all_but_the_first = move |peer: &PeerCreds| {
        let is_first = times.fetch_add(1, std::sync::atomic::Ordering::Relaxed) == 0;
        peer.sid().is_some() && !is_first
    };
    let options = ListenerOptions::new().name(name.borrow()).allow(Allow::by(all_but_the_first));
    let listener = options.create_tokio().unwrap();
    let mut refused = connect(&name).await;
    let _client = connect(&name).await;
    let _server = accept(&listener).await;
    assert_eq!(listener.refused(), 1);
    assert_eq!(within("the end", refused.read(&mut [0])).await.unwrap(), 0);
}

#[tokio::test]
async fn a_call_that_never_waits_turns_away_so_many_in_a_row_and_then_says_so() {
    let name = fresh_id();
    let options = ListenerOptions::new().name(name.borrow()).allow(Allow::any_of([]));
    let listener = options.create_tokio().unwrap();
    let _clients: Vec<_> = (0..100).map(|_| common::connect(&name)).collect();
    assert_eq!(listener.try_accept().unwrap_err().kind(), ErrorKind::ConnectionAborted);
    assert_eq!(listener.refused(), 64);
    assert_eq!(listener.try_accept().unwrap_err().kind(), ErrorKind::WouldBlock);
    assert_eq!(listener.refused(), 100);
}

#[tokio::test]
async fn a_server_that_is_not_allowed_is_refused_and_the_error_says_who_it_is() {
    let name = fresh_id();
    let options = ListenerOptions::new().name(name.borrow()).allow(Allow::same_user());
    let _listener = options.create_tokio().unwrap();
    let connect = |server| ConnectOptions::new().name(name.borrow()).server(server);
    let unwanted = connect(Allow::sid(other()));
    let error = within("an answer", unwanted.connect_tokio()).await.unwrap_err();
    assert_eq!(error.kind(), ErrorKind::PermissionDenied);
    let creds = ServerNotAllowed::of(&error).and_then(ServerNotAllowed::creds).unwrap();
    assert_eq!(creds.sid(), Some(Sid::current_user().unwrap()));
    let wanted = connect(Allow::same_user());
    within("an answer", wanted.connect_tokio()).await.unwrap();
}
