//! The other end is `interprocess`, on tokio or on threads, and can't tell, in either role, by path
//! and by namespace.
#![cfg(feature = "tokio")]

mod common;

use common::{
    fresh_id, fresh_path_text,
    tokio::{accept, connect, inner, listen, on_a_thread, within},
};
use interprocess::local_socket::{
    self as other,
    traits::{Listener as _, tokio::Listener as _, tokio::Stream as _},
};
use local_socket::{
    ConnectOptions, GenericFilePath, GenericNamespaced, ListenerOptions, Name, ToFsName, ToNsName,
    bound_util::{RefTokioAsyncRead, RefTokioAsyncWrite},
    traits::tokio::{self as traits, Listener as _},
};
use std::{
    io::{self, Read, Write},
    path::Path,
};
use tokio::io::{AsyncRead, AsyncReadExt, AsyncWrite, AsyncWriteExt};

/// More than fits into the sockets, so that both ends have to wait for each other.
const LENGTH: usize = 2_000_000;

/// A name in both crates' types.
struct Both {
    ours: Name<'static>,
    theirs: other::Name<'static>,
}

/// And what the path goes with.
fn both_kinds() -> (impl Sized, [Both; 2]) {
    let (folder, path) = fresh_path_text();
    let id = format!("local-socket-interop-{path}").replace(['/', '\\'], "-");
    let by_path = Both {
        ours: path.clone().to_fs_name::<GenericFilePath>().unwrap(),
        theirs: other::ToFsName::to_fs_name::<other::GenericFilePath>(path).unwrap(),
    };
    let by_id = Both {
        ours: id.clone().to_ns_name::<GenericNamespaced>().unwrap(),
        theirs: other::ToNsName::to_ns_name::<other::GenericNamespaced>(id).unwrap(),
    };
    (folder, [by_path, by_id])
}

fn question() -> Vec<u8> {
    (0..LENGTH).map(|n| ((n * 31) >> 3) as u8).collect()
}

/// Says the question while the answer comes in, and hears the same.
async fn ask(stream: impl AsyncRead + AsyncWrite) {
    let (mut reader, mut writer) = tokio::io::split(stream);
    let (question, mut answer) = (question(), vec![0; LENGTH]);
    let both = async { tokio::join!(writer.write_all(&question), reader.read_exact(&mut answer)) };
    let (said, heard) = within("the answer", both).await;
    said.unwrap();
    heard.unwrap();
    assert!(answer == question, "the answer is another");
}

/// Says what it hears, as long as the question is.
async fn echo(stream: impl AsyncRead + AsyncWrite) {
    let (reader, mut writer) = tokio::io::split(stream);
    let mut reader = reader.take(LENGTH as u64);
    let copied = within("the question", tokio::io::copy(&mut reader, &mut writer)).await;
    assert_eq!(copied.unwrap(), LENGTH as u64);
}

fn ask_blocking<S>(stream: S)
where
    for<'a> &'a S: Read + Write,
    S: Sync,
{
    let question = question();
    let mut answer = vec![0; LENGTH];
    std::thread::scope(|scope| {
        scope.spawn(|| (&stream).write_all(&question).unwrap());
        (&stream).read_exact(&mut answer).unwrap();
    });
    assert!(answer == question, "the answer is another");
}

fn echo_blocking<S>(stream: &S)
where
    for<'a> &'a S: Read + Write,
{
    let (mut reader, mut writer) = (stream.take(LENGTH as u64), stream);
    assert_eq!(io::copy(&mut reader, &mut writer).unwrap(), LENGTH as u64);
}

#[tokio::test]
async fn our_client_talks_to_an_interprocess_server_on_tokio() {
    let (_folder, kinds) = both_kinds();
    for name in kinds {
        let listener = other::ListenerOptions::new().name(name.theirs).create_tokio().unwrap();
        let server = async { echo(within("our client", listener.accept()).await.unwrap()).await };
        let client = async { ask(connect(&name.ours).await).await };
        tokio::join!(server, client);
    }
}

#[tokio::test]
async fn our_client_talks_to_an_interprocess_server_on_threads() {
    let (_folder, kinds) = both_kinds();
    for name in kinds {
        let listener = other::ListenerOptions::new().name(name.theirs).create_sync().unwrap();
        let server = on_a_thread(move || echo_blocking(&listener.accept().unwrap()));
        let client = async { ask(connect(&name.ours).await).await };
        within("both ends", async { tokio::join!(server, client) }).await;
    }
}

#[tokio::test]
async fn an_interprocess_client_on_tokio_talks_to_our_server() {
    let (_folder, kinds) = both_kinds();
    for name in kinds {
        let listener = listen(&name.ours);
        let server = async { echo(accept(&listener).await).await };
        let client = async {
            let client = other::tokio::Stream::connect(name.theirs);
            ask(within("our server", client).await.unwrap()).await;
        };
        tokio::join!(server, client);
    }
}

#[tokio::test]
async fn an_interprocess_client_on_threads_talks_to_our_server() {
    let (_folder, kinds) = both_kinds();
    for name in kinds {
        let listener = listen(&name.ours);
        let server = async { echo(accept(&listener).await).await };
        let client = on_a_thread(move || {
            let client: other::Stream = other::traits::Stream::connect(name.theirs).unwrap();
            ask_blocking(client);
        });
        within("both ends", async { tokio::join!(server, client) }).await;
    }
}

#[tokio::test]
async fn an_interprocess_listener_and_ours_do_not_get_the_same_name() {
    let (_folder, kinds) = both_kinds();
    for name in kinds {
        let theirs = || other::ListenerOptions::new().name(name.theirs.borrow()).create_tokio();
        let ours = || ListenerOptions::new().name(name.ours.borrow()).create_tokio();
        let held = theirs().unwrap();
        assert_eq!(ours().unwrap_err().kind(), io::ErrorKind::AddrInUse);
        drop(held);
        // On Windows its error is another, and Wine lets it have the name.
        if cfg!(unix) {
            let held = ours().unwrap();
            assert_eq!(theirs().unwrap_err().kind(), io::ErrorKind::AddrInUse);
            drop(held);
        }
        theirs().unwrap();
    }
}

/// Says a byte by a reference and hears the same.
async fn exchange(reader: &impl RefTokioAsyncRead, writer: &impl RefTokioAsyncWrite, byte: u8) {
    let mut reader = Box::pin(reader.as_tokio_async_read());
    let mut writer = Box::pin(writer.as_tokio_async_write());
    let both = async { tokio::join!(writer.write_u8(byte), reader.read_u8()) };
    let (said, heard) = within("a byte each way", both).await;
    said.unwrap();
    assert_eq!(heard.unwrap(), byte);
}

/// Written against the traits alone, as programs for `interprocess` may be.
async fn meet<L: traits::Listener>(name: Name<'static>) -> (L::Stream, L::Stream) {
    let options = ListenerOptions::new().name(name.borrow());
    let mut listener: L = options.create_tokio_as().unwrap();
    let options = ConnectOptions::new().name(name);
    let connecting = options.connect_tokio_as::<L::Stream>();
    let both = async { tokio::try_join!(connecting, listener.accept()) };
    let ends = within("a connection", both).await.unwrap();
    listener.do_not_reclaim_name_on_drop();
    ends
}

#[tokio::test]
async fn code_that_is_generic_over_the_tokio_traits_works() {
    let ((_folder, enum_path), (_other_folder, inner_path)) =
        (fresh_path_text(), fresh_path_text());
    let name = |path: &str| path.to_owned().to_fs_name::<GenericFilePath>().unwrap();
    let (client, server) = meet::<local_socket::tokio::Listener>(name(&enum_path)).await;
    tokio::join!(exchange(&client, &client, 1), exchange(&server, &server, 1));
    let (client, server) = meet::<inner::Listener>(name(&inner_path)).await;
    tokio::join!(exchange(&client, &client, 2), exchange(&server, &server, 2));

    let (rh, sh) = traits::Stream::split(client);
    tokio::join!(exchange(&rh, &sh, 3), exchange(&server, &server, 3));
    let client = <inner::Stream as traits::Stream>::reunite(rh, sh).expect("halves of one stream");
    tokio::join!(exchange(&client, &client, 4), exchange(&server, &server, 4));
    // A pipe's name is gone with its last end.
    if cfg!(unix) {
        assert!([enum_path, inner_path].iter().all(|path| Path::new(path).exists()));
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn accepting_and_connecting_can_be_spawned_and_shared() {
    fn shared<T: Send + Sync>(future: T) -> T {
        future
    }
    let name = fresh_id();
    let listener = listen(&name);
    let client = tokio::spawn(async move {
        let options = ConnectOptions::new().name(name);
        shared(options.connect_tokio()).await
    });
    let server = tokio::spawn(async move { shared(listener.accept()).await });
    let both = async { tokio::try_join!(client, server) };
    let (client, server) = within("a connection", both).await.unwrap();
    client.unwrap();
    server.unwrap();
}
