//! Listeners as other programs on Windows see them: plain system calls, and interprocess.
#![cfg(windows)]

mod common;

use common::{
    connect, fresh_id, listen,
    pipes::{open, plain_server, serve},
};
use interprocess::{local_socket as theirs, os::windows::named_pipe::PipeListener};
use local_socket::{ConnectOptions, Listener, ListenerOptions, Name, Stream, prelude::*};
use std::{
    fs::OpenOptions,
    io::{self, ErrorKind, Read, Write},
    os::windows::io::{AsHandle, AsRawHandle, OwnedHandle},
    ptr,
};
use windows_sys::Win32::{
    Foundation::ERROR_PIPE_BUSY,
    Storage::FileSystem::FILE_FLAG_FIRST_PIPE_INSTANCE,
    System::Pipes::{
        GetNamedPipeHandleStateW, GetNamedPipeInfo, PIPE_READMODE_MESSAGE, PIPE_TYPE_MESSAGE,
        PIPE_UNLIMITED_INSTANCES,
    },
};

#[test]
fn programs_that_open_it_as_a_file_are_served() {
    let name = fresh_id();
    serve(listen(&name));
    let mut client = open(&name).unwrap();
    for text in ["one", "two"] {
        client.write_all(text.as_bytes()).unwrap();
        let mut heard = [0; 3];
        client.read_exact(&mut heard).unwrap();
        assert_eq!(heard, text.as_bytes());
    }
}

#[test]
fn interprocess_is_served_and_serves() {
    use theirs::{
        GenericFilePath, ToFsName,
        traits::{Listener as _, Stream as _},
    };
    let path = |name: &Name<'_>| {
        ToFsName::to_fs_name::<GenericFilePath>(name.to_string()).expect("a pipe's path")
    };
    let name = fresh_id();
    let ours = listen(&name);
    let mut client = theirs::Stream::connect(path(&name)).unwrap();
    let mut server = ours.accept().unwrap();
    client.write_all(b"to ours").unwrap();
    let mut heard = [0; 7];
    server.read_exact(&mut heard).unwrap();
    assert_eq!(&heard, b"to ours");

    // Another name, since theirs may close the handle of a client later than it is dropped.
    let name = fresh_id();
    let theirs = theirs::ListenerOptions::new().name(path(&name)).create_sync().unwrap();
    let mut client = connect(&name);
    let mut server = theirs.accept().unwrap();
    client.write_all(b"to theirs").unwrap();
    let mut heard = [0; 9];
    server.read_exact(&mut heard).unwrap();
    assert_eq!(&heard, b"to theirs");
    server.write_all(b"back").unwrap();
    let mut heard = [0; 4];
    client.read_exact(&mut heard).unwrap();
    assert_eq!(&heard, b"back");
}

#[test]
fn a_pipe_is_of_messages_with_room_for_large_ones_and_any_number_of_instances() {
    let name = fresh_id();
    let listener = listen(&name);
    let _client = connect(&name);
    let Stream::NamedPipe(stream) = listener.accept().unwrap();
    let handle = stream.as_handle();
    let (mut flags, mut out, mut r#in, mut instances) = (0, 0, 0, 0);
    // SAFETY: the handle is open, and the pointers are to locals.
    let done = unsafe {
        GetNamedPipeInfo(handle.as_raw_handle(), &mut flags, &mut out, &mut r#in, &mut instances)
    };
    assert_ne!(done, 0, "{}", io::Error::last_os_error());
    assert_eq!(flags & PIPE_TYPE_MESSAGE, PIPE_TYPE_MESSAGE);
    assert!(out >= 65_536 && r#in >= 65_536, "{out} {in}", in = r#in);
    // Wine says it as the kernel does, by all bits.
    assert!(instances == PIPE_UNLIMITED_INSTANCES || instances == u32::MAX);
    let mut mode = 0;
    let none = ptr::null_mut();
    // SAFETY: the handle is open, the pointer is to a local, and what isn't asked for is null.
    let done = unsafe {
        GetNamedPipeHandleStateW(
            handle.as_raw_handle(),
            &mut mode,
            none,
            none,
            none,
            ptr::null_mut(),
            0,
        )
    };
    assert_ne!(done, 0, "{}", io::Error::last_os_error());
    assert_eq!(mode & PIPE_READMODE_MESSAGE, PIPE_READMODE_MESSAGE);
}

#[test]
fn as_a_handle_it_is_one_instance_that_waits_and_keeps_the_name() {
    let name = fresh_id();
    let Listener::NamedPipe(listener) = listen(&name);
    let lost = connect(&name);
    let handle = OwnedHandle::from(listener);
    assert_eq!({ &lost }.read(&mut [0]).unwrap(), 0);
    drop(lost);
    let error = ListenerOptions::new().name(name.borrow()).create_sync().unwrap_err();
    assert_eq!(error.kind(), ErrorKind::AddrInUse);
    let _client = open(&name).unwrap();
    let error = open(&name).unwrap_err();
    assert_eq!(error.raw_os_error(), Some(ERROR_PIPE_BUSY.cast_signed()));
    drop(handle);
}

#[test]
fn nobody_else_can_take_the_name_first_or_besides() {
    if common::wine() {
        println!("skipped under Wine: it ignores FILE_FLAG_FIRST_PIPE_INSTANCE");
        return;
    }
    let name = fresh_id();
    let _listener = listen(&name);
    plain_server(&name, FILE_FLAG_FIRST_PIPE_INSTANCE, PIPE_UNLIMITED_INSTANCES).unwrap_err();
}

#[test]
fn a_name_that_others_serve_is_in_use_whether_they_are_busy_or_not() {
    for instances in [1, 2] {
        let name = fresh_id();
        let server = plain_server(&name, FILE_FLAG_FIRST_PIPE_INSTANCE, instances).unwrap();
        for client in [None, Some(())] {
            let _client = client.map(|()| open(&name).unwrap());
            let error = ListenerOptions::new().name(name.borrow()).create_sync().unwrap_err();
            assert_eq!(error.kind(), ErrorKind::AddrInUse, "{error}");
            assert!(error.to_string().contains("another listener has the pipe"), "{error}");
        }
        drop(server);
        listen(&name);
    }
}

#[test]
fn clients_from_elsewhere_are_refused() {
    if common::wine() {
        println!("skipped under Wine: it serves no pipes to other machines");
        return;
    }
    // By way of the file server, as from another machine.
    let open_remotely = |name: &Name<'_>| {
        let path = name.to_string().replacen(r"\\.\", r"\\localhost\", 1);
        OpenOptions::new().read(true).write(true).open(path)
    };
    let (name, others) = (fresh_id(), fresh_id());
    let _listener = listen(&name);
    let _server = plain_server(&others, FILE_FLAG_FIRST_PIPE_INSTANCE, 1).unwrap();
    match open_remotely(&others) {
        Ok(_) => drop(open_remotely(&name).unwrap_err()),
        Err(error) => println!("skipped: this machine serves no pipes to others: {error}"),
    }
}

#[test]
fn a_listener_becomes_one_of_interprocess_and_keeps_the_name() {
    let name = fresh_id();
    let Listener::NamedPipe(listener) = listen(&name);
    let theirs = PipeListener::from(listener);
    let mut clients = [(); 3].map(|()| {
        let client = ConnectOptions::new().name(name.clone());
        let connecting = std::thread::spawn(move || client.connect_sync().unwrap());
        let mut server = theirs.accept().unwrap();
        let mut client = connecting.join().unwrap();
        client.write_all(b"to theirs").unwrap();
        let mut heard = [0; 9];
        server.read_exact(&mut heard[..5]).unwrap();
        server.read_exact(&mut heard[5..]).unwrap();
        assert_eq!(&heard, b"to theirs");
        (client, server)
    });
    for (client, server) in &mut clients {
        server.write_all(b"back").unwrap();
        let mut heard = [0; 4];
        client.read_exact(&mut heard).unwrap();
        assert_eq!(&heard, b"back");
    }
}
