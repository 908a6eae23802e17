//! The two roles, on Unix: a descriptor is what can be handed over.

use local_socket::{
    GenericFilePath, GenericNamespaced, Listener, ListenerOptions, Name, Stream,
    os::unix::uds_local_socket, prelude::*,
};
use rustix::{
    cmsg_space,
    io::retry_on_intr,
    net::{
        RecvAncillaryBuffer, RecvAncillaryMessage, RecvFlags, SendAncillaryBuffer,
        SendAncillaryMessage, SendFlags, recvmsg, sendmsg,
    },
};
use std::{
    env,
    io::{self, Error, ErrorKind, IoSlice, IoSliceMut, Write},
    mem::MaybeUninit,
    os::fd::{AsFd, BorrowedFd, OwnedFd},
    process::{self, ExitCode},
    thread,
};

const USAGE: &str = "usage: hand_over front|worker NAME";

/// No program that is started from here inherits a client. macOS can't say so while receiving.
#[cfg(not(target_vendor = "apple"))]
const RECEIVING: RecvFlags = RecvFlags::CMSG_CLOEXEC;
#[cfg(target_vendor = "apple")]
const RECEIVING: RecvFlags = RecvFlags::empty();

pub fn main() -> ExitCode {
    let arguments: Vec<_> = env::args().skip(1).collect();
    let arguments: Vec<_> = arguments.iter().map(String::as_str).collect();
    let result = match arguments[..] {
        ["front", name] => front(name),
        ["worker", name] => worker(name),
        _ => Err(Error::new(ErrorKind::InvalidInput, USAGE)),
    };
    match result {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("hand_over: {error}");
            ExitCode::FAILURE
        }
    }
}

fn front(name: &str) -> io::Result<()> {
    let worker = accept_worker(&listen(&format!("{name}.worker"))?)?;
    let listener = listen(name)?;
    for stream in listener.incoming() {
        // The inner type has a descriptor; the enum hasn't, since not every system has them. What
        // this process has of the stream is closed here, which shuts nothing down.
        let Stream::UdSocket(stream) = stream?;
        give(&worker, stream.as_fd())?;
    }
    Ok(())
}

fn listen(name: &str) -> io::Result<Listener> {
    let name = to_name(name)?;
    let listener = ListenerOptions::new().name(name.borrow()).create_sync()?;
    println!("listening on {name}");
    Ok(listener)
}

/// Anybody can connect to a name without a file, and clients are given to nobody but ourselves.
fn accept_worker(listener: &Listener) -> io::Result<uds_local_socket::Stream> {
    let this_user = rustix::process::geteuid().as_raw();
    loop {
        let stream = listener.accept()?;
        if stream.peer_creds()?.euid() == Some(this_user) {
            let Stream::UdSocket(stream) = stream;
            return Ok(stream);
        }
    }
}

fn worker(name: &str) -> io::Result<()> {
    let Stream::UdSocket(front) = Stream::connect(to_name(&format!("{name}.worker"))?)?;
    // At the end of the scope, clients that are still there are served to their end.
    thread::scope(|scope| {
        while let Some(descriptor) = take(&front)? {
            let stream = Stream::from(uds_local_socket::Stream::from(descriptor));
            scope.spawn(move || {
                if let Err(error) = serve(&stream) {
                    eprintln!("hand_over: a client: {error}");
                }
            });
        }
        Ok(())
    })
}

fn serve(mut stream: &Stream) -> io::Result<()> {
    writeln!(stream, "served by {}", process::id())?;
    io::copy(&mut &*stream, &mut stream)?;
    Ok(())
}

/// Sends one descriptor. It travels with a byte, since it can't travel alone.
fn give(worker: impl AsFd, descriptor: BorrowedFd<'_>) -> io::Result<()> {
    let descriptors = [descriptor];
    let mut space = [MaybeUninit::uninit(); cmsg_space!(ScmRights(1))];
    let mut ancillary = SendAncillaryBuffer::new(&mut space);
    if !ancillary.push(SendAncillaryMessage::ScmRights(&descriptors)) {
        return Err(Error::other("there is no room for a descriptor"));
    }
    let byte = [IoSlice::new(b"x")];
    retry_on_intr(|| sendmsg(&worker, &byte, &mut ancillary, SendFlags::empty()))?;
    Ok(())
}

/// Receives one descriptor; `None` when there will be no more.
fn take(front: impl AsFd) -> io::Result<Option<OwnedFd>> {
    let mut space = [MaybeUninit::uninit(); cmsg_space!(ScmRights(1))];
    let mut ancillary = RecvAncillaryBuffer::new(&mut space);
    let mut byte = [0];
    // One byte at a time, so that no two descriptors arrive at once.
    let mut bytes = [IoSliceMut::new(&mut byte)];
    let message = retry_on_intr(|| recvmsg(&front, &mut bytes, &mut ancillary, RECEIVING))?;
    if message.bytes == 0 {
        return Ok(None);
    }
    let descriptor = ancillary.drain().find_map(|message| match message {
        RecvAncillaryMessage::ScmRights(mut descriptors) => descriptors.next(),
        _ => None,
    });
    match descriptor {
        Some(descriptor) => Ok(Some(descriptor)),
        // None left in this process, for example.
        None => Err(Error::other("a client's descriptor didn't arrive")),
    }
}

/// With a slash it is a path, otherwise an id in whatever the system has for names without files.
fn to_name(text: &str) -> io::Result<Name<'_>> {
    match text.contains('/') {
        true => text.to_fs_name::<GenericFilePath>(),
        false => text.to_ns_name::<GenericNamespaced>(),
    }
}
