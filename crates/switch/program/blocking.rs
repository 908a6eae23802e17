//! A server with a thread for each client, and its clients.

use crate::PATIENCE;
use interprocess::{
    ConnectWaitMode,
    local_socket::{ConnectOptions, ListenerOptions, Name, Stream, prelude::*},
};
use std::{
    io::{self, BufRead, BufReader, Write},
    thread::{self, ScopedJoinHandle},
};

const CLIENTS: usize = 5;

/// Answers one client after the other, until one says goodbye.
pub fn serve(name: Name<'_>) -> io::Result<()> {
    let listener = ListenerOptions::new().name(name).create_sync()?;
    println!("ready");
    for stream in listener.incoming() {
        if answer(&stream?)? {
            break;
        }
    }
    Ok(())
}

/// Answers lines in capitals, until the client is gone or says goodbye. Tells whether it did.
pub fn answer(stream: &Stream) -> io::Result<bool> {
    let mut reader = BufReader::new(stream);
    let mut writer = stream;
    let mut line = String::new();
    while reader.read_line(&mut line)? > 0 {
        writer.write_all(line.to_uppercase().as_bytes())?;
        if line == "bye\n" {
            return Ok(true);
        }
        line.clear();
    }
    Ok(false)
}

/// Has the stream wait no longer than that. Interprocess can't do it on Windows.
pub fn be_patient(stream: &Stream) -> io::Result<()> {
    if cfg!(unix) {
        stream.set_recv_timeout(Some(PATIENCE))?;
        stream.set_send_timeout(Some(PATIENCE))?;
    }
    Ok(())
}

/// Sends lines and gives the answers.
pub fn ask(name: Name<'_>, lines: &[impl AsRef<str>]) -> io::Result<Vec<String>> {
    let stream = ConnectOptions::new()
        .name(name)
        .wait_mode(ConnectWaitMode::Timeout(PATIENCE))
        .connect_sync()?;
    be_patient(&stream)?;
    let mut stream = BufReader::new(stream);
    let mut answers = Vec::new();
    for line in lines {
        stream.get_mut().write_all(format!("{}\n", line.as_ref()).as_bytes())?;
        let mut answer = String::new();
        stream.read_line(&mut answer)?;
        answers.push(answer.trim_end().to_owned());
    }
    Ok(answers)
}

/// Several clients at once, each with a thread of the server's.
pub fn threads(name: &Name<'_>) -> io::Result<()> {
    let listener = ListenerOptions::new().name(name.borrow()).create_sync()?;
    thread::scope(|scope| {
        let server = scope.spawn(|| -> io::Result<usize> {
            let mut conversations = Vec::new();
            for stream in listener.incoming().take(CLIENTS) {
                let stream = stream?;
                conversations.push(scope.spawn(move || answer(&stream)));
            }
            conversations.into_iter().map(join).map(|goodbye| goodbye.map(usize::from)).sum()
        });
        let clients: Vec<_> = (0..CLIENTS)
            .map(|number| {
                let lines = [format!("I am client {number}"), "bye".to_owned()];
                scope.spawn(move || ask(name.borrow(), &lines))
            })
            .collect();
        for client in clients {
            println!("{}", join(client)?.join(", "));
        }
        println!("goodbyes: {}", join(server)?);
        Ok(())
    })
}

/// What the thread has to say.
pub fn join<T>(thread: ScopedJoinHandle<'_, io::Result<T>>) -> io::Result<T> {
    thread.join().unwrap_or_else(|_| Err(io::Error::other("a thread panicked")))
}
