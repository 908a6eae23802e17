//! The other end is `interprocess` and can't tell, in either role, by path and by namespace.

mod common;

use common::{fresh_path_text, pair, within};
use interprocess::local_socket::{self as other, traits::Listener as _, traits::Stream as _};
use local_socket::{GenericFilePath, GenericNamespaced, Name, prelude::*};
use std::{
    io::{Read, Write},
    thread,
};

fn both_kinds() -> (tempfile::TempDir, [(String, bool); 2]) {
    let (folder, path) = fresh_path_text();
    let unique = path.replace(['/', '\\'], "-");
    let id = format!("local-socket-interop-{}-{unique}", std::process::id());
    (folder, [(path, true), (id, false)])
}

fn ours(name: &str, is_path: bool) -> Name<'static> {
    let name = name.to_owned();
    if is_path {
        name.to_fs_name::<GenericFilePath>().unwrap()
    } else {
        name.to_ns_name::<GenericNamespaced>().unwrap()
    }
}

fn theirs(name: &str, is_path: bool) -> other::Name<'static> {
    let name = name.to_owned();
    if is_path {
        other::ToFsName::to_fs_name::<other::GenericFilePath>(name).unwrap()
    } else {
        other::ToNsName::to_ns_name::<other::GenericNamespaced>(name).unwrap()
    }
}

fn echo_once(mut stream: impl Read + Write, size: usize) {
    let mut buf = vec![0; size];
    stream.read_exact(&mut buf).unwrap();
    stream.write_all(&buf).unwrap();
}

fn ask(mut stream: impl Read + Write, question: &[u8]) -> Vec<u8> {
    stream.write_all(question).unwrap();
    let mut answer = vec![0; question.len()];
    stream.read_exact(&mut answer).unwrap();
    answer
}

#[test]
fn our_client_talks_to_an_interprocess_server() {
    let (_folder, kinds) = both_kinds();
    for (name, is_path) in kinds {
        let listener =
            other::ListenerOptions::new().name(theirs(&name, is_path)).create_sync().unwrap();
        let server = thread::spawn(move || echo_once(listener.accept().unwrap(), 100_000));
        let client = common::connect(&ours(&name, is_path));
        let question: Vec<_> = (0..100_000u32).map(|n| n as u8).collect();
        let expected = question.clone();
        assert!(
            within("an interprocess server's answer", move || ask(client, &question)) == expected
        );
        server.join().unwrap();
    }
}

#[test]
fn an_interprocess_client_talks_to_our_server() {
    let (_folder, kinds) = both_kinds();
    for (name, is_path) in kinds {
        let listener = common::listen(&ours(&name, is_path));
        let server = thread::spawn(move || echo_once(listener.accept().unwrap(), 100_000));
        let client = other::Stream::connect(theirs(&name, is_path)).unwrap();
        let question: Vec<_> = (0..100_000u32).map(|n| n as u8).collect();
        let expected = question.clone();
        assert!(within("our server's answer", move || ask(client, &question)) == expected);
        server.join().unwrap();
    }
}

/// Written against the traits alone, as programs for `interprocess` may be.
fn generic<S: local_socket::traits::Stream>(stream: S) -> S {
    use local_socket::bound_util::{RefRead, RefWrite};
    stream.as_write().write_all(b"x").unwrap();
    assert_eq!(stream.as_read().read(&mut [0; 8]).unwrap(), 1);
    let (rh, sh) = stream.split();
    sh.as_write().write_all(b"y").unwrap();
    assert_eq!(rh.as_read().read(&mut [0; 8]).unwrap(), 1);
    S::reunite(rh, sh).unwrap_or_else(|_| panic!("the halves belong together"))
}

#[test]
fn code_that_is_generic_over_the_traits_works() {
    let (client, mut server) = pair();
    let echo = thread::spawn(move || {
        for _ in 0..2 {
            let mut buf = [0];
            server.read_exact(&mut buf).unwrap();
            server.write_all(&buf).unwrap();
        }
    });
    within("the generic exchange", move || generic(client)).take_error().unwrap();
    echo.join().unwrap();
}
