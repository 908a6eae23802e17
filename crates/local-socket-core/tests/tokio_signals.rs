//! Writing on tokio where SIGPIPE would end the process. Alone in its program, since what a signal
//! does is the process's.
#![cfg(all(feature = "tokio", unix))]

mod common;

use common::tokio::{pair, within};
use local_socket::{
    os::unix::uds_local_socket::tokio as uds,
    tokio::{Stream, prelude::*},
};
use std::io::{self, ErrorKind, IoSlice};
use tokio::{
    io::{AsyncWrite, AsyncWriteExt},
    net::UnixStream,
};

fn assert_broken(result: io::Result<usize>) {
    let error = result.expect_err("nobody is there");
    assert_eq!(error.kind(), ErrorKind::BrokenPipe);
    assert_eq!(error.raw_os_error(), Some(libc::EPIPE));
}

async fn writes_are_broken(mut writer: impl AsyncWrite + Unpin) {
    within("writing", async {
        let bufs = [IoSlice::new(b"x"), IoSlice::new(b"y")];
        assert_broken(writer.write(b"x").await);
        assert_broken(writer.write_vectored(&bufs).await);
        writer.shutdown().await.expect("its direction has ended as it was asked to");
    })
    .await;
}

fn lonely() -> Stream {
    pair().0
}

fn lonely_inner() -> uds::Stream {
    UnixStream::pair().expect("a pair of sockets").0.into()
}

#[tokio::test]
async fn a_vanished_peer_is_a_broken_pipe_without_sigpipe() {
    // SAFETY: restores what every process begins with; Rust's have it ignored.
    unsafe { libc::signal(libc::SIGPIPE, libc::SIG_DFL) };
    let bufs = [IoSlice::new(b"x")];

    let mut stream = lonely();
    writes_are_broken(&stream).await;
    writes_are_broken(&mut stream).await;
    assert_broken(stream.try_write(b"x"));
    assert_broken(stream.try_write_vectored(&bufs));
    let (_rh, mut sh) = stream.split();
    writes_are_broken(&sh).await;
    writes_are_broken(&mut sh).await;
    assert_broken(sh.try_write(b"x"));
    assert_broken(sh.try_write_vectored(&bufs));

    let mut stream = lonely_inner();
    writes_are_broken(&stream).await;
    writes_are_broken(&mut stream).await;
    assert_broken(stream.try_write(b"x"));
    let (_rh, mut sh) = stream.split();
    writes_are_broken(&sh).await;
    writes_are_broken(&mut sh).await;
    assert_broken(sh.try_write(b"x"));
}
