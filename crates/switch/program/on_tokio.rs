//! The same with tasks instead of threads.
#![allow(deprecated, reason = "interprocess would rather have nobody split streams")]

use crate::PATIENCE;
use interprocess::{
    ConnectWaitMode,
    local_socket::{
        ConnectOptions, ListenerOptions, Name,
        tokio::{Stream, prelude::*},
    },
};
use std::io;
use tokio::{
    io::{AsyncBufReadExt, AsyncReadExt, AsyncWriteExt, BufReader},
    runtime::Builder,
    time::timeout,
    try_join,
};

/// Runs it to its end on this thread.
pub fn run<T>(future: impl Future<Output = io::Result<T>>) -> io::Result<T> {
    Builder::new_current_thread().enable_all().build()?.block_on(future)
}

pub async fn soon<T>(future: impl Future<Output = io::Result<T>>) -> io::Result<T> {
    timeout(PATIENCE, future).await?
}

/// Answers one client after the other, until one says goodbye.
pub async fn serve(name: Name<'_>) -> io::Result<()> {
    let listener = ListenerOptions::new().name(name).create_tokio()?;
    println!("ready");
    while !answer(&listener.accept().await?).await? {}
    Ok(())
}

/// Answers lines in capitals, until the client is gone or says goodbye. Tells whether it did.
async fn answer(stream: &Stream) -> io::Result<bool> {
    let mut reader = BufReader::new(stream);
    let mut writer = stream;
    let mut line = String::new();
    while reader.read_line(&mut line).await? > 0 {
        writer.write_all(line.to_uppercase().as_bytes()).await?;
        if line == "bye\n" {
            return Ok(true);
        }
        line.clear();
    }
    Ok(false)
}

/// Sends lines and gives the answers.
pub async fn ask(name: Name<'_>, lines: &[impl AsRef<str>]) -> io::Result<Vec<String>> {
    let options = ConnectOptions::new().name(name).wait_mode(ConnectWaitMode::Timeout(PATIENCE));
    let mut stream = BufReader::new(options.connect_tokio().await?);
    let mut answers = Vec::new();
    for line in lines {
        stream.write_all(format!("{}\n", line.as_ref()).as_bytes()).await?;
        let mut answer = String::new();
        soon(stream.read_line(&mut answer)).await?;
        answers.push(answer.trim_end().to_owned());
    }
    Ok(answers)
}

/// The two ends of a stream, client first.
async fn pair(name: &Name<'_>) -> io::Result<(Stream, Stream)> {
    let listener = ListenerOptions::new().name(name.borrow()).create_tokio()?;
    soon(async { try_join!(Stream::connect(name.borrow()), listener.accept()) }).await
}

/// A server and two clients, all on this thread.
pub async fn tasks(name: &Name<'_>) -> io::Result<()> {
    let listener = ListenerOptions::new().name(name.borrow()).create_tokio()?;
    let server = async {
        let first = answer(&listener.accept().await?).await?;
        let second = answer(&listener.accept().await?).await?;
        io::Result::Ok((first, second))
    };
    let one = ask(name.borrow(), &["one"]);
    let two = ask(name.borrow(), &["two", "bye"]);
    let (goodbyes, one, two) = soon(async { try_join!(server, one, two) }).await?;
    println!("on tokio: {} / {} / {goodbyes:?}", one.join(", "), two.join(", "));
    Ok(())
}

/// A half that is dropped ends its direction. Interprocess has no such ends on Windows.
#[cfg(unix)]
pub async fn ending(name: &Name<'_>) -> io::Result<()> {
    let (client, server) = pair(name).await?;
    let (mut reader, mut writer) = client.split();
    let asking = async {
        writer.write_all(b"is this the end?").await?;
        // On tokio this ends the direction.
        drop(writer);
        let mut heard = String::new();
        reader.read_to_string(&mut heard).await?;
        io::Result::Ok(heard)
    };
    let answering = async {
        let (mut reader, mut writer) = (&server, &server);
        let mut heard = String::new();
        reader.read_to_string(&mut heard).await?;
        writer.write_all(heard.replace("is this", "this is").as_bytes()).await?;
        drop(server);
        io::Result::Ok(())
    };
    let (heard, ()) = soon(async { try_join!(asking, answering) }).await?;
    println!("{heard}");
    Ok(())
}

pub async fn halves(name: &Name<'_>) -> io::Result<()> {
    let (client, mut server) = pair(name).await?;
    let (reader, writer) = client.split();
    let mut client = Stream::reunite(reader, writer).map_err(io::Error::other)?;
    client.write_all(b"whole again").await?;
    client.flush().await?;
    let mut heard = [0; 11];
    soon(server.read_exact(&mut heard)).await?;
    println!("{}", String::from_utf8_lossy(&heard));
    Ok(())
}
