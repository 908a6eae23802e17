//! Ending one direction of a stream on tokio while the other goes on.
#![cfg(feature = "tokio")]

mod common;

use common::tokio::{inner_pair, pair, within};
use local_socket::tokio::{Stream, prelude::*};
use std::{io::ErrorKind, sync::Arc};
use tokio::{
    io::{AsyncRead, AsyncReadExt, AsyncWrite, AsyncWriteExt},
    task,
};

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

    let (mut client, peer) = inner_pair();
    let mut peer = peer.into();
    question(&mut client).await;
    answer(&mut peer).await;
    hear(&mut client).await;

    let (client, peer) = inner_pair();
    let mut peer = peer.into();
    question(&client).await;
    answer(&mut peer).await;
    hear(&client).await;

    let (client, peer) = inner_pair();
    let mut peer = peer.into();
    let (mut rh, mut sh) = client.split();
    question(&mut sh).await;
    answer(&mut peer).await;
    hear(&mut rh).await;

    let (client, peer) = inner_pair();
    let mut peer = peer.into();
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
    if cfg!(unix) {
        assert_eq!(peer.try_write(b"x").unwrap_err().kind(), ErrorKind::BrokenPipe);
    }
    client.try_write(b"still").unwrap();
}
