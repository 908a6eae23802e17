//! Listeners as other programs on Windows see them: plain system calls, and interprocess.
#![cfg(windows)]

mod common;

use common::{connect, fresh_id, listen, within};
use interprocess::local_socket as theirs;
use local_socket::{
    ConnectOptions, ConnectWaitMode, Listener, ListenerNonblockingMode, ListenerOptions, Name,
    Stream, error::os_error, prelude::*, traits,
};
use std::{
    fs::{File, OpenOptions},
    io::{self, ErrorKind, Read, Write},
    os::windows::io::{AsRawHandle, FromRawHandle, OwnedHandle},
    ptr,
    sync::{
        Arc, Barrier,
        atomic::{AtomicUsize, Ordering::Relaxed},
        mpsc::channel,
    },
    thread,
    time::Duration,
};
use windows_sys::Win32::{
    Foundation::{ERROR_FILE_NOT_FOUND, ERROR_PIPE_BUSY, INVALID_HANDLE_VALUE},
    Storage::FileSystem::{FILE_FLAG_FIRST_PIPE_INSTANCE, PIPE_ACCESS_DUPLEX},
    System::Pipes::{
        CreateNamedPipeW, GetNamedPipeHandleStateW, GetNamedPipeInfo, PIPE_READMODE_MESSAGE,
        PIPE_TYPE_BYTE, PIPE_TYPE_MESSAGE, PIPE_UNLIMITED_INSTANCES,
    },
};

/// As a program does that knows nothing of pipes: it opens a file.
fn open(name: &Name<'_>) -> io::Result<File> {
    OpenOptions::new().read(true).write(true).open(name.as_path().unwrap())
}

fn wide(name: &Name<'_>) -> Vec<u16> {
    name.to_string().encode_utf16().chain([0]).collect()
}

/// An instance of a pipe of bytes by plain system calls, as Node's `net` makes them.
fn plain_server(name: &Name<'_>, flags: u32, instances: u32) -> io::Result<File> {
    let path = wide(name);
    // SAFETY: the path ends with a NUL.
    let handle = unsafe {
        CreateNamedPipeW(
            path.as_ptr(),
            PIPE_ACCESS_DUPLEX | flags,
            PIPE_TYPE_BYTE,
            instances,
            65_536,
            65_536,
            0,
            ptr::null(),
        )
    };
    if handle == INVALID_HANDLE_VALUE {
        return Err(io::Error::last_os_error());
    }
    // SAFETY: it was just opened.
    Ok(unsafe { OwnedHandle::from_raw_handle(handle) }.into())
}

/// Has the listener answer each client with what it says, for ever.
fn serve(listener: Listener) {
    thread::spawn(move || {
        for stream in listener.incoming() {
            let mut stream = stream.unwrap();
            thread::spawn(move || {
                let mut buffer = [0; 64];
                while let Ok(count @ 1..) = stream.read(&mut buffer) {
                    stream.write_all(&buffer[..count]).unwrap();
                }
            });
        }
    });
}

#[test]
fn two_hundred_clients_at_once_are_let_in() {
    const CLIENTS: usize = 200;
    let name = fresh_id();
    serve(listen(&name));
    let start = Arc::new(Barrier::new(CLIENTS));
    let clients: Vec<_> = (0..CLIENTS)
        .map(|number| {
            let (name, start) = (name.clone(), start.clone());
            thread::spawn(move || {
                start.wait();
                let mut client = connect(&name);
                client.set_recv_timeout(Some(common::PATIENCE)).unwrap();
                let text = format!("client {number:4}");
                client.write_all(text.as_bytes()).unwrap();
                let mut heard = vec![0; text.len()];
                client.read_exact(&mut heard).unwrap();
                assert_eq!(heard, text.as_bytes());
            })
        })
        .collect();
    clients.into_iter().for_each(|client| client.join().unwrap());
}

#[test]
fn a_pipe_is_never_missing_however_many_open_it_at_once() {
    const CLIENTS: usize = 200;
    let name = fresh_id();
    serve(ListenerOptions::new().name(name.borrow()).backlog(2).create_sync().unwrap());
    let (start, busy) = (Arc::new(Barrier::new(CLIENTS)), Arc::new(AtomicUsize::new(0)));
    let clients: Vec<_> = (0..CLIENTS)
        .map(|_| {
            let (name, start, busy) = (name.clone(), start.clone(), busy.clone());
            thread::spawn(move || {
                start.wait();
                loop {
                    match open(&name) {
                        Ok(file) => return file,
                        Err(error) => {
                            assert_eq!(error.raw_os_error(), Some(ERROR_PIPE_BUSY.cast_signed()));
                            busy.fetch_add(1, Relaxed);
                            thread::yield_now();
                        }
                    }
                }
            })
        })
        .collect();
    let clients: Vec<_> = clients.into_iter().map(|client| client.join().unwrap()).collect();
    println!("{} of them were told that it is busy", busy.load(Relaxed));
    drop(clients);
}

#[test]
fn measure_burst() {
    for clients in [8, 20, 50, 100, 129] {
        let name = fresh_id();
        let _listener = listen(&name);
        let mut open_ones = Vec::new();
        let mut busy = 0;
        let start = std::time::Instant::now();
        while open_ones.len() < clients {
            match open(&name) {
                Ok(file) => open_ones.push(file),
                Err(_) => busy += 1,
            }
        }
        println!("{clients}: busy {busy} took {:?}", start.elapsed());
    }
    for threads in [8, 50, 120] {
        let name = fresh_id();
        let _listener = listen(&name);
        let barrier = Arc::new(Barrier::new(threads));
        let all: Vec<_> = (0..threads)
            .map(|_| {
                let (name, barrier) = (name.clone(), barrier.clone());
                thread::spawn(move || {
                    barrier.wait();
                    let mut busy = 0;
                    loop {
                        match open(&name) {
                            Ok(file) => return (file, busy),
                            Err(_) => busy += 1,
                        }
                    }
                })
            })
            .collect();
        let all: Vec<_> = all.into_iter().map(|t| t.join().unwrap()).collect();
        println!(
            "threads {threads}: busy ones {} times {}",
            all.iter().filter(|(_, b)| *b > 0).count(),
            all.iter().map(|(_, b)| b).sum::<usize>()
        );
    }
}

#[test]
fn a_listener_on_each_of_many_names() {
    const NAMES: usize = 500;
    let listeners: Vec<_> = (0..NAMES)
        .map(|_| {
            let name = fresh_id();
            (listen(&name), name)
        })
        .collect();
    for (listener, name) in &listeners {
        let mut client = connect(name);
        client.write_all(b"x").unwrap();
        assert_eq!(listener.accept().unwrap().read(&mut [0]).unwrap(), 1);
    }
}

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
    let name = fresh_id();
    let text = name.to_string();
    let path = || ToFsName::to_fs_name::<GenericFilePath>(text.as_str()).unwrap();
    let ours = listen(&name);
    let mut client = theirs::Stream::connect(path()).unwrap();
    let mut server = ours.accept().unwrap();
    client.write_all(b"to ours").unwrap();
    let mut heard = [0; 7];
    server.read_exact(&mut heard).unwrap();
    assert_eq!(&heard, b"to ours");
    drop((client, server, ours));

    let theirs = theirs::ListenerOptions::new().name(path()).create_sync().unwrap();
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
    let Listener::NamedPipe(listener) = listen(&name);
    let handle = OwnedHandle::from(listener);
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
fn a_connection_that_is_left_keeps_the_name_from_new_listeners() {
    let name = fresh_id();
    let listener = listen(&name);
    let client = connect(&name);
    let server = listener.accept().unwrap();
    drop(listener);
    let error = ListenerOptions::new().name(name.borrow()).create_sync().unwrap_err();
    assert_eq!(error.kind(), ErrorKind::AddrInUse);
    drop((server, client));
    listen(&name);
}

#[test]
fn pipes_have_no_folders_to_make_or_look_at() {
    let name = fresh_id();
    let options = || ListenerOptions::new().name(name.borrow());
    for (options, named) in [
        (options().create_folders(true), "create_folders"),
        (options().check_folders(true), "check_folders"),
    ] {
        let error = options.create_sync().unwrap_err();
        assert_eq!(error.kind(), ErrorKind::InvalidInput);
        assert!(error.to_string().contains(named), "{error}");
    }
}

#[test]
fn a_listener_outlives_the_thread_that_made_it() {
    let name = fresh_id();
    let made = name.clone();
    let listener = thread::spawn(move || listen(&made)).join().unwrap();
    for _ in 0..20 {
        let mut client = connect(&name);
        client.write_all(b"x").unwrap();
        assert_eq!(listener.accept().unwrap().read(&mut [0]).unwrap(), 1);
    }
}

#[test]
fn whoever_wants_to_know_is_told_once_after_each_call_that_would_have_blocked() {
    let name = fresh_id();
    let Listener::NamedPipe(listener) = listen(&name);
    let (sender, told) = channel();
    listener.on_ready(move |ready| sender.send(ready.is_readable()).unwrap()).unwrap();
    let nobody = Duration::from_millis(30);
    let _first = connect(&name);
    told.recv_timeout(nobody).expect_err("nobody has asked");
    listener.try_accept().unwrap();
    for _ in 0..3 {
        assert_eq!(listener.try_accept().unwrap_err().kind(), ErrorKind::WouldBlock);
        let _clients = [connect(&name), connect(&name)];
        assert!(told.recv_timeout(common::PATIENCE).unwrap());
        told.recv_timeout(nobody).expect_err("it is told once");
        listener.try_accept().unwrap();
        listener.try_accept().unwrap();
    }
}

#[test]
fn everyone_who_is_turned_away_sees_the_end_and_others_get_in() {
    let name = fresh_id();
    let refuse = Arc::new(AtomicUsize::new(70));
    let left = refuse.clone();
    let judge = move |_: &local_socket::PeerCreds| {
        left.fetch_update(Relaxed, Relaxed, |left| left.checked_sub(1)).is_err()
    };
    let listener = ListenerOptions::new()
        .name(name.borrow())
        .allow(local_socket::Allow::by(judge))
        .nonblocking(ListenerNonblockingMode::Accept)
        .create_sync()
        .unwrap();
    let mut clients: Vec<Stream> = (0..71).map(|_| connect(&name)).collect();
    eprintln!("A");
    assert_eq!(listener.accept().unwrap_err().kind(), ErrorKind::ConnectionAborted);
    eprintln!("B");
    assert_eq!(listener.refused(), 64);
    let mut server = listener.accept().unwrap();
    eprintln!("C");
    assert_eq!(listener.refused(), 70);
    for client in &mut clients[..70] {
        assert_eq!(client.read(&mut [0]).unwrap(), 0);
    }
    clients[70].write_all(b"in").unwrap();
    let mut heard = [0; 2];
    server.read_exact(&mut heard).unwrap();
}

#[test]
fn waiting_for_a_listener_that_goes_ends() {
    let name = fresh_id();
    let (listener, clients) = common::full(&name);
    let servers: Vec<_> = clients.iter().map(|_| listener.accept().unwrap()).collect();
    let fill = [connect(&name), connect(&name)];
    let waiting = name.clone();
    let late = thread::spawn(move || {
        ConnectOptions::new().name(waiting).wait_mode(ConnectWaitMode::Unbounded).connect_sync()
    });
    thread::sleep(Duration::from_millis(50));
    drop((listener, servers));
    // Clients of what is gone are still open.
    let error = within("the waiting client to give up", || late.join().unwrap()).unwrap_err();
    assert_eq!(os_error(&error), Some(ERROR_FILE_NOT_FOUND.cast_signed()));
    drop((clients, fill));
}

#[test]
fn clients_that_come_and_go_at_once_harm_nobody() {
    let name = fresh_id();
    let listener = listen(&name);
    let going = thread::spawn({
        let name = name.clone();
        move || (0..300).for_each(|_| drop(connect(&name)))
    });
    let mut ended = 0;
    while ended < 300 {
        let mut stream = traits::Listener::accept(&listener).unwrap();
        assert_eq!(stream.read(&mut [0]).unwrap(), 0);
        ended += 1;
    }
    going.join().unwrap();
    let mut client = connect(&name);
    client.write_all(b"x").unwrap();
    assert_eq!(listener.accept().unwrap().read(&mut [0]).unwrap(), 1);
}
