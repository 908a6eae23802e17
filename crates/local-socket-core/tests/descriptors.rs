//! Descriptors that nobody asked for, through the options. The two ways in which they are kept
//! away are tested one by one beside the code.
#![cfg(unix)]

mod common;

use common::fresh_id;
use local_socket::{
    ConnectOptions, ListenerOptions, Name, Stream,
    os::unix::{ConnectOptionsExt, ListenerOptionsExt},
    prelude::*,
};
use rustix::net::{
    RecvAncillaryBuffer, RecvAncillaryMessage, RecvFlags, SendAncillaryBuffer,
    SendAncillaryMessage, SendFlags, recvmsg, sendmsg,
};
use std::{
    io::{IoSlice, IoSliceMut, Read},
    mem::MaybeUninit,
    os::{fd::AsFd, unix::net::UnixStream},
};

fn pair(receive: bool) -> (Stream, Stream) {
    let name: Name<'_> = fresh_id();
    let listener = ListenerOptions::new()
        .name(name.borrow())
        .receive_descriptors(receive)
        .create_sync()
        .unwrap();
    let client = ConnectOptions::new().name(name).receive_descriptors(receive);
    (client.connect_sync().unwrap(), listener.accept().unwrap())
}

/// Passes a descriptor along with a byte; gives what shows its end once every copy is closed.
fn pass(Stream::UdSocket(stream): &Stream) -> rustix::io::Result<UnixStream> {
    let (passed, witness) = UnixStream::pair().unwrap();
    witness.set_read_timeout(Some(common::PATIENCE)).unwrap();
    let descriptors = [passed.as_fd()];
    let mut space = [MaybeUninit::uninit(); rustix::cmsg_space!(ScmRights(1))];
    let mut control = SendAncillaryBuffer::new(&mut space);
    control.push(SendAncillaryMessage::ScmRights(&descriptors));
    sendmsg(stream, &[IoSlice::new(b"x")], &mut control, SendFlags::empty())?;
    Ok(witness)
}

#[test]
fn refused_descriptors_never_stay_open_in_either_direction() {
    let (client, server) = pair(false);
    for (from, to) in [(&client, &server), (&server, &client)] {
        match pass(from) {
            Err(error) => {
                assert_eq!(error, rustix::io::Errno::PERM);
                assert_eq!(from.try_write(b"x").unwrap(), 1);
                assert_eq!(to.try_read(&mut [0; 8]).unwrap(), 1);
            }
            Ok(mut witness) => {
                assert_eq!(to.try_read(&mut [0; 8]).unwrap(), 1);
                assert_eq!(witness.read(&mut [0]).expect("waited for the end"), 0);
            }
        }
    }
}

#[test]
fn by_default_descriptors_can_be_received_as_on_any_socket() {
    let (client, server) = pair(true);
    let witness = pass(&client).unwrap();
    let Stream::UdSocket(server) = &server;
    let mut byte = [0];
    let mut space = [MaybeUninit::uninit(); rustix::cmsg_space!(ScmRights(1))];
    let mut control = RecvAncillaryBuffer::new(&mut space);
    recvmsg(server, &mut [IoSliceMut::new(&mut byte)], &mut control, RecvFlags::empty()).unwrap();
    let received: usize = control
        .drain()
        .map(|message| match message {
            RecvAncillaryMessage::ScmRights(descriptors) => descriptors.count(),
            _ => 0,
        })
        .sum();
    assert_eq!(received, 1);
    drop(witness);
}
