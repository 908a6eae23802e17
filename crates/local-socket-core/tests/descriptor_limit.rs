//! Alone in its program, because the limit of descriptors belongs to the whole process.
#![cfg(unix)]

mod common;

use common::{connect, fresh_id, listen};
use local_socket::{ConnectOptions, error::os_error, prelude::*};
use rustix::process::{Resource, Rlimit, getrlimit, setrlimit};
use std::io::{Read, Write};

#[test]
fn without_descriptors_accepting_fails_at_once_and_the_client_stays_in_the_queue() {
    let name = fresh_id();
    let listener = listen(&name);
    let mut client = connect(&name);
    client.write_all(b"x").unwrap();

    // None at all would make poll(2) fail, which counts what it is asked about.
    let before = getrlimit(Resource::Nofile);
    setrlimit(Resource::Nofile, Rlimit { current: Some(1), ..before }).unwrap();
    for _ in 0..3 {
        assert_eq!(listener.accept().unwrap_err().raw_os_error(), Some(libc::EMFILE));
        assert_eq!(listener.try_accept().unwrap_err().raw_os_error(), Some(libc::EMFILE));
        let options = ConnectOptions::new().name(name.borrow());
        assert_eq!(os_error(&options.connect_sync().unwrap_err()), Some(libc::EMFILE));
    }
    setrlimit(Resource::Nofile, before).unwrap();

    let mut server = listener.accept().unwrap();
    let mut byte = [0];
    server.read_exact(&mut byte).unwrap();
    assert_eq!(&byte, b"x");
    let _next = connect(&name);
    listener.accept().unwrap();
}
