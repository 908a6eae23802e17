//! Bytes on tokio arrive as they were sent, and nothing waits that must not.
#![cfg(feature = "tokio")]

mod common;

use common::{
    framed::Random,
    tokio::{inner, inner_pair, pair, within},
};
use local_socket::{
    ConnectOptions,
    tokio::{RecvHalf, SendHalf, Stream, prelude::*},
};
use std::sync::Arc;
use tokio::{
    io::{AsyncReadExt, AsyncWriteExt},
    select, task,
};

const SIZES: [usize; 6] = [0, 1, 65_535, 65_536, 65_537, 8 << 20];

fn pattern(size: usize, seed: u64) -> Vec<u8> {
    let mut random = Random::new(seed);
    std::iter::repeat_with(|| random.below(256) as u8).take(size).collect()
}

/// Sends and receives to the end at the same time.
async fn exchange(stream: Stream, outgoing: Vec<u8>) -> Vec<u8> {
    let send = async {
        (&stream).write_all(&outgoing).await.unwrap();
        (&stream).shutdown().await.unwrap();
    };
    let receive = async {
        let mut incoming = Vec::new();
        (&stream).read_to_end(&mut incoming).await.unwrap();
        incoming
    };
    tokio::join!(send, receive).1
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn bytes_are_intact_in_both_directions_at_once() {
    for size in SIZES {
        let (client, server) = pair();
        let (there, back) = (pattern(size, 1), pattern(size, 2));
        let server = task::spawn(exchange(server, back.clone()));
        let client_heard = within("both directions to end", exchange(client, there.clone())).await;
        let server_heard = within("the server to end", server).await.unwrap();
        assert!(server_heard == there, "{size} bytes there");
        assert!(client_heard == back, "{size} bytes back");
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn tasks_read_and_write_one_stream_by_reference() {
    let (client, server) = pair();
    let echo = task::spawn(async move {
        tokio::io::copy(&mut &server, &mut &server).await.unwrap();
        server.shutdown_write().unwrap();
    });
    let bytes = Arc::new(pattern(3_000_000, 3));
    let client = Arc::new(client);
    let writer = task::spawn({
        let (client, bytes) = (client.clone(), bytes.clone());
        async move {
            (&*client).write_all(&bytes).await.unwrap();
            client.shutdown_write().unwrap();
        }
    });
    let mut heard = Vec::new();
    within("the echo to end", (&*client).read_to_end(&mut heard)).await.unwrap();
    assert!(heard == *bytes);
    within("the tasks to end", async { tokio::try_join!(writer, echo) }).await.unwrap();
}

#[tokio::test]
async fn bytes_arrive_in_memory_that_was_never_written() {
    let (client, mut server) = pair();
    let bytes = pattern(1_000_000, 4);
    let sent = bytes.clone();
    let sender = task::spawn(async move { (&client).write_all(&sent).await.unwrap() });
    let mut heard = Vec::with_capacity(bytes.len());
    within("all bytes", async { while server.read_buf(&mut heard).await.unwrap() > 0 {} }).await;
    assert!(heard == bytes);
    sender.await.unwrap();
}

#[tokio::test]
async fn reading_into_nothing_is_done_at_once() {
    let (_client, mut server) = pair();
    assert_eq!(within("nothing", server.read(&mut [])).await.unwrap(), 0);
}

#[tokio::test]
async fn a_read_that_is_cancelled_took_nothing() {
    let (mut client, mut server) = pair();
    let bytes = pattern(100_000, 5);
    let sent = bytes.clone();
    let sender = task::spawn(async move {
        for piece in sent.chunks(100) {
            client.write_all(piece).await.unwrap();
            // More often than a piece has reads, so that some of them find nothing.
            for _ in 0..5 {
                task::yield_now().await;
            }
        }
    });
    let (mut heard, mut cancelled) = (Vec::new(), 0);
    let mut buf = [0; 64];
    within("all bytes", async {
        loop {
            select! {
                biased;
                result = server.read(&mut buf) => match result.unwrap() {
                    0 => break,
                    count => heard.extend_from_slice(&buf[..count]),
                },
                () = task::yield_now() => cancelled += 1,
            }
        }
    })
    .await;
    sender.await.unwrap();
    assert!(heard == bytes);
    assert!(cancelled > 100, "cancelled {cancelled} times");
}

#[tokio::test]
async fn a_write_that_is_cancelled_took_what_it_said() {
    let (mut client, mut server) = pair();
    let bytes = pattern(4 << 20, 6);
    let expected = bytes.clone();
    let receiver = task::spawn(async move {
        let mut heard = Vec::new();
        let mut buf = vec![0; 4096];
        loop {
            match server.read(&mut buf).await.unwrap() {
                0 => break heard,
                count => heard.extend_from_slice(&buf[..count]),
            }
            task::yield_now().await;
        }
    });
    let (mut rest, mut cancelled) = (&bytes[..], 0);
    within("all bytes to go", async {
        while !rest.is_empty() {
            select! {
                biased;
                result = client.write(rest) => rest = &rest[result.unwrap()..],
                () = task::yield_now() => cancelled += 1,
            }
        }
    })
    .await;
    drop(client);
    assert!(within("all bytes to arrive", receiver).await.unwrap() == expected);
    assert!(cancelled > 100, "cancelled {cancelled} times");
}

fn assert_task_safe<T: Send + Sync>(_: &T) {}
fn assert_type_is_task_safe<T: Send + Sync + Unpin + 'static>() {}

#[tokio::test]
async fn futures_are_send_and_sync() {
    assert_type_is_task_safe::<(Stream, RecvHalf, SendHalf)>();
    assert_type_is_task_safe::<(inner::Stream, inner::RecvHalf, inner::SendHalf)>();

    let (stream, _peer) = pair();
    assert_task_safe(&stream.readable());
    assert_task_safe(&stream.writable());
    assert_task_safe(&(&stream).read(&mut [0]));
    assert_task_safe(&(&stream).write_all(b"x"));
    let (mut rh, mut sh) = stream.split();
    assert_task_safe(&rh.readable());
    assert_task_safe(&sh.writable());
    assert_task_safe(&rh.read(&mut [0]));
    assert_task_safe(&sh.write(b"x"));
    let (system, _peer) = inner_pair();
    assert_task_safe(&system.readable());
    assert_task_safe(&system.writable());
    let options = ConnectOptions::new();
    assert_task_safe(&options.connect_tokio());
    let name = common::fresh_id();
    assert_task_safe(&Stream::connect(name.borrow()));
    assert_task_safe(&inner::Stream::connect(name));
}
