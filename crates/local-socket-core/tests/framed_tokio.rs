//! Messages over tokio's streams; what is cancelled loses nothing and doubles nothing.
#![cfg(feature = "tokio")]

mod common;

use common::{
    PATIENCE,
    framed::{Random, message, random_length, wire},
    tokio::pair,
};
use local_socket::framed::{
    DecodeError, Format,
    tokio::{FramedReader, FramedWriter},
};
use local_socket::traits::tokio::Stream as _;
use std::io::{self, ErrorKind};
use tokio::{
    io::{AsyncReadExt, AsyncWriteExt, duplex},
    select, task, time,
};

/// The result of the action; fails, naming `what`, if it isn't done in time.
async fn within<T>(what: &str, action: impl Future<Output = T>) -> T {
    let result = time::timeout(PATIENCE, action).await;
    result.unwrap_or_else(|_| panic!("waited {PATIENCE:?} for: {what}"))
}

fn messages(seed: u64, count: usize) -> Vec<Vec<u8>> {
    let mut random = Random::new(seed);
    (0..count).map(|number| message(number, random_length(&mut random))).collect()
}

fn cause(error: &io::Error) -> DecodeError {
    *error.get_ref().and_then(|cause| cause.downcast_ref()).expect("a cause")
}

#[tokio::test]
async fn messages_arrive_over_a_socket_by_ones_and_in_batches() {
    let (client, server) = pair();
    let (mut writer, mut reader) = (FramedWriter::new(client), FramedReader::new(server));
    let messages = messages(1, 2000);
    let send = async {
        for message in &messages {
            writer.send(message).await.unwrap();
        }
        writer.shutdown().await.unwrap();
    };
    let receive = async {
        let mut received = Vec::new();
        while let Some(message) = reader.recv().await.unwrap() {
            received.push(message.to_vec());
            let Some(batch) = reader.recv_batch().await.unwrap() else { break };
            received.extend(batch.take(10).map(<[u8]>::to_vec));
        }
        received
    };
    let ((), received) = within("all messages", async { tokio::join!(send, receive) }).await;
    assert!(received == messages);
}

#[tokio::test]
async fn a_recv_that_is_cancelled_again_and_again_loses_nothing() {
    let (mut client, server) = duplex(13);
    let messages: Vec<_> = (0..300).map(|number| message(number, number % 50)).collect();
    let bytes = wire(Format::default(), &messages);
    let sender = task::spawn(async move {
        let (mut random, mut rest) = (Random::new(2), &*bytes);
        while !rest.is_empty() {
            let (piece, behind) = rest.split_at(rest.len().min(1 + random.below(20)));
            client.write_all(piece).await.unwrap();
            task::yield_now().await;
            rest = behind;
        }
    });
    let mut reader = FramedReader::new(server);
    let (mut received, mut cancelled) = (Vec::new(), 0);
    within("all messages", async {
        loop {
            select! {
                biased;
                result = reader.recv() => match result.unwrap() {
                    Some(message) => received.push(message.to_vec()),
                    None => break,
                },
                () = task::yield_now() => cancelled += 1,
            }
        }
        sender.await.unwrap();
    })
    .await;
    assert_eq!(received, messages);
    assert!(cancelled > 100, "cancelled {cancelled} times");
}

#[tokio::test]
async fn a_send_that_is_cancelled_and_given_again_arrives_once() {
    let (client, server) = duplex(1000);
    let messages = messages(3, 400);
    let expected = messages.clone();
    let receiver = task::spawn(async move {
        let mut reader = FramedReader::new(server);
        for message in &expected {
            assert!(reader.recv().await.unwrap() == Some(message));
        }
        assert!(reader.recv().await.unwrap().is_none());
    });
    let mut writer = FramedWriter::new(client);
    let mut cancelled = 0;
    within("all messages", async {
        for message in &messages {
            loop {
                select! {
                    biased;
                    result = writer.send(message) => {
                        result.unwrap();
                        break;
                    }
                    () = task::yield_now() => cancelled += 1,
                }
            }
        }
        loop {
            select! {
                biased;
                result = writer.shutdown() => {
                    result.unwrap();
                    break;
                }
                () = task::yield_now() => cancelled += 1,
            }
        }
        receiver.await.unwrap();
    })
    .await;
    assert!(cancelled > 100, "cancelled {cancelled} times");
}

#[tokio::test]
async fn a_writer_waits_for_a_peer_that_does_not_read_and_holds_one_message_and_little_more() {
    let (client, server) = duplex(1000);
    let mut writer = FramedWriter::new(client);
    let large = message(0, 500_000);
    let held = within("the writer to wait", async {
        loop {
            select! {
                biased;
                result = writer.send(&large) => result.unwrap(),
                () = task::yield_now() => break writer.pending(),
            }
        }
    })
    .await;
    assert_eq!(held, 500_004 - 1000);
    drop(server);
    let error = within("the error", writer.flush()).await.unwrap_err();
    assert_eq!(error.kind(), ErrorKind::BrokenPipe);
}

#[tokio::test]
async fn an_end_within_a_message_and_a_length_that_is_not_allowed_are_errors_that_stay() {
    let mut cut = FramedReader::new(&b"\0\0\0\x02hi\0\0\0\x09he"[..]);
    assert_eq!(cut.recv().await.unwrap(), Some(&b"hi"[..]));
    let mut long = FramedReader::new(&b"\0\0\0\x02hi\xFF\xFF\xFF\xFF"[..]);
    assert_eq!(long.recv_batch().await.unwrap().map(Iterator::count), Some(1));
    for _ in 0..2 {
        let error = cut.recv().await.unwrap_err();
        assert_eq!(error.kind(), ErrorKind::UnexpectedEof);
        assert_eq!(cause(&error), DecodeError::CutMessage { received: 2, expected: 9 });
        let error = long.recv().await.unwrap_err();
        assert_eq!(error.kind(), ErrorKind::InvalidData);
    }
}

#[tokio::test]
async fn after_shutdown_the_peer_reads_to_its_end_and_can_still_answer() {
    let (client, mut server) = pair();
    let (from_server, to_server) = client.split();
    let mut writer = FramedWriter::new(to_server);
    writer.send(b"question").await.unwrap();
    assert_eq!(writer.pending(), 12, "not before it is flushed");
    writer.shutdown().await.unwrap();
    let mut heard = Vec::new();
    within("the end", server.read_to_end(&mut heard)).await.unwrap();
    assert_eq!(heard, b"\0\0\0\x08question");
    server.write_all(b"\0\0\0\x06answer").await.unwrap();
    let mut reader = FramedReader::new(from_server);
    let answer = within("the answer", reader.recv()).await.unwrap();
    assert_eq!(answer, Some(&b"answer"[..]));
}
