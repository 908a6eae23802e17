//! Pipes without a listener.

use super::{End, Pipe, Readiness, Watch};
use std::{
    io::{self, ErrorKind},
    os::windows::io::{FromRawHandle, OwnedHandle},
    process, ptr,
    sync::{
        Arc,
        atomic::{AtomicUsize, Ordering},
        mpsc,
    },
    thread,
    time::{Duration, Instant},
};
use windows_sys::Win32::{
    Foundation::{GENERIC_READ, GENERIC_WRITE, INVALID_HANDLE_VALUE},
    Storage::FileSystem::{CreateFileW, FILE_FLAG_OVERLAPPED, OPEN_EXISTING, PIPE_ACCESS_DUPLEX},
    System::Pipes::{CreateNamedPipeW, PIPE_TYPE_BYTE, PIPE_TYPE_MESSAGE},
};

const PATIENCE: Duration = Duration::from_secs(20);

fn owned(handle: *mut core::ffi::c_void) -> OwnedHandle {
    assert_ne!(handle, INVALID_HANDLE_VALUE, "{}", io::Error::last_os_error());
    // SAFETY: just made, and nobody else's.
    unsafe { OwnedHandle::from_raw_handle(handle) }
}

/// Server first.
fn handles(pipe_type: u32, flags: u32) -> (OwnedHandle, OwnedHandle) {
    static COUNT: AtomicUsize = AtomicUsize::new(0);
    let count = COUNT.fetch_add(1, Ordering::Relaxed);
    let name = format!("\\\\.\\pipe\\local-socket-unit-{}-{count}\0", process::id());
    let name: Vec<u16> = name.encode_utf16().collect();
    let access = PIPE_ACCESS_DUPLEX | FILE_FLAG_OVERLAPPED;
    // SAFETY: the name ends in NUL.
    let server = unsafe {
        CreateNamedPipeW(name.as_ptr(), access, pipe_type, 1, 65_536, 65_536, 0, ptr::null())
    };
    let server = owned(server);
    // SAFETY: the name ends in NUL.
    let client = unsafe {
        CreateFileW(
            name.as_ptr(),
            GENERIC_READ | GENERIC_WRITE,
            0,
            ptr::null(),
            OPEN_EXISTING,
            flags,
            ptr::null_mut(),
        )
    };
    (server, owned(client))
}

fn pair_of(pipe_type: u32) -> (Arc<Pipe>, Arc<Pipe>) {
    let (server, client) = handles(pipe_type, FILE_FLAG_OVERLAPPED);
    (Pipe::new(server, End::Server).unwrap(), Pipe::new(client, End::Client).unwrap())
}

fn pair() -> (Arc<Pipe>, Arc<Pipe>) {
    pair_of(PIPE_TYPE_MESSAGE)
}

fn within<T: Send + 'static>(what: &str, action: impl FnOnce() -> T + Send + 'static) -> T {
    let (sender, receiver) = mpsc::channel();
    thread::spawn(move || sender.send(action()));
    receiver.recv_timeout(PATIENCE).unwrap_or_else(|error| panic!("{what}: {error}"))
}

#[test]
fn bytes_go_there_and_back() {
    let (server, client) = pair();
    let mut buf = [0; 8];
    assert_eq!(server.try_read(&mut buf).unwrap_err().kind(), ErrorKind::WouldBlock);
    assert_eq!(client.try_write(b"abc").unwrap(), 3);
    assert_eq!(server.read(&mut buf, Some(PATIENCE)).unwrap(), 3);
    assert_eq!(server.write(b"defg", None).unwrap(), 4);
    assert_eq!(client.read(&mut buf[..2], None).unwrap(), 2);
    assert_eq!(client.try_read(&mut buf[2..]).unwrap(), 2);
    assert_eq!(&buf[..4], b"defg");
}

#[test]
fn a_read_without_limit_waits_for_the_peer() {
    for pipe_type in [PIPE_TYPE_BYTE, PIPE_TYPE_MESSAGE] {
        let (server, client) = pair_of(pipe_type);
        let reader = thread::spawn(move || {
            let mut buf = [0; 8];
            let length = server.read(&mut buf, None).unwrap();
            buf[..length].to_vec()
        });
        thread::sleep(Duration::from_millis(50));
        client.write(b"hello", None).unwrap();
        assert_eq!(within("the read", move || reader.join().unwrap()), b"hello");
    }
}

#[test]
fn a_read_gives_up_at_its_limit_and_loses_nothing() {
    let (server, client) = pair();
    let start = Instant::now();
    let limit = Some(Duration::from_millis(40));
    assert_eq!(server.read(&mut [0], limit).unwrap_err().kind(), ErrorKind::TimedOut);
    assert!(start.elapsed() >= Duration::from_millis(40));
    client.try_write(b"x").unwrap();
    assert_eq!(server.read(&mut [0], limit).unwrap(), 1);
}

#[test]
fn the_end_of_one_direction_is_told_and_the_other_goes_on_whoever_begins() {
    for server_first in [true, false] {
        let (server, client) = pair();
        let (first, second) = if server_first { (server, client) } else { (client, server) };
        first.write(b"question", None).unwrap();
        first.shutdown_write().unwrap();
        let mut buf = [0; 16];
        assert_eq!(second.read(&mut buf, Some(PATIENCE)).unwrap(), 8);
        assert_eq!(second.read(&mut buf, Some(PATIENCE)).unwrap(), 0);
        assert_eq!(second.try_read(&mut buf).unwrap(), 0);
        second.write(b"answer", None).unwrap();
        assert_eq!(first.read(&mut buf, Some(PATIENCE)).unwrap(), 6);
        drop(second);
        assert_eq!(first.read(&mut buf, Some(PATIENCE)).unwrap(), 0);
        assert_eq!(first.write(b"x", None).unwrap_err().kind(), ErrorKind::BrokenPipe);
    }
}

#[test]
fn what_was_written_before_closing_is_read_then_comes_the_end() {
    for pipe_type in [PIPE_TYPE_BYTE, PIPE_TYPE_MESSAGE] {
        let (server, client) = pair_of(pipe_type);
        for _ in 0..10 {
            client.write(&[1; 1000], None).unwrap();
        }
        drop(client);
        let mut buf = [0; 20_000];
        assert_eq!(server.try_read(&mut buf).unwrap(), 10_000);
        assert_eq!(server.try_read(&mut buf).unwrap(), 0);
        assert_eq!(server.try_write(b"x").unwrap_err().kind(), ErrorKind::BrokenPipe);
    }
}

#[test]
fn a_write_on_its_way_arrives_after_the_stream_was_dropped() {
    let (server, client) = pair();
    let mut taken = 0;
    let full = loop {
        match client.try_write(&[7; 65_536]) {
            Ok(length) => taken += length,
            Err(error) => break error,
        }
    };
    assert_eq!(full.kind(), ErrorKind::WouldBlock);
    assert!(client.is_writing());
    drop(client);
    let mut heard = 0;
    let mut buf = vec![0; 10_000];
    loop {
        match server.read(&mut buf, Some(PATIENCE)).unwrap() {
            0 => break,
            length => heard += length,
        }
    }
    assert_eq!(heard, taken);
}

struct Teller(mpsc::Sender<Readiness>);

impl Watch for Teller {
    fn ready(&self, ready: Readiness) {
        let _ = self.0.send(ready);
    }
}

fn watch(pipe: &Pipe) -> mpsc::Receiver<Readiness> {
    let (sender, receiver) = mpsc::channel();
    pipe.watch(Arc::new(Teller(sender))).unwrap();
    receiver
}

#[test]
fn who_watches_is_told_of_bytes_room_and_the_end() {
    let (server, client) = pair();
    let told = watch(&server);
    assert_eq!(server.try_read(&mut [0]).unwrap_err().kind(), ErrorKind::WouldBlock);
    client.try_write(b"x").unwrap();
    assert!(told.recv_timeout(PATIENCE).unwrap().is_readable());
    assert_eq!(server.try_read(&mut [0]).unwrap(), 1);
    assert_eq!(server.try_read(&mut [0]).unwrap_err().kind(), ErrorKind::WouldBlock);
    while server.try_write(&[0; 65_536]).is_ok() {}
    let mut buf = vec![0; 1 << 20];
    while client.try_read(&mut buf).is_ok() {}
    while !told.recv_timeout(PATIENCE).unwrap().is_writable() {}
    assert_eq!(server.try_write(b"x").unwrap(), 1);
    drop(client);
    while !told.recv_timeout(PATIENCE).unwrap().is_readable() {}
    assert_eq!(server.try_read(&mut [0]).unwrap(), 0);
}

#[test]
fn no_wake_up_is_lost_in_ten_thousand_rounds() {
    let (server, client) = pair();
    let play = |pipe: Arc<Pipe>, begins: bool| {
        move || {
            let told = watch(&pipe);
            let mut buf = [0; 4];
            for round in 0..10_000u32 {
                if begins {
                    pipe.write(&round.to_le_bytes(), None).unwrap();
                }
                loop {
                    match pipe.try_read(&mut buf) {
                        Ok(length) => break assert_eq!(length, 4),
                        Err(error) => assert_eq!(error.kind(), ErrorKind::WouldBlock),
                    }
                    told.recv_timeout(PATIENCE).expect("told");
                }
                if !begins {
                    pipe.write(&round.to_le_bytes(), None).unwrap();
                }
            }
        }
    };
    let server = thread::spawn(play(server, false));
    play(client, true)();
    server.join().unwrap();
}
