//! Alone in its program, because the limit of descriptors belongs to the whole process.
#![cfg(all(feature = "tokio", unix))]

mod common;

use common::{
    fresh_id,
    tokio::{accept, connect, listen, within},
};
use local_socket::{ConnectOptions, error::os_error, tokio::prelude::*};
use rustix::process::{Resource, Rlimit, getrlimit, setrlimit};
use std::io::Write;
use tokio::io::AsyncReadExt;

#[tokio::test]
async fn without_descriptors_accepting_fails_and_the_client_stays_in_the_queue() {
    let name = fresh_id();
    let listener = listen(&name);
    let mut client = common::connect(&name);
    client.write_all(b"x").unwrap();

    let before = getrlimit(Resource::Nofile);
    setrlimit(Resource::Nofile, Rlimit { current: Some(0), ..before }).unwrap();
    for _ in 0..3 {
        let error = within("an error", listener.accept()).await.unwrap_err();
        assert_eq!(error.raw_os_error(), Some(libc::EMFILE));
        assert_eq!(listener.try_accept().unwrap_err().raw_os_error(), Some(libc::EMFILE));
        let options = ConnectOptions::new().name(name.borrow());
        let error = within("an error", options.connect_tokio()).await.unwrap_err();
        assert_eq!(os_error(&error), Some(libc::EMFILE));
    }
    setrlimit(Resource::Nofile, before).unwrap();

    let mut server = accept(&listener).await;
    assert_eq!(within("the client's byte", server.read_u8()).await.unwrap(), b'x');
    connect(&name).await;
    accept(&listener).await;
}
