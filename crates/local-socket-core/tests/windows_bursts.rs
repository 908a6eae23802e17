//! Many clients at once, and many listeners.
#![cfg(windows)]

mod common;

use common::{
    PATIENCE, connect, fresh_id, listen,
    pipes::{open, serve},
};
use local_socket::{ListenerOptions, prelude::*};
use std::{
    io::{Read, Write},
    sync::{
        Arc, Barrier,
        atomic::{AtomicUsize, Ordering::Relaxed},
    },
    thread,
    time::{Duration, Instant},
};
use windows_sys::Win32::Foundation::ERROR_PIPE_BUSY;

/// How many clients come at once.
const CLIENTS: usize = 200;

#[test]
fn two_hundred_clients_at_once_are_let_in() {
    let name = fresh_id();
    serve(listen(&name));
    let start = Arc::new(Barrier::new(CLIENTS));
    let clients: Vec<_> = (0..CLIENTS)
        .map(|number| {
            let (name, start) = (name.clone(), start.clone());
            thread::spawn(move || {
                start.wait();
                let mut client = connect(&name);
                client.set_recv_timeout(Some(PATIENCE)).unwrap();
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
                            thread::sleep(Duration::from_millis(1));
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
fn clients_that_come_and_go_at_once_harm_nobody() {
    let name = fresh_id();
    let listener = listen(&name);
    let going = thread::spawn({
        let name = name.clone();
        move || (0..300).for_each(|_| drop(connect(&name)))
    });
    let mut ended = 0;
    while ended < 300 {
        let mut stream = listener.accept().unwrap();
        assert_eq!(stream.read(&mut [0]).unwrap(), 0);
        ended += 1;
    }
    going.join().unwrap();
    let mut client = connect(&name);
    client.write_all(b"x").unwrap();
    assert_eq!(listener.accept().unwrap().read(&mut [0]).unwrap(), 1);
}

#[test]
fn a_listener_learns_how_many_come_at_once() {
    const BURST: usize = 50;
    let name = fresh_id();
    let listener = listen(&name);
    // How often one of a burst is told that the pipe is busy.
    let burst = || {
        let (mut clients, mut busy) = (Vec::new(), 0);
        while clients.len() < BURST {
            match open(&name) {
                Ok(client) => clients.push(client),
                Err(_) => busy += 1,
            }
        }
        clients.iter().for_each(|_| drop(listener.accept().unwrap()));
        busy
    };
    // Instances are made on another thread, which a busy machine may not run in time.
    let start = Instant::now();
    while burst() > 0 {
        assert!(start.elapsed() < PATIENCE, "each burst of {BURST} found too few instances");
        thread::sleep(Duration::from_millis(20));
    }
}
