//! Splitting a stream on tokio and putting it together again.
#![cfg(feature = "tokio")]

mod common;

use common::{
    framed::{Random, message, random_length},
    tokio::{inner, inner_pair, pair, within},
};
use local_socket::{
    framed::tokio::{FramedReader, FramedWriter},
    tokio::{ReuniteError, Stream, prelude::*},
};
use std::io::{ErrorKind, IoSlice};
use tokio::{
    io::{AsyncRead, AsyncReadExt, AsyncWrite, AsyncWriteExt},
    task,
};

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn halves_work_in_two_tasks() {
    let (client, server) = pair();
    let (mut rh, mut sh) = client.split();
    let echo = task::spawn(async move {
        let (mut rh, mut sh) = server.split();
        tokio::io::copy(&mut rh, &mut sh).await.unwrap();
    });
    let writer = task::spawn(async move {
        for number in 0..1000u32 {
            sh.write_all(&number.to_be_bytes()).await.unwrap();
        }
    });
    let mut heard = Vec::new();
    within("the echo to end", rh.read_to_end(&mut heard)).await.unwrap();
    assert!(heard == (0..1000u32).flat_map(u32::to_be_bytes).collect::<Vec<_>>());
    within("the tasks to end", async { tokio::try_join!(writer, echo) }).await.unwrap();
}

#[tokio::test]
async fn dropping_a_send_half_ends_its_direction() {
    let (client, mut server) = pair();
    let (mut rh, mut sh) = client.split();
    sh.write_all(b"there").await.unwrap();
    drop(sh);
    let mut heard = String::new();
    within("the end", server.read_to_string(&mut heard)).await.unwrap();
    assert_eq!(heard, "there");
    server.write_all(b"back").await.unwrap();
    let mut heard = [0; 4];
    within("the answer", rh.read_exact(&mut heard)).await.unwrap();
    assert_eq!(&heard, b"back");
}

#[tokio::test]
async fn dropping_a_recv_half_shuts_nothing_down() {
    let (client, mut server) = pair();
    let (rh, mut sh) = client.split();
    drop(rh);
    server.write_all(b"unread").await.unwrap();
    sh.write_all(b"there").await.unwrap();
    let mut heard = [0; 5];
    within("the bytes", server.read_exact(&mut heard)).await.unwrap();
    assert_eq!(&heard, b"there");
}

#[tokio::test]
async fn halves_of_one_stream_make_it_again_and_shut_nothing_down() {
    let (client, mut server) = pair();
    let (rh, sh) = client.split();
    let mut client = Stream::reunite(rh, sh).unwrap();
    exchange(&mut client, &mut server).await;

    let (client, mut server) = inner_pair();
    let (rh, sh) = client.split();
    let mut client = inner::Stream::reunite(rh, sh).unwrap();
    exchange(&mut client, &mut server).await;
}

async fn exchange(
    mut one: impl AsyncRead + AsyncWrite + Unpin,
    mut other: impl AsyncRead + AsyncWrite + Unpin,
) {
    let mut heard = [0; 1];
    within("an exchange", async {
        one.write_all(b"x").await.unwrap();
        other.read_exact(&mut heard).await.unwrap();
        other.write_all(b"y").await.unwrap();
        one.read_exact(&mut heard).await.unwrap();
    })
    .await;
    assert_eq!(&heard, b"y");
}

#[tokio::test]
async fn halves_of_two_streams_are_handed_back() {
    let (client, server) = pair();
    let (client_rh, client_sh) = client.split();
    let (server_rh, server_sh) = server.split();
    let error = Stream::reunite(client_rh, server_sh).unwrap_err();
    let ReuniteError { rh: client_rh, sh: server_sh } = error;
    let mut client = Stream::reunite(client_rh, client_sh).unwrap();
    let mut server = Stream::reunite(server_rh, server_sh).unwrap();
    exchange(&mut client, &mut server).await;

    let (client, server) = inner_pair();
    let (client_rh, client_sh) = client.split();
    let (server_rh, server_sh) = server.split();
    let error = inner::Stream::reunite(server_rh, client_sh).unwrap_err();
    let mut server = inner::Stream::reunite(error.rh, server_sh).unwrap();
    let mut client = inner::Stream::reunite(client_rh, error.sh).unwrap();
    exchange(&mut client, &mut server).await;
}

#[tokio::test]
#[cfg(unix)]
async fn halves_are_one_socket_and_tokios_are_within() {
    use std::os::fd::{AsFd, AsRawFd};

    let (client, mut server) = inner_pair();
    let socket = client.as_fd().as_raw_fd();
    let (rh, sh) = client.split();
    assert_eq!([rh.as_fd().as_raw_fd(), sh.as_fd().as_raw_fd()], [socket; 2]);
    assert_eq!(rh.as_tokio().as_ref().as_raw_fd(), socket);
    assert_eq!(sh.as_tokio().as_ref().as_raw_fd(), socket);
    let mut client = rh.into_tokio().reunite(sh.into_tokio()).unwrap();
    exchange(&mut client, &mut server).await;
}

#[tokio::test]
async fn halves_try_without_waiting_and_wait_until_trying_helps() {
    let (client, server) = pair();
    let (rh, sh) = server.split();
    let mut buf = [0; 4];
    assert_eq!(rh.try_read(&mut buf).unwrap_err().kind(), ErrorKind::WouldBlock);
    client.try_write(b"ask").unwrap();
    within("the question", rh.readable()).await.unwrap();
    assert_eq!(rh.try_read(&mut buf).unwrap(), 3);

    let block = vec![0; 1 << 20];
    let mut sent = 0;
    while let Ok(taken) = sh.try_write(&block) {
        sent += taken;
    }
    assert_eq!(sh.try_write(&block).unwrap_err().kind(), ErrorKind::WouldBlock);
    within("the block", (&client).read_exact(&mut vec![0; sent])).await.unwrap();
    within("room", sh.writable()).await.unwrap();
    assert_eq!(sh.try_write_vectored(&[IoSlice::new(b"an"), IoSlice::new(b"swer")]).unwrap(), 6);
    sh.shutdown_write().unwrap();
    let mut heard = String::new();
    within("the end", (&client).read_to_string(&mut heard)).await.unwrap();
    assert_eq!(heard, "answer");
    rh.shutdown_read().unwrap();
    assert_eq!(rh.try_read(&mut buf).unwrap(), 0);
}

fn messages(seed: u64) -> Vec<Vec<u8>> {
    let mut random = Random::new(seed);
    (0..300).map(|number| message(number, random_length(&mut random))).collect()
}

/// Sends messages one way while the other end receives them.
async fn converse(writer: impl AsyncWrite + Unpin, reader: impl AsyncRead + Unpin, seed: u64) {
    let messages = messages(seed);
    let mut writer = FramedWriter::new(writer);
    let mut reader = FramedReader::new(reader);
    let send = async {
        for message in &messages {
            writer.send(message).await.unwrap();
        }
        writer.shutdown().await.unwrap();
    };
    let receive = async {
        for message in &messages {
            assert!(reader.recv().await.unwrap() == Some(message));
        }
        assert!(reader.recv().await.unwrap().is_none());
    };
    within("all messages", async { tokio::join!(send, receive) }).await;
}

#[tokio::test]
async fn framed_messages_go_over_a_stream_a_reference_and_halves() {
    let (client, server) = pair();
    converse(client, server, 1).await;

    let (client, server) = pair();
    let there = converse(&client, &server, 2);
    let back = converse(&server, &client, 3);
    tokio::join!(there, back);

    let (client, server) = pair();
    let ((client_rh, client_sh), (server_rh, server_sh)) = (client.split(), server.split());
    let there = converse(client_sh, server_rh, 4);
    let back = converse(&server_sh, &client_rh, 5);
    tokio::join!(there, back);
}

/// Written against the traits alone, as programs for `interprocess` may be.
async fn generic<S: local_socket::traits::tokio::Stream + Unpin>(mut stream: S) -> S
where
    S::RecvHalf: Unpin,
    S::SendHalf: Unpin,
{
    use local_socket::bound_util::{RefTokioAsyncRead, RefTokioAsyncWrite};
    use std::pin::pin;

    stream.write_all(b"1").await.unwrap();
    stream.read_exact(&mut [0]).await.unwrap();
    pin!(stream.as_tokio_async_write()).write_all(b"2").await.unwrap();
    pin!(stream.as_tokio_async_read()).read_exact(&mut [0]).await.unwrap();
    let (mut rh, mut sh) = stream.split();
    sh.write_all(b"3").await.unwrap();
    rh.read_exact(&mut [0]).await.unwrap();
    pin!(sh.as_tokio_async_write()).write_all(b"4").await.unwrap();
    pin!(rh.as_tokio_async_read()).read_exact(&mut [0]).await.unwrap();
    S::reunite(rh, sh).unwrap_or_else(|_| panic!("the halves belong together"))
}

#[tokio::test]
async fn code_that_is_generic_over_the_traits_works() {
    let (client, server) = pair();
    let echo = task::spawn(async move { tokio::io::copy(&mut &server, &mut &server).await });
    drop(within("the generic exchange", generic(client)).await);
    assert_eq!(within("the end", echo).await.unwrap().unwrap(), 4);

    let (client, server) = inner_pair();
    let echo = task::spawn(async move { tokio::io::copy(&mut &server, &mut &server).await });
    drop(within("the generic exchange", generic(client)).await);
    assert_eq!(within("the end", echo).await.unwrap().unwrap(), 4);
}
