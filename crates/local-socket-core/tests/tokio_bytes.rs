//! Bytes on tokio arrive as they were sent, and nothing waits that must not.
#![cfg(feature = "tokio")]

mod common;

use common::{
    framed::Random,
    tokio::{pair, within},
};
use local_socket::{
    ConnectOptions,
    os::unix::uds_local_socket::tokio as uds,
    tokio::{RecvHalf, SendHalf, Stream, prelude::*},
};
use std::{
    future::poll_fn,
    io::{ErrorKind, IoSlice, IoSliceMut},
    pin::pin,
    sync::Arc,
    task::Poll,
};
use tokio::{
    io::{AsyncRead, AsyncReadExt, AsyncWrite, AsyncWriteExt},
    net::UnixStream,
    select, task,
};

const SIZES: [usize; 6] = [0, 1, 65_535, 65_536, 65_537, 8 << 20];

fn pattern(size: usize, seed: u64) -> Vec<u8> {
    let mut random = Random::new(seed);
    std::iter::repeat_with(|| random.below(256) as u8).take(size).collect()
}

/// Whether the future, polled once, is still waiting.
async fn waits(future: impl Future) -> bool {
    let mut future = pin!(future);
    poll_fn(|cx| Poll::Ready(future.as_mut().poll(cx).is_pending())).await
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
            task::yield_now().await;
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

#[tokio::test]
async fn try_read_finds_what_the_runtime_has_not_heard_of_and_tells_nothing_yet_from_the_end() {
    let (client, server) = pair();
    let mut buf = [0; 8];
    let error = server.try_read(&mut buf).unwrap_err();
    assert_eq!(error.kind(), ErrorKind::WouldBlock);
    assert_eq!(error.raw_os_error(), Some(libc::EAGAIN));
    // Nothing is awaited, so that the runtime hears of nothing.
    assert_eq!(client.try_write(b"abc").unwrap(), 3);
    assert_eq!(server.try_read(&mut buf[..2]).unwrap(), 2);
    assert_eq!(server.try_read(&mut buf[2..]).unwrap(), 1);
    assert_eq!(&buf[..3], b"abc");
    client.shutdown_write().unwrap();
    assert_eq!(server.try_read(&mut buf).unwrap(), 0);
}

#[tokio::test]
async fn try_write_never_waits_and_says_how_much_it_took() {
    let (client, mut server) = pair();
    let block = pattern(1 << 20, 7);
    let mut sent = 0;
    let error = loop {
        match client.try_write(&block) {
            Ok(taken) => sent += taken,
            Err(error) => break error,
        }
    };
    assert!(sent > 0);
    assert_eq!(error.kind(), ErrorKind::WouldBlock);
    assert_eq!(error.raw_os_error(), Some(libc::EAGAIN));

    assert!(waits(client.writable()).await, "there is no room");
    assert!(waits((&client).write(b"x")).await, "there is no room");
    let mut heard = vec![0; sent];
    within("the bytes", server.read_exact(&mut heard)).await.unwrap();
    within("room", client.writable()).await.unwrap();
    assert_eq!(client.try_write(b"x").unwrap(), 1);
}

#[tokio::test]
async fn after_would_block_readable_waits_for_more_and_wakes_every_task() {
    let (client, server) = pair();
    let server = Arc::new(server);
    for _ in 0..10 {
        assert_eq!(server.try_read(&mut [0; 8]).unwrap_err().kind(), ErrorKind::WouldBlock);
        assert!(waits(server.readable()).await, "there is nothing");
        let tasks = [(); 3].map(|()| {
            let server = server.clone();
            task::spawn(async move { server.readable().await })
        });
        task::yield_now().await;
        assert_eq!(client.try_write(b"x").unwrap(), 1);
        for task in tasks {
            within("each task to be woken", task).await.unwrap().unwrap();
        }
        within("a wait for what is there", server.readable()).await.unwrap();
        assert_eq!(server.try_read(&mut [0; 8]).unwrap(), 1);
    }
}

async fn question(mut writer: impl AsyncWrite + Unpin) {
    within("the question", async {
        writer.write_all(b"question").await.unwrap();
        for _again in 0..2 {
            writer.shutdown().await.unwrap();
        }
        let error = writer.write(b"x").await.unwrap_err();
        assert_eq!(error.kind(), ErrorKind::BrokenPipe);
    })
    .await;
}

async fn answer(peer: &mut Stream) {
    let mut heard = String::new();
    within("the end of the question", peer.read_to_string(&mut heard)).await.unwrap();
    assert_eq!(heard, "question");
    within("the answer", peer.write_all(b"answer")).await.unwrap();
}

async fn hear(mut reader: impl AsyncRead + Unpin) {
    let mut heard = [0; 6];
    within("the answer", reader.read_exact(&mut heard)).await.unwrap();
    assert_eq!(&heard, b"answer");
}

#[tokio::test]
async fn shutdown_half_closes_through_the_stream_a_reference_a_half_and_the_enum() {
    let (mut client, mut peer) = pair();
    question(&mut client).await;
    answer(&mut peer).await;
    hear(&mut client).await;

    let (client, mut peer) = pair();
    question(&client).await;
    answer(&mut peer).await;
    hear(&client).await;

    let (client, mut peer) = pair();
    let (mut rh, mut sh) = client.split();
    question(&mut sh).await;
    answer(&mut peer).await;
    hear(&mut rh).await;

    let (client, mut peer) = pair();
    let (rh, sh) = client.split();
    question(&sh).await;
    answer(&mut peer).await;
    hear(&rh).await;

    let (Stream::UdSocket(mut client), mut peer) = pair();
    question(&mut client).await;
    answer(&mut peer).await;
    hear(&mut client).await;

    let (Stream::UdSocket(client), mut peer) = pair();
    question(&client).await;
    answer(&mut peer).await;
    hear(&client).await;

    let (Stream::UdSocket(client), mut peer) = pair();
    let (mut rh, mut sh) = client.split();
    question(&mut sh).await;
    answer(&mut peer).await;
    hear(&mut rh).await;

    let (Stream::UdSocket(client), mut peer) = pair();
    let (rh, sh) = client.split();
    question(&sh).await;
    answer(&mut peer).await;
    hear(&rh).await;
}

#[tokio::test]
async fn shutdown_as_programs_call_it_is_tokios_own() {
    let (mut client, mut peer) = pair();
    client.write_all(b"question").await.unwrap();
    client.shutdown().await.unwrap();
    answer(&mut peer).await;
    hear(client).await;
}

#[tokio::test]
async fn shutdown_write_is_done_without_waiting_and_may_be_done_again() {
    let (client, mut peer) = pair();
    client.try_write(b"question").unwrap();
    client.shutdown_write().unwrap();
    client.shutdown_write().unwrap();
    assert_eq!(client.try_write(b"x").unwrap_err().kind(), ErrorKind::BrokenPipe);
    answer(&mut peer).await;
    hear(&client).await;

    let (client, mut peer) = pair();
    let (rh, sh) = client.split();
    sh.try_write(b"question").unwrap();
    sh.shutdown_write().unwrap();
    answer(&mut peer).await;
    hear(&rh).await;
}

#[tokio::test]
async fn shutdown_read_wakes_who_waits_for_bytes() {
    let (client, peer) = pair();
    let client = Arc::new(client);
    let reader = task::spawn({
        let client = client.clone();
        async move { (&*client).read(&mut [0; 8]).await }
    });
    task::yield_now().await;
    client.shutdown_read().unwrap();
    assert_eq!(within("the reader to be woken", reader).await.unwrap().unwrap(), 0);
    assert_eq!(peer.try_write(b"x").unwrap_err().kind(), ErrorKind::BrokenPipe);
    client.try_write(b"still").unwrap();
}

/// More than one call takes.
const MANY: usize = 3000;

async fn writes_many(mut writer: impl AsyncWrite + Unpin, peer: &Stream) {
    assert!(writer.is_write_vectored());
    let pieces: Vec<_> = (0..MANY as u32).map(u32::to_be_bytes).collect();
    let bufs: Vec<_> = pieces.iter().map(|piece| IoSlice::new(piece)).collect();
    let count = within("many buffers", writer.write_vectored(&bufs)).await.unwrap();
    assert_eq!(count, 1024 * 4);
    assert_first_pieces_arrive(peer).await;
}

async fn assert_first_pieces_arrive(mut peer: &Stream) {
    let mut heard = [0; 1024 * 4];
    within("the buffers", peer.read_exact(&mut heard)).await.unwrap();
    let pieces = (0..1024u32).map(u32::to_be_bytes);
    assert!(pieces.eq(heard.chunks(4).map(|piece| piece.try_into().unwrap())));
}

#[tokio::test]
async fn many_buffers_leave_by_one_call_through_every_type() {
    let (mut client, peer) = pair();
    writes_many(&client, &peer).await;
    writes_many(&mut client, &peer).await;
    let pieces: Vec<_> = (0..MANY as u32).map(u32::to_be_bytes).collect();
    let bufs: Vec<_> = pieces.iter().map(|piece| IoSlice::new(piece)).collect();
    assert_eq!(client.try_write_vectored(&bufs).unwrap(), 1024 * 4);
    assert_first_pieces_arrive(&peer).await;
    let (_rh, mut sh) = client.split();
    writes_many(&sh, &peer).await;
    writes_many(&mut sh, &peer).await;
    assert_eq!(sh.try_write_vectored(&bufs).unwrap(), 1024 * 4);
    assert_first_pieces_arrive(&peer).await;

    let (Stream::UdSocket(mut client), peer) = pair();
    writes_many(&client, &peer).await;
    writes_many(&mut client, &peer).await;
    let (_rh, mut sh) = client.split();
    writes_many(&sh, &peer).await;
    writes_many(&mut sh, &peer).await;
}

#[tokio::test]
async fn try_reads_into_many_buffers_never_wait() {
    let (client, server) = pair();
    let (rh, _sh) = server.split();
    let (mut one, mut other) = ([0; 2], [0; 4]);
    let bufs = &mut [IoSliceMut::new(&mut one), IoSliceMut::new(&mut other)];
    assert_eq!(rh.try_read_vectored(bufs).unwrap_err().kind(), ErrorKind::WouldBlock);
    client.try_write(b"abcd").unwrap();
    assert_eq!(rh.try_read_vectored(bufs).unwrap(), 4);
    assert_eq!((&one, &other[..2]), (b"ab", &b"cd"[..]));

    let (one, other) = (&mut [0; 1], &mut [0; 1]);
    let bufs = &mut [IoSliceMut::new(one), IoSliceMut::new(other)];
    assert_eq!(client.try_read_vectored(bufs).unwrap_err().kind(), ErrorKind::WouldBlock);
    rh.shutdown_read().unwrap();
    let many = &mut [0; 2000].map(|byte: u8| [byte]);
    let mut many: Vec<_> = many.iter_mut().map(|byte| IoSliceMut::new(byte)).collect();
    assert_eq!(rh.try_read_vectored(&mut many).unwrap(), 0);
}

#[tokio::test]
async fn no_buffers_at_all_write_nothing() {
    let (mut client, server) = pair();
    assert_eq!(client.try_write_vectored(&[]).unwrap(), 0);
    assert_eq!(client.try_write(&[]).unwrap(), 0);
    assert_eq!(client.write(&[]).await.unwrap(), 0);
    assert_eq!(server.try_read(&mut [0]).unwrap_err().kind(), ErrorKind::WouldBlock);
}

fn assert_task_safe<T: Send + Sync>(_: &T) {}
fn assert_type_is_task_safe<T: Send + Sync + Unpin + 'static>() {}

#[tokio::test]
async fn futures_are_send_and_sync() {
    assert_type_is_task_safe::<(Stream, RecvHalf, SendHalf)>();
    assert_type_is_task_safe::<(uds::Stream, uds::RecvHalf, uds::SendHalf)>();

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
    let inner = uds::Stream::from(UnixStream::pair().unwrap().0);
    assert_task_safe(&inner.readable());
    assert_task_safe(&inner.writable());
    let options = ConnectOptions::new();
    assert_task_safe(&options.connect_tokio());
    let name = common::fresh_id();
    assert_task_safe(&Stream::connect(name.borrow()));
    assert_task_safe(&uds::Stream::connect(name));
}
