//! Reads and writes on tokio that never wait, and those of many buffers at once.
#![cfg(feature = "tokio")]

mod common;

use common::tokio::{at_once, inner_pair, pair, within};
use local_socket::tokio::{Stream, prelude::*};
use std::{
    io::{ErrorKind, IoSlice, IoSliceMut},
    sync::Arc,
};
use tokio::{
    io::{AsyncReadExt, AsyncWrite, AsyncWriteExt},
    task,
};

#[tokio::test]
async fn try_read_finds_what_the_runtime_has_not_heard_of_and_tells_nothing_yet_from_the_end() {
    let (client, server) = pair();
    let mut buf = [0; 8];
    let error = server.try_read(&mut buf).unwrap_err();
    assert_eq!(error.kind(), ErrorKind::WouldBlock);
    #[cfg(unix)]
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
    let block = vec![7; 1 << 20];
    let mut sent = 0;
    let error = loop {
        match client.try_write(&block) {
            Ok(taken) => sent += taken,
            Err(error) => break error,
        }
    };
    assert!(sent > 0);
    assert_eq!(error.kind(), ErrorKind::WouldBlock);
    #[cfg(unix)]
    assert_eq!(error.raw_os_error(), Some(libc::EAGAIN));

    assert!(at_once(client.writable()).await.is_none(), "there is no room");
    assert!(at_once((&client).write(b"x")).await.is_none(), "there is no room");
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
        assert!(at_once(server.readable()).await.is_none(), "there is nothing");
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
    let pieces = (0..1024u32).flat_map(u32::to_be_bytes);
    assert!(pieces.eq(heard));
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

    let (mut client, peer) = inner_pair();
    let peer = peer.into();
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
