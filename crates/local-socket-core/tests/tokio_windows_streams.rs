//! Streams on tokio over pipes: servers and clients that are no business of ours, the end of a
//! stream, and what needs no runtime.
#![cfg(all(feature = "tokio", windows))]

mod common;

use common::{
    PATIENCE, fresh_id,
    tokio::{accept, at_once, connect, inner, inner_pair, listen, pair, within},
};
use interprocess::local_socket as other;
use local_socket::{
    Name,
    tokio::{Stream, prelude::*},
    traits::Stream as _,
};
use std::{
    fs::File,
    future::poll_fn,
    io::{ErrorKind, Read, Write},
    os::windows::{
        fs::OpenOptionsExt,
        io::{AsHandle, AsRawHandle, OwnedHandle},
    },
    pin::Pin,
    sync::Arc,
    task::{Context, Poll, Wake, Waker},
    thread::{self, Thread},
};
use tokio::{
    io::{AsyncRead, AsyncReadExt, AsyncWrite, AsyncWriteExt},
    net::windows::named_pipe::{ClientOptions, NamedPipeServer, PipeMode, ServerOptions},
    task,
};

fn path(name: &Name<'_>) -> std::path::PathBuf {
    name.as_path().expect("a pipe's name is a path").to_owned()
}

/// A server of tokio's own, of this type.
fn foreign(name: &Name<'_>, mode: PipeMode) -> NamedPipeServer {
    ServerOptions::new().pipe_mode(mode).create(path(name)).expect("the name is free")
}

const LENGTH: usize = 3_000_000;

/// Bytes whose pieces come again where no buffer ends.
fn pattern() -> Vec<u8> {
    let piece: Vec<_> = (0..65_521).map(|n| ((n * 31) >> 3) as u8).collect();
    let mut bytes = piece.repeat(LENGTH / piece.len() + 1);
    bytes.truncate(LENGTH);
    bytes
}

/// Both say the same at once, and hear it.
async fn talk(one: impl AsyncRead + AsyncWrite, other: impl AsyncRead + AsyncWrite) {
    async fn side(stream: impl AsyncRead + AsyncWrite) {
        let (mut reader, mut writer) = tokio::io::split(stream);
        let (said, mut heard) = (pattern(), vec![0; LENGTH]);
        let both = async {
            tokio::try_join!(
                async {
                    writer.write_all(&said).await?;
                    writer.flush().await
                },
                reader.read_exact(&mut heard)
            )
        };
        within("both directions", both).await.unwrap();
        assert!(heard == said, "other bytes");
    }
    tokio::join!(side(one), side(other));
}

#[tokio::test]
async fn our_client_talks_to_tokios_server_of_either_type() {
    for mode in [PipeMode::Byte, PipeMode::Message] {
        let name = fresh_id();
        let server = foreign(&name, mode);
        let client = connect(&name).await;
        within("our client", server.connect()).await.unwrap();
        talk(client, server).await;
    }
}

#[tokio::test]
async fn tokios_client_talks_to_our_server() {
    let name = fresh_id();
    let listener = listen(&name);
    let client = ClientOptions::new().open(path(&name)).unwrap();
    let server = accept(&listener).await;
    talk(client, server).await;
}

#[tokio::test]
async fn a_pipe_of_bytes_can_not_tell_an_end_before_it_is_closed() {
    let name = fresh_id();
    let mut server = foreign(&name, PipeMode::Byte);
    let mut client = connect(&name).await;
    within("our client", server.connect()).await.unwrap();
    client.write_all(b"all of it").await.unwrap();
    assert_eq!(client.shutdown_write().unwrap_err().kind(), ErrorKind::Unsupported);
    for _again in 0..2 {
        within("shutting down", client.shutdown()).await.unwrap();
    }
    let mut heard = [0; 9];
    within("the bytes", server.read_exact(&mut heard)).await.unwrap();
    assert_eq!(&heard, b"all of it");
    assert!(at_once(server.read(&mut heard)).await.is_none(), "no end yet");
    server.write_all(b"answer").await.unwrap();
    let mut heard = [0; 6];
    within("the answer", client.read_exact(&mut heard)).await.unwrap();

    let (rh, sh) = client.split();
    drop(sh);
    drop(rh);
    let end = within("the end", server.read(&mut heard)).await;
    assert!(matches!(&end, Ok(0)) || end.unwrap_err().kind() == ErrorKind::BrokenPipe);
}

#[tokio::test]
async fn the_end_of_a_stream_reaches_a_peer_that_has_written_nothing_and_reads_in_pieces() {
    for size in [0, 1, 7, 10_000] {
        let (one, other) = pair();
        for (mut writer, mut reader) in [(&one, &other), (&other, &one)] {
            let said = &pattern()[..size];
            let say = async {
                writer.write_all(said).await.unwrap();
                writer.shutdown().await.unwrap();
            };
            let hear = async {
                let (mut heard, mut piece) = (Vec::new(), [0; 5]);
                loop {
                    match reader.read(&mut piece).await.unwrap() {
                        0 => break heard,
                        count => heard.extend_from_slice(&piece[..count]),
                    }
                }
            };
            let both = async { tokio::join!(say, hear) };
            assert!(within("the end", both).await.1 == said, "{size} bytes");
            assert_eq!(within("the end again", reader.read(&mut [0; 5])).await.unwrap(), 0);
        }
    }
}

#[tokio::test]
async fn an_end_that_lies_before_a_peer_that_has_gone_is_read() {
    let (mut client, mut server) = pair();
    client.write_all(b"last words").await.unwrap();
    client.shutdown().await.unwrap();
    drop(client);
    let mut heard = String::new();
    within("the end", server.read_to_string(&mut heard)).await.unwrap();
    assert_eq!(heard, "last words");
    let error = within("an error", async {
        loop {
            if let Err(error) = server.write(b"x").await {
                break error;
            }
        }
    });
    assert_eq!(error.await.kind(), ErrorKind::BrokenPipe);
    within("shutting down", server.shutdown()).await.unwrap();
}

#[tokio::test]
async fn flushing_waits_until_the_peer_has_made_room() {
    let (mut client, mut server) = pair();
    let block = vec![7; 1 << 20];
    let mut sent = 0;
    while let Ok(taken) = client.try_write(&block) {
        sent += taken;
    }
    assert!(at_once(client.flush()).await.is_none(), "the peer has read nothing");
    assert!(at_once(client.shutdown()).await.is_none(), "the peer has read nothing");
    let read = async { server.read_exact(&mut vec![0; sent]).await.unwrap() };
    let both = async { tokio::join!(client.flush(), read) };
    within("room", both).await.0.unwrap();
    assert!(at_once(client.flush()).await.is_some(), "nothing is on its way");
}

#[tokio::test]
async fn what_was_written_before_a_stream_is_dropped_arrives() {
    let (client, mut server) = pair();
    let block = pattern();
    let mut sent = 0;
    while let Ok(taken) = client.try_write(&block[sent..]) {
        sent += taken;
    }
    drop(client);
    let mut heard = Vec::new();
    within("the end", server.read_to_end(&mut heard)).await.unwrap();
    assert!(heard == block[..sent], "{} of {sent} bytes", heard.len());
}

#[tokio::test]
async fn several_tasks_that_read_one_stream_are_all_woken() {
    let (mut client, server) = pair();
    let server = Arc::new(server);
    for _ in 0..20 {
        let tasks = [(); 3].map(|()| {
            let server = server.clone();
            task::spawn(async move { (&*server).read(&mut [0; 1]).await })
        });
        task::yield_now().await;
        for _ in 0..3 {
            client.write_all(b"x").await.unwrap();
        }
        for task in tasks {
            assert_eq!(within("a byte for each", task).await.unwrap().unwrap(), 1);
        }
    }
}

#[tokio::test]
async fn a_blocking_stream_becomes_one_on_tokio_and_back() {
    let (local_socket::Stream::NamedPipe(client), mut peer) = common::pair();
    let mut client = inner::Stream::try_from(client).unwrap();
    // Also where it was waited for in vain before.
    assert!(at_once(client.read(&mut [0])).await.is_none());
    within("writing", client.write_all(b"tokio")).await.unwrap();
    within("flushing", client.flush()).await.unwrap();
    let heard = common::tokio::on_a_thread(move || {
        let mut client = local_socket::Stream::from(
            local_socket::os::windows::named_pipe::local_socket::Stream::from(client),
        );
        client.set_recv_timeout(Some(PATIENCE)).unwrap();
        let mut heard = [0; 5];
        peer.read_exact(&mut heard).unwrap();
        peer.write_all(b"back").unwrap();
        let mut back = [0; 4];
        client.read_exact(&mut back).unwrap();
        (heard, back)
    });
    assert_eq!(within("both ends", heard).await, (*b"tokio", *b"back"));
}

/// A client of the standard library's, with these flags.
fn open(name: &Name<'_>, flags: u32) -> OwnedHandle {
    let mut options = File::options();
    options.read(true).write(true).custom_flags(flags);
    options.open(path(name)).expect("somebody listens").into()
}

#[tokio::test]
async fn a_handle_becomes_a_stream_and_one_that_can_not_is_handed_back() {
    const FILE_FLAG_OVERLAPPED: u32 = 0x4000_0000;
    let name = fresh_id();
    let listener = listen(&name);
    let mut client = inner::Stream::try_from(open(&name, FILE_FLAG_OVERLAPPED)).unwrap();
    let mut server = accept(&listener).await;
    within("writing", server.write_all(b"over")).await.unwrap();
    let mut heard = [0; 4];
    within("the bytes", client.read_exact(&mut heard)).await.unwrap();
    assert_eq!(&heard, b"over");
    let handle = OwnedHandle::from(client);
    within("writing", server.write_all(b"and out")).await.unwrap();
    let error = inner::Stream::try_from(handle.try_clone().unwrap()).unwrap_err();
    assert!(error.source.is_none(), "it stays bound, and is closed");
    drop((handle, server));

    let waits = open(&name, 0);
    let number = waits.as_raw_handle();
    let error = inner::Stream::try_from(waits).unwrap_err();
    assert_eq!(error.source.map(|handle| handle.as_raw_handle()), Some(number));

    let file = tempfile::tempfile().unwrap();
    let error = inner::Stream::try_from(OwnedHandle::from(file)).unwrap_err();
    assert!(error.source.is_some(), "no pipe at all");
}

#[tokio::test]
async fn halves_lend_the_one_handle() {
    let (client, _server) = inner_pair();
    let handle = client.as_handle().as_raw_handle();
    let (rh, sh) = client.split();
    assert_eq!([rh.as_handle().as_raw_handle(), sh.as_handle().as_raw_handle()], [handle; 2]);
}

/// Wakes a thread.
struct Unpark(Thread);

impl Wake for Unpark {
    fn wake(self: Arc<Self>) {
        self.0.unpark();
    }
}

/// What the future gives, without any runtime.
fn block_on<T>(future: impl Future<Output = T>) -> T {
    let mut future = Box::pin(future);
    let waker = Waker::from(Arc::new(Unpark(thread::current())));
    loop {
        match future.as_mut().poll(&mut Context::from_waker(&waker)) {
            Poll::Ready(result) => return result,
            Poll::Pending => thread::park(),
        }
    }
}

#[test]
fn everything_works_without_a_runtime() {
    common::within("an exchange without a runtime", || {
        let name = fresh_id();
        let listener = listen(&name);
        let options = local_socket::ConnectOptions::new().name(name);
        let client = thread::spawn(move || {
            let mut client = block_on(options.connect_tokio()).unwrap();
            block_on(poll_fn(|cx| Pin::new(&mut client).poll_write(cx, b"asked"))).unwrap();
            block_on(poll_fn(|cx| Pin::new(&mut client).poll_shutdown(cx))).unwrap();
            hear(client)
        });
        let mut server = block_on(listener.accept()).unwrap();
        block_on(server.readable()).unwrap();
        let mut heard = [0; 8];
        assert_eq!(server.try_read(&mut heard).unwrap(), 5);
        block_on(poll_fn(|cx| Pin::new(&mut server).poll_write(cx, b"answered"))).unwrap();
        drop(server);
        assert_eq!(client.join().unwrap(), b"answered");
    });
}

fn hear(mut stream: Stream) -> Vec<u8> {
    let mut heard = Vec::new();
    block_on(stream.read_to_end(&mut heard)).unwrap();
    heard
}

#[tokio::test]
async fn interprocess_on_tokio_reads_the_bytes_before_our_end_and_we_read_its_last() {
    use other::traits::tokio::Stream as _;

    let name = fresh_id();
    let listener = listen(&name);
    let theirs =
        other::ToFsName::to_fs_name::<other::GenericFilePath>(path(&name).into_os_string())
            .unwrap();
    let connecting = other::tokio::Stream::connect(theirs);
    let (client, mut server) = tokio::join!(connecting, accept(&listener));
    let mut client = client.unwrap();
    server.write_all(b"question").await.unwrap();
    server.shutdown().await.unwrap();
    let mut heard = [0; 8];
    within("the question", client.read_exact(&mut heard)).await.unwrap();
    assert_eq!(&heard, b"question");
    client.write_all(b"answer").await.unwrap();
    client.flush().await.unwrap();
    drop(client);
    let mut heard = String::new();
    within("the end", server.read_to_string(&mut heard)).await.unwrap();
    assert_eq!(heard, "answer");
}
