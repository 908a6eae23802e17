//! Alone in its program, because the limit of descriptors belongs to the whole process.
#![cfg(all(feature = "tokio", target_os = "linux"))]

mod common;

use common::{
    descriptors::{LINGERS, pass_lingering},
    fresh_path,
    tokio::within,
};
use local_socket::{ListenerOptions, os::unix::ListenerOptionsExt, tokio::prelude::*};
use rustix::process::{Resource, Rlimit, getrlimit, setrlimit};
use std::{
    os::{
        fd::{AsFd, AsRawFd},
        unix::net::{UnixListener, UnixStream},
    },
    time::Instant,
};

#[tokio::test]
async fn a_client_that_there_is_no_second_descriptor_for_holds_nobody_up_with_what_it_passed() {
    let (_folder, path) = fresh_path();
    let socket = UnixListener::bind(&path).unwrap();
    // Before there is a listener that refuses descriptors.
    let clients = [(); 2].map(|()| UnixStream::connect(&path).unwrap());
    let _unread = clients.each_ref().map(pass_lingering);
    let options = ListenerOptions::new().receive_descriptors(false);
    let listener = options.create_tokio_from(socket.into()).unwrap();

    let before = getrlimit(Resource::Nofile);
    let free = clients[0].as_fd().try_clone_to_owned().unwrap().as_raw_fd();
    let one_more = Some(u64::try_from(free).unwrap() + 1);
    setrlimit(Resource::Nofile, Rlimit { current: one_more, ..before }).unwrap();
    let start = Instant::now();
    let waited_for = within("an answer", listener.accept()).await.map(drop);
    let at_once = listener.try_accept().map(drop);
    let took = start.elapsed();
    setrlimit(Resource::Nofile, before).unwrap();

    for result in [waited_for, at_once] {
        assert_eq!(result.unwrap_err().raw_os_error(), Some(libc::EMFILE));
    }
    assert!(took < LINGERS / 2, "accepting was held up for {took:?}");
}
