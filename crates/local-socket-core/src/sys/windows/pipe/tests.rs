//! Pipes without a listener.

use super::{
    super::{overlapped, testing},
    End, Pipe, Readiness, Shared, Watch,
};
use std::{
    io::{self, ErrorKind},
    os::windows::io::{AsHandle, AsRawHandle, FromRawHandle, OwnedHandle},
    ptr,
    sync::{
        Arc, Weak,
        atomic::{AtomicUsize, Ordering},
        mpsc,
    },
    thread,
    time::{Duration, Instant},
};
use windows_sys::Win32::{
    Foundation::{GENERIC_READ, GENERIC_WRITE, INVALID_HANDLE_VALUE},
    Storage::FileSystem::{
        CreateFileW, FILE_FLAG_OVERLAPPED, OPEN_EXISTING, PIPE_ACCESS_DUPLEX, WriteFile,
    },
    System::IO::{CreateIoCompletionPort, OVERLAPPED},
    System::Pipes::{CreateNamedPipeW, PIPE_TYPE_BYTE, PIPE_TYPE_MESSAGE},
};

const PATIENCE: Duration = Duration::from_secs(60);

fn owned(handle: *mut core::ffi::c_void) -> OwnedHandle {
    assert_ne!(handle, INVALID_HANDLE_VALUE, "{}", io::Error::last_os_error());
    // SAFETY: just made, and nobody else's.
    unsafe { OwnedHandle::from_raw_handle(handle) }
}

/// Server first.
fn handles(pipe_type: u32, flags: u32) -> (OwnedHandle, OwnedHandle) {
    let name = testing::fresh();
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

fn fill(pipe: &Pipe) -> usize {
    let mut taken = 0;
    while let Ok(length) = pipe.try_write(&[7; 65_536]) {
        taken += length;
    }
    taken
}

#[test]
fn two_that_were_dropped_with_bytes_on_their_way_do_not_wait_for_each_other() {
    for watched in [false, true] {
        let (server, client) = pair();
        let told = watched.then(|| [watch(&server), watch(&client)]);
        for pipe in [&server, &client] {
            assert_eq!(pipe.try_read(&mut [0]).unwrap_err().kind(), ErrorKind::WouldBlock);
        }
        for pipe in [&server, &client] {
            fill(pipe);
            assert!(pipe.is_writing());
        }
        let left = [Arc::downgrade(&server.0), Arc::downgrade(&client.0)];
        drop((server, client, told));
        left.iter().for_each(until_closed);
    }
}

/// Waits until nobody has the pipe any more. The port's thread may have it for a moment after it was
/// dropped, and nobody tells when it lets go.
fn until_closed(left: &Weak<Shared>) {
    let end = Instant::now() + PATIENCE;
    while left.strong_count() > 0 {
        assert!(Instant::now() < end, "waited for the handle to be closed");
        thread::sleep(Duration::from_millis(1));
    }
}

#[test]
fn a_flood_into_a_dropped_pipe_holds_up_nobody_and_comes_to_an_end() {
    let (server, client) = pair();
    fill(&server);
    drop(server);
    let flood = thread::spawn(move || {
        loop {
            if let Err(error) = client.write(&[7; 4000], None) {
                return error.kind();
            }
        }
    });
    let (server, client) = pair();
    let told = watch(&server);
    for _ in 0..100 {
        assert_eq!(server.try_read(&mut [0]).unwrap_err().kind(), ErrorKind::WouldBlock);
        client.try_write(b"x").unwrap();
        told.recv_timeout(PATIENCE).expect("the thread of the port has time for others");
        assert_eq!(server.try_read(&mut [0]).unwrap(), 1);
    }
    assert_eq!(within("the flood", || flood.join().unwrap()), ErrorKind::BrokenPipe);
}

#[test]
fn a_dropped_pipe_leaves_nothing_under_way_and_tells_nobody() {
    let (server, client) = pair();
    let told = watch(&server);
    assert_eq!(server.try_read(&mut [0]).unwrap_err().kind(), ErrorKind::WouldBlock);
    let left = Arc::downgrade(&server.0);
    drop(server);
    until_closed(&left);
    assert_eq!(client.read(&mut [0], Some(PATIENCE)).unwrap(), 0);
    assert!(told.recv_timeout(PATIENCE).is_err(), "the watcher is dropped, and wasn't called");
}

fn write_empty(pipe: &Pipe) {
    overlapped::write(pipe.as_handle(), &[], |_| {}).unwrap();
}

#[test]
fn empty_messages_by_accident_end_nothing_and_eight_in_a_row_do() {
    for watched in [false, true] {
        let (server, client) = pair();
        let told = watched.then(|| watch(&server));
        let mut buf = [0; 8];
        assert_eq!(server.try_read(&mut buf).unwrap_err().kind(), ErrorKind::WouldBlock);
        for round in 0..5 {
            for _ in 0..7 {
                write_empty(&client);
            }
            if round % 2 == 0 {
                let limit = Some(Duration::from_millis(20));
                assert_eq!(server.read(&mut buf, limit).unwrap_err().kind(), ErrorKind::TimedOut);
            }
            client.write(b"x", None).unwrap();
            assert_eq!(server.read(&mut buf, Some(PATIENCE)).unwrap(), 1);
        }
        for _ in 0..8 {
            write_empty(&client);
        }
        assert_eq!(server.read(&mut buf, Some(PATIENCE)).unwrap(), 0);
        assert_eq!(server.try_read(&mut buf).unwrap(), 0);
        drop(told);
    }
}

#[test]
fn one_empty_message_from_the_server_is_the_end_for_a_client() {
    let (server, client) = pair();
    write_empty(&server);
    assert_eq!(client.try_read(&mut [0]).unwrap(), 0);
}

#[test]
fn who_watches_is_told_of_the_end_once_it_is_one() {
    let (server, client) = pair();
    let told = watch(&server);
    assert_eq!(server.try_read(&mut [0]).unwrap_err().kind(), ErrorKind::WouldBlock);
    write_empty(&client);
    write_empty(&client);
    assert!(told.recv_timeout(Duration::from_millis(50)).is_err(), "it is nothing to tell of");
    client.shutdown_write().unwrap();
    assert!(told.recv_timeout(PATIENCE).unwrap().is_readable());
    assert_eq!(server.try_read(&mut [0]).unwrap(), 0);
}

#[test]
fn on_a_pipe_of_bytes_the_end_of_one_direction_cannot_be_told() {
    let (server, client) = pair_of(PIPE_TYPE_BYTE);
    for pipe in [&server, &client] {
        assert!(!pipe.can_half_close());
        assert_eq!(pipe.shutdown_write().unwrap_err().kind(), ErrorKind::Unsupported);
    }
    client.write(b"still", None).unwrap();
    assert_eq!(server.read(&mut [0; 8], Some(PATIENCE)).unwrap(), 5);
}

#[test]
fn a_read_that_waits_is_woken_by_the_end_of_reading() {
    let (server, _client) = pair();
    let reader = server.clone();
    let reading = thread::spawn(move || reader.read(&mut [0], None).unwrap());
    thread::sleep(Duration::from_millis(50));
    server.shutdown_read().unwrap();
    assert_eq!(within("the read", move || reading.join().unwrap()), 0);
}

#[test]
fn many_threads_on_one_pipe_lose_and_double_nothing() {
    const THREADS: usize = 4;
    const EACH: usize = 300_000;
    for watched in [false, true] {
        let (server, client) = pair();
        let told = watched.then(|| watch(&server));
        if watched {
            assert_eq!(server.try_read(&mut [0]).unwrap_err().kind(), ErrorKind::WouldBlock);
        }
        let sums = within("all bytes", move || {
            let heard = AtomicUsize::new(0);
            let sum = AtomicUsize::new(0);
            thread::scope(|scope| {
                for number in 0..THREADS {
                    let (server, client, heard, sum) = (&server, &client, &heard, &sum);
                    scope.spawn(move || {
                        let bytes = vec![number as u8 + 1; EACH];
                        let mut rest = &bytes[..];
                        while !rest.is_empty() {
                            let limit = (number % 2 == 0).then_some(PATIENCE);
                            rest =
                                &rest[client.write(&rest[..rest.len().min(999)], limit).unwrap()..];
                        }
                    });
                    scope.spawn(move || {
                        let mut buf = [0; 700];
                        while heard.load(Ordering::SeqCst) < THREADS * EACH {
                            match server.read(&mut buf, Some(Duration::from_millis(5))) {
                                Ok(length) => {
                                    heard.fetch_add(length, Ordering::SeqCst);
                                    let part = buf[..length].iter().map(|&byte| usize::from(byte));
                                    sum.fetch_add(part.sum(), Ordering::SeqCst);
                                }
                                Err(error) => assert_eq!(error.kind(), ErrorKind::TimedOut),
                            }
                        }
                    });
                }
            });
            (heard.into_inner(), sum.into_inner())
        });
        assert_eq!(sums, (THREADS * EACH, (1..=THREADS).sum::<usize>() * EACH));
        drop(told);
    }
}

#[test]
fn what_others_have_under_way_on_the_handle_is_not_taken_for_ours() {
    let (server, client) = pair();
    let _told = watch(&client);
    let foreign = client.as_handle().try_clone_to_owned().unwrap();
    for _ in 0..1000 {
        let mut overlapped = Box::<OVERLAPPED>::default();
        // SAFETY: what is written is read before the call returns, for there is room for it.
        let succeeded = unsafe {
            WriteFile(
                foreign.as_raw_handle(),
                b"x".as_ptr(),
                1,
                ptr::null_mut(),
                &raw mut *overlapped,
            )
        };
        assert_ne!(succeeded, 0, "{}", io::Error::last_os_error());
    }
    let mut buf = [0; 1000];
    assert_eq!(server.try_read(&mut buf).unwrap(), 1000);
}

#[test]
fn a_write_on_its_way_arrives_though_its_thread_has_ended() {
    let (server, client) = pair();
    let taken = thread::spawn(move || fill(&client)).join().unwrap();
    let mut heard = 0;
    let mut buf = vec![0; 10_000];
    loop {
        match server.read(&mut buf, Some(PATIENCE)).unwrap() {
            0 => break,
            length => heard += length,
        }
    }
    assert_eq!(heard, taken);
    assert_eq!(server.write(b"x", None).unwrap_err().kind(), ErrorKind::BrokenPipe);
}

#[test]
fn a_handle_that_is_bound_to_another_port_reads_and_writes_and_says_what_it_cannot() {
    let (server, client) = handles(PIPE_TYPE_MESSAGE, FILE_FLAG_OVERLAPPED);
    // SAFETY: the handle is open, and the port is never used.
    let port = unsafe { CreateIoCompletionPort(client.as_raw_handle(), ptr::null_mut(), 1, 1) };
    let _port = owned(port);
    let server = Pipe::new(server, End::Server).unwrap();
    let client = Pipe::new(client, End::Client).unwrap();
    assert_eq!(client.try_read(&mut [0]).unwrap_err().kind(), ErrorKind::WouldBlock);
    client.write(b"abc", None).unwrap();
    let mut buf = [0; 8];
    assert_eq!(server.read(&mut buf, Some(PATIENCE)).unwrap(), 3);
    server.shutdown_write().unwrap();
    assert_eq!(client.try_read(&mut buf).unwrap(), 0);
    let (sender, _told) = mpsc::channel();
    let error = client.watch(Arc::new(Teller(sender))).unwrap_err();
    assert_eq!(error.kind(), ErrorKind::Unsupported);
    assert!(error.to_string().contains("another completion port"), "{error}");
    assert_eq!(client.try_write(b"x").unwrap_err().kind(), ErrorKind::Unsupported);
    assert_eq!(client.shutdown_write().unwrap_err().kind(), ErrorKind::Unsupported);
}
