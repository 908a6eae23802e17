//! Bytes arrive as they were sent, and nothing waits that must not.

mod common;

use common::{pair, within};
use local_socket::{Stream, TryClone, prelude::*};
use std::{
    io::{ErrorKind, IoSlice, IoSliceMut, Read, Write},
    net::Shutdown,
    thread,
    time::Duration,
};

const SIZES: [usize; 6] = [0, 1, 65_535, 65_536, 65_537, 8 << 20];

fn pattern(size: usize, seed: u32) -> Vec<u8> {
    let mut state = seed | 1;
    let next = || {
        state ^= state << 13;
        state ^= state >> 17;
        state ^= state << 5;
        state as u8
    };
    std::iter::repeat_with(next).take(size).collect()
}

/// Sends on one thread, receives to the end on another.
fn exchange(stream: Stream, outgoing: Vec<u8>) -> Vec<u8> {
    thread::scope(|scope| {
        scope.spawn(|| {
            (&stream).write_all(&outgoing).unwrap();
            stream.shutdown_write().unwrap();
        });
        let mut incoming = Vec::new();
        (&stream).read_to_end(&mut incoming).unwrap();
        incoming
    })
}

#[test]
fn bytes_are_intact_in_both_directions_at_once() {
    for size in SIZES {
        let (client, server) = pair();
        let (there, back) = (pattern(size, 1), pattern(size, 2));
        let (expected_there, expected_back) = (there.clone(), back.clone());
        let (client_heard, server_heard) = within("both directions to end", move || {
            let server = thread::spawn(move || exchange(server, back));
            (exchange(client, there), server.join().unwrap())
        });
        assert!(server_heard == expected_there, "{size} bytes there");
        assert!(client_heard == expected_back, "{size} bytes back");
    }
}

#[test]
fn after_a_half_close_the_other_direction_goes_on_whoever_begins() {
    for client_first in [true, false] {
        let (client, server) = pair();
        let (mut first, mut second) =
            if client_first { (client, server) } else { (server, client) };
        first.write_all(b"question").unwrap();
        first.shutdown_write().unwrap();
        let mut heard = String::new();
        second.read_to_string(&mut heard).unwrap();
        assert_eq!(heard, "question");
        second.write_all(b"answer").unwrap();
        second.shutdown(Shutdown::Write).unwrap();
        heard.clear();
        first.read_to_string(&mut heard).unwrap();
        assert_eq!(heard, "answer");
        assert_eq!(first.write(b"x").unwrap_err().kind(), ErrorKind::BrokenPipe);
    }
}

#[test]
fn try_read_never_waits_on_a_blocking_stream_and_tells_nothing_yet_from_the_end() {
    let (client, server) = pair();
    server.set_recv_timeout(None).unwrap();
    let mut buf = [0; 8];
    let error = server.try_read(&mut buf).unwrap_err();
    assert_eq!(error.kind(), ErrorKind::WouldBlock);
    #[cfg(unix)]
    assert_eq!(error.raw_os_error(), Some(libc::EAGAIN));
    client.try_write(b"abc").unwrap();
    assert_eq!(server.try_read(&mut buf[..2]).unwrap(), 2);
    assert_eq!(server.try_read(&mut buf[2..]).unwrap(), 1);
    assert_eq!(&buf[..3], b"abc");
    client.shutdown_write().unwrap();
    assert_eq!(server.try_read(&mut buf).unwrap(), 0);
}

#[test]
fn try_reads_into_many_buffers_never_wait_and_fill_one_after_the_other() {
    let (client, server) = pair();
    server.set_recv_timeout(None).unwrap();
    let (mut one, mut two, mut three) = ([0; 2], [0; 0], [0; 4]);
    let mut bufs = [&mut one[..], &mut two, &mut three].map(IoSliceMut::new);
    let (server, nothing_yet) = within("a read of nothing", move || {
        let mut buf = [0];
        let error = server.try_read_vectored(&mut [IoSliceMut::new(&mut buf)]).unwrap_err();
        (server, error)
    });
    assert_eq!(nothing_yet.kind(), ErrorKind::WouldBlock);
    client.try_write(b"abcde").unwrap();
    assert_eq!(server.try_read_vectored(&mut bufs).unwrap(), 5);
    assert_eq!((one, three), (*b"ab", *b"cde\0"));
    client.shutdown_write().unwrap();
    assert_eq!(server.try_read_vectored(&mut [IoSliceMut::new(&mut one)]).unwrap(), 0);
}

#[test]
fn a_try_read_fills_a_thousand_buffers_and_leaves_what_goes_beyond() {
    let (client, server) = pair();
    client.try_write(&pattern(2000, 4)).unwrap();
    let mut bytes = vec![[0; 1]; 2000];
    let mut bufs: Vec<_> = bytes.iter_mut().map(|byte| IoSliceMut::new(byte)).collect();
    assert_eq!(server.try_read_vectored(&mut bufs).unwrap(), 1024);
    assert_eq!(server.try_read_vectored(&mut bufs[1024..]).unwrap(), 976);
    assert!(bytes.concat() == pattern(2000, 4));
}

#[test]
fn after_the_end_of_reading_the_peer_cannot_write_and_the_other_direction_goes_on() {
    let (client, mut server) = pair();
    client.shutdown(Shutdown::Read).unwrap();
    assert_eq!((&client).read(&mut [0]).unwrap(), 0);
    (&client).write_all(b"still").unwrap();
    let mut heard = [0; 5];
    server.read_exact(&mut heard).unwrap();
    assert_eq!(&heard, b"still");
    if cfg!(target_os = "linux") {
        assert_eq!(server.write(b"x").unwrap_err().kind(), ErrorKind::BrokenPipe);
    }
}

#[test]
fn try_write_never_waits_on_a_blocking_stream_and_says_how_much_it_took() {
    let (client, mut server) = pair();
    client.set_send_timeout(None).unwrap();
    let block = pattern(1 << 20, 3);
    let (client, sent) = within("try_write to find no room", move || {
        let mut sent = 0;
        loop {
            match client.try_write(&block) {
                Ok(taken) => sent += taken,
                Err(error) => {
                    assert_eq!(error.kind(), ErrorKind::WouldBlock);
                    return (client, sent);
                }
            }
        }
    });
    assert!(sent > 0);
    drop(client);
    let mut heard = Vec::new();
    server.read_to_end(&mut heard).unwrap();
    assert_eq!(heard.len(), sent);
}

#[test]
fn vectored_writes_and_reads_keep_the_order_and_take_many_buffers() {
    let (client, mut server) = pair();
    let pieces: Vec<_> = (0..3000u32).map(u32::to_be_bytes).collect();
    let slices: Vec<_> = pieces.iter().map(|piece| IoSlice::new(piece)).collect();
    let first = client.try_write_vectored(&slices).unwrap();
    assert_eq!(first, 1024 * 4);
    let second = (&client).write_vectored(&slices[1024..]).unwrap();
    assert_eq!(second, 1024 * 4);
    drop(client);
    let (mut one, mut rest) = (vec![0; 4], vec![0; 4]);
    let bufs = &mut [IoSliceMut::new(&mut one), IoSliceMut::new(&mut rest)];
    assert_eq!(server.read_vectored(bufs).unwrap(), 8);
    let mut heard = [one, rest].concat();
    server.read_to_end(&mut heard).unwrap();
    assert!(heard == pieces[..2048].concat());
}

#[test]
fn no_buffers_at_all_write_nothing() {
    let (client, server) = pair();
    assert_eq!(client.try_write_vectored(&[]).unwrap(), 0);
    assert_eq!(client.try_write(&[]).unwrap(), 0);
    assert_eq!(server.try_read(&mut [0]).unwrap_err().kind(), ErrorKind::WouldBlock);
}

#[test]
fn a_nonblocking_stream_says_would_block() {
    let (client, mut server) = pair();
    server.set_nonblocking(true).unwrap();
    assert_eq!(server.read(&mut [0]).unwrap_err().kind(), ErrorKind::WouldBlock);
    server.set_nonblocking(false).unwrap();
    (&client).write_all(b"x").unwrap();
    assert_eq!(server.read(&mut [0]).unwrap(), 1);
}

#[test]
fn a_read_gives_up_when_its_time_is_over_and_zero_is_refused() {
    let (_client, mut server) = pair();
    server.set_recv_timeout(Some(Duration::from_millis(20))).unwrap();
    assert_eq!(server.read(&mut [0]).unwrap_err().kind(), ErrorKind::WouldBlock);
    let zero = Some(Duration::ZERO);
    assert_eq!(server.set_recv_timeout(zero).unwrap_err().kind(), ErrorKind::InvalidInput);
    assert_eq!(server.set_send_timeout(zero).unwrap_err().kind(), ErrorKind::InvalidInput);
}

#[test]
fn a_clone_is_the_same_stream() {
    let (client, server) = pair();
    let mut clone = client.try_clone().unwrap();
    drop(client);
    clone.write_all(b"x").unwrap();
    assert_eq!(server.try_read(&mut [0; 8]).unwrap(), 1);
    drop(clone);
    assert_eq!(server.try_read(&mut [0; 8]).unwrap(), 0);
}

#[test]
fn a_vanished_peer_is_a_broken_pipe_and_no_pending_error() {
    let (mut client, server) = pair();
    assert!(client.take_error().unwrap().is_none());
    drop(server);
    assert_eq!(client.write(b"x").unwrap_err().kind(), ErrorKind::BrokenPipe);
    let error = client.try_write(b"x").unwrap_err();
    assert_eq!(error.kind(), ErrorKind::BrokenPipe);
    #[cfg(unix)]
    assert_eq!(error.raw_os_error(), Some(libc::EPIPE));
    assert_eq!(client.read(&mut [0]).unwrap(), 0);
}
