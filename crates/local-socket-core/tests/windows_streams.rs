//! Streams over pipes, with peers that don't know this crate, and with handles of others.
#![cfg(windows)]

mod common;

use common::{PATIENCE, connect, fresh_id, listen, pair, pipes, within};
use interprocess::os::windows::named_pipe::{DuplexPipeStream, pipe_mode::Bytes};
use local_socket::{
    ListenerNonblockingMode, ListenerOptions, Stream, TryClone,
    os::windows::named_pipe::local_socket as inner,
    prelude::*,
    traits::{RecvHalf as _, SendHalf as _},
};
use std::{
    fs::File,
    io::{self, ErrorKind, Read, Write},
    net::Shutdown,
    os::windows::io::{AsHandle, OwnedHandle},
    process,
    sync::mpsc,
    thread,
    time::Duration,
};

fn inner_pair() -> (inner::Stream, inner::Stream) {
    let (Stream::NamedPipe(client), Stream::NamedPipe(server)) = pair();
    (client, server)
}

#[test]
fn a_program_that_opens_the_pipe_as_a_file_reads_and_writes_an_exact_stream() {
    let name = fresh_id();
    let listener = listen(&name);
    let mut file = pipes::open(&name).unwrap();
    let server = listener.accept().unwrap();
    within("the bytes", move || {
        for part in ["one ", "two ", "three"] {
            (&server).write_all(part.as_bytes()).unwrap();
        }
        let mut heard = [0; 13];
        file.read_exact(&mut heard).unwrap();
        assert_eq!(&heard, b"one two three");
        let block: Vec<_> = (0..1_000_000u32).map(|number| number as u8).collect();
        let sent = block.clone();
        let writer = thread::spawn(move || file.write_all(&sent).map(|()| file));
        let mut heard = Vec::new();
        let mut buf = [0; 1000];
        while heard.len() < block.len() {
            let length = (&server).read(&mut buf).unwrap();
            heard.extend_from_slice(&buf[..length]);
        }
        assert!(heard == block, "one message of many buffers");
        let mut file = writer.join().unwrap().unwrap();
        (&server).write_all(b"last").unwrap();
        drop(server);
        let mut rest = String::new();
        file.read_to_string(&mut rest).unwrap();
        assert_eq!(rest, "last");
    });
}

#[test]
fn on_a_server_of_plain_bytes_streams_work_and_the_end_of_one_direction_is_unsupported() {
    let name = fresh_id();
    let mut server = pipes::plain_server(&name, 0, 1).unwrap();
    let client = connect(&name);
    within("the bytes", move || {
        (&client).write_all(b"question").unwrap();
        let mut heard = [0; 8];
        server.read_exact(&mut heard).unwrap();
        for how in [Shutdown::Write, Shutdown::Both] {
            assert_eq!(client.shutdown(how).unwrap_err().kind(), ErrorKind::Unsupported);
        }
        (&client).write_all(b"x").unwrap();
        server.read_exact(&mut heard[..1]).unwrap();
        drop(client);
        assert_eq!(server.read(&mut heard).unwrap(), 0);
    });
}

#[test]
fn bytes_one_at_a_time_are_read_in_any_size() {
    const COUNT: usize = 5_000;
    let (client, server) = pair();
    let writer = thread::spawn(move || {
        (0..COUNT).for_each(|number| assert_eq!((&client).write(&[number as u8]).unwrap(), 1));
    });
    within("all bytes", move || {
        let mut heard = Vec::new();
        (&server).read_to_end(&mut heard).unwrap();
        assert!(heard == (0..COUNT).map(|number| number as u8).collect::<Vec<_>>());
        writer.join().unwrap();
    });
}

#[test]
fn one_read_takes_several_messages() {
    let (client, server) = pair();
    for _ in 0..10 {
        client.try_write(&[1; 100]).unwrap();
    }
    assert_eq!((&server).read(&mut [0; 5000]).unwrap(), 1000);
}

#[test]
fn a_write_gives_up_when_its_time_is_over_and_takes_nothing() {
    let (client, server) = pair();
    let mut taken = 0;
    while let Ok(length) = client.try_write(&[1; 65_536]) {
        taken += length;
    }
    client.set_send_timeout(Some(Duration::from_millis(20))).unwrap();
    assert_eq!((&client).write(&[2; 10]).unwrap_err().kind(), ErrorKind::WouldBlock);
    assert_eq!((&client).flush().unwrap_err().kind(), ErrorKind::WouldBlock);
    drop(client);
    let mut heard = Vec::new();
    (&server).read_to_end(&mut heard).unwrap();
    assert!(heard == vec![1; taken]);
}

#[test]
fn flushing_waits_until_what_was_taken_is_the_systems() {
    let (Stream::NamedPipe(client), server) = pair();
    while client.try_write(&[1; 65_536]).is_ok() {}
    assert!(client.is_writing());
    assert_eq!(client.try_flush().unwrap_err().kind(), ErrorKind::WouldBlock);
    let reader = thread::spawn(move || io::copy(&mut &server, &mut io::sink()));
    (&client).flush().unwrap();
    assert!(!client.is_writing());
    drop(client);
    reader.join().unwrap().unwrap();
}

#[test]
fn bytes_that_nobody_reads_any_more_are_an_error_once() {
    let (Stream::NamedPipe(client), server) = pair();
    while client.try_write(&[1; 65_536]).is_ok() {}
    drop(server);
    assert_eq!((&client).flush().unwrap_err().kind(), ErrorKind::BrokenPipe);
    (&client).flush().unwrap();
    assert_eq!(client.try_write(b"x").unwrap_err().kind(), ErrorKind::BrokenPipe);
}

#[test]
fn a_dropped_connection_counts_as_one_until_the_peer_has_its_bytes_or_is_gone() {
    for reads in [true, false] {
        let name = fresh_id();
        let listener = ListenerOptions::new()
            .name(name.borrow())
            .max_connections(1)
            .nonblocking(ListenerNonblockingMode::Accept)
            .create_sync()
            .unwrap();
        let client = connect(&name);
        let server = listener.accept().unwrap();
        let mut taken = 0;
        while let Ok(length) = server.try_write(&[7; 65_536]) {
            taken += length;
        }
        drop(server);
        let second = connect(&name);
        assert_eq!(listener.accept().unwrap_err().kind(), ErrorKind::WouldBlock);
        assert_eq!(listener.refused(), 1, "the room is still taken");
        within("room for another", move || {
            if reads {
                let mut heard = Vec::new();
                { &client }.read_to_end(&mut heard).unwrap();
                assert_eq!(heard.len(), taken);
            }
            drop((client, second));
            loop {
                let _another = connect(&name);
                match listener.accept() {
                    Ok(_) => break,
                    Err(error) => assert_eq!(error.kind(), ErrorKind::WouldBlock),
                }
            }
        });
    }
}

#[test]
fn no_wake_up_is_lost_through_on_ready() {
    let (client, server) = inner_pair();
    let play = |stream: inner::Stream, begins: bool| {
        move || {
            let (sender, told) = mpsc::channel();
            let readable = move |ready: local_socket::os::windows::Readiness| {
                if ready.is_readable() {
                    let _ = sender.send(());
                }
            };
            stream.on_ready(readable).unwrap();
            let mut buf = [0; 8];
            for round in 0..10_000u64 {
                if begins {
                    stream.try_write(&round.to_le_bytes()).unwrap();
                }
                while let Err(error) = stream.try_read(&mut buf) {
                    assert_eq!(error.kind(), ErrorKind::WouldBlock);
                    told.recv_timeout(PATIENCE).expect("to be told");
                }
                assert_eq!(buf, round.to_le_bytes());
                if !begins {
                    stream.try_write(&round.to_le_bytes()).unwrap();
                }
            }
        }
    };
    let server = thread::spawn(play(server, false));
    play(client, true)();
    server.join().unwrap();
}

#[test]
fn a_handle_makes_a_stream_and_a_stream_gives_its_handle() {
    let (client, server) = inner_pair();
    let client = inner::Stream::try_from(OwnedHandle::from(client)).unwrap();
    let server = inner::Stream::try_from(OwnedHandle::from(server)).unwrap();
    within("bytes and ends", move || {
        (&client).write_all(b"there").unwrap();
        let mut heard = [0; 8];
        assert_eq!((&server).read(&mut heard).unwrap(), 5);
        client.shutdown_write().unwrap();
        assert_eq!((&server).read(&mut heard).unwrap(), 0);
        drop(server);
        assert_eq!((&client).read(&mut heard).unwrap(), 0);
    });
}

#[test]
fn handles_that_are_no_overlapped_pipes_are_refused_and_handed_back() {
    let name = fresh_id();
    let _listener = listen(&name);
    let pipe = pipes::open(&name).unwrap();
    let file = File::open(std::env::current_exe().unwrap()).unwrap();
    for (handle, reason) in [(pipe, "FILE_FLAG_OVERLAPPED"), (file, "")] {
        let error = inner::Stream::try_from(OwnedHandle::from(handle)).unwrap_err();
        assert!(error.to_string().contains(reason), "{error}");
        assert!(error.cause.is_some());
        assert!(error.source.is_some());
    }
}

#[test]
fn clients_become_interprocesss_streams_and_back() {
    let (client, server) = inner_pair();
    let theirs = DuplexPipeStream::<Bytes>::from(client);
    within("bytes both ways", move || {
        for part in [&b"one"[..], b"two"] {
            (&server).write_all(part).unwrap();
        }
        let mut heard = [0; 6];
        (&theirs).read_exact(&mut heard).unwrap();
        assert_eq!(&heard, b"onetwo");
        (&theirs).write_all(b"back").unwrap();
        assert_eq!((&server).read(&mut heard).unwrap(), 4);
        theirs.set_nonblocking(true).unwrap();
        let ours = inner::Stream::from(theirs);
        assert_eq!((&ours).read(&mut heard).unwrap_err().kind(), ErrorKind::WouldBlock);
        ours.set_nonblocking(false).unwrap();
        (&server).write_all(b"x").unwrap();
        assert_eq!((&ours).read(&mut heard).unwrap(), 1);
    });
}

#[test]
fn interprocesss_stream_within_knows_the_peer_and_does_not_keep_the_pipe() {
    let (mut client, server) = inner_pair();
    assert_eq!(client.inner().peer_process_id().unwrap(), process::id());
    assert!(client.inner_mut().is_client());
    let theirs: &DuplexPipeStream<Bytes> = server.as_ref();
    assert!(theirs.is_server());
    let (rh, sh) = client.split();
    assert!(rh.inner().is_client() && sh.inner().is_client());
    sh.set_timeout(Some(PATIENCE)).unwrap();
    rh.set_timeout(Some(PATIENCE)).unwrap();
    assert!(rh.as_handle().try_clone_to_owned().is_ok());
    let client = inner::Stream::reunite(rh, sh).unwrap();
    drop(client);
    assert_eq!((&server).read(&mut [0]).unwrap(), 0);
}

#[test]
fn clones_share_modes_and_the_end() {
    let (client, server) = pair();
    let clone = server.try_clone().unwrap();
    server.set_nonblocking(true).unwrap();
    assert_eq!((&clone).read(&mut [0]).unwrap_err().kind(), ErrorKind::WouldBlock);
    client.shutdown_write().unwrap();
    assert_eq!((&clone).read(&mut [0]).unwrap(), 0);
    assert_eq!((&server).read(&mut [0]).unwrap(), 0);
}
