//! Many bytes over pipes on tokio, and those that are written last.
#![cfg(all(feature = "tokio", windows))]

mod common;

use common::{
    fresh_id,
    tokio::{accept, connect, listen, pair, within},
};
use local_socket::{GenericFilePath, ToFsName, traits::tokio::Stream as _};
use std::{
    env,
    process::{self, Command},
};
use tokio::{
    io::{AsyncRead, AsyncReadExt, AsyncWrite, AsyncWriteExt},
    runtime::Builder,
};

/// Ten MiB and a few bytes, so that no buffer divides them.
const LENGTH: usize = (10 << 20) + 7;

/// Bytes whose pieces come again where no buffer ends.
fn pattern(seed: usize) -> Vec<u8> {
    let piece: Vec<_> = (0..65_521).map(|n| (((n + seed) * 31) >> 3) as u8).collect();
    let mut bytes = piece.repeat(LENGTH / piece.len() + 1);
    bytes.truncate(LENGTH);
    bytes
}

async fn say(mut writer: impl AsyncWrite + Unpin, bytes: Vec<u8>) {
    writer.write_all(&bytes).await.unwrap();
    writer.shutdown().await.unwrap();
}

async fn hear(mut reader: impl AsyncRead + Unpin) -> Vec<u8> {
    let mut heard = Vec::new();
    reader.read_to_end(&mut heard).await.unwrap();
    heard
}

fn assert_same(heard: &[u8], said: &[u8]) {
    assert_eq!(heard.len(), said.len());
    assert!(heard == said, "other bytes");
}

#[tokio::test]
async fn ten_mib_each_way_at_once_are_intact_on_one_thread() {
    let (one, other) = pair();
    let all = async {
        tokio::join!(say(&one, pattern(1)), say(&other, pattern(2)), hear(&one), hear(&other))
    };
    let (_, _, back, there) = within("both directions", all).await;
    assert_same(&there, &pattern(1));
    assert_same(&back, &pattern(2));
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn ten_mib_each_way_at_once_are_intact_in_four_tasks() {
    let (one, other) = pair();
    let ((one_rh, one_sh), (other_rh, other_sh)) = (one.split(), other.split());
    let tasks = async {
        tokio::try_join!(
            tokio::spawn(say(one_sh, pattern(1))),
            tokio::spawn(say(other_sh, pattern(2))),
            tokio::spawn(hear(one_rh)),
            tokio::spawn(hear(other_rh)),
        )
    };
    let (_, _, back, there) = within("both directions", tasks).await.unwrap();
    assert_same(&there, &pattern(1));
    assert_same(&back, &pattern(2));
}

/// Where the process that says its last words finds who hears them.
const PATH: &str = "LOCAL_SOCKET_TEST_PIPE";

#[test]
#[ignore = "the part of a process that the test below starts"]
fn last_words() {
    let Ok(path) = env::var(PATH) else { return };
    let runtime = Builder::new_current_thread().enable_all().build().unwrap();
    runtime.block_on(async {
        let mut client = connect(&path.to_fs_name::<GenericFilePath>().unwrap()).await;
        client.write_all(&pattern(3)).await.unwrap();
        client.flush().await.unwrap();
    });
    process::exit(0);
}

#[tokio::test]
async fn what_was_flushed_before_the_process_exits_arrives() {
    let name = fresh_id();
    let listener = listen(&name);
    let mut command = Command::new(env::current_exe().unwrap());
    command.args(["--ignored", "--exact", "last_words", "--test-threads=1"]);
    let mut process = command.env(PATH, name.to_string()).spawn().unwrap();
    let server = accept(&listener).await;
    let heard = within("the last words", hear(server)).await;
    assert_same(&heard, &pattern(3));
    assert!(process.wait().unwrap().success());
}
