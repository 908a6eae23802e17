//! Descriptors that come with bytes, on streams of tokio that don't refuse them. How they are kept
//! away is tested beside the code.
#![cfg(all(feature = "tokio", unix))]

mod common;

use common::tokio::within;
use local_socket::{os::unix::uds_local_socket::tokio as uds, tokio::prelude::*};
use rustix::net::{
    RecvAncillaryBuffer, RecvAncillaryMessage, RecvFlags, SendAncillaryBuffer,
    SendAncillaryMessage, SendFlags, recvmsg, sendmsg,
};
use std::{
    io::{IoSlice, IoSliceMut, Write},
    mem::MaybeUninit,
    os::{fd::AsFd, unix::net::UnixStream},
};
use tokio::io::{AsyncRead, AsyncReadExt};

fn pair() -> (UnixStream, uds::Stream) {
    let (sender, receiver) = UnixStream::pair().unwrap();
    (sender, uds::Stream::try_from(std::os::fd::OwnedFd::from(receiver)).unwrap())
}

/// Passes a descriptor along with the bytes.
fn pass(sender: &UnixStream, bytes: &[u8]) {
    let descriptors = [sender.as_fd()];
    let mut space = [MaybeUninit::uninit(); rustix::cmsg_space!(ScmRights(1))];
    let mut control = SendAncillaryBuffer::new(&mut space);
    assert!(control.push(SendAncillaryMessage::ScmRights(&descriptors)));
    sendmsg(sender, &[IoSlice::new(bytes)], &mut control, SendFlags::empty()).unwrap();
}

/// The kernel ends a read behind what descriptors came with: each of these is read by itself.
async fn both_are_read(sender: &mut UnixStream, mut reader: impl AsyncRead + Unpin) {
    pass(sender, b"one");
    sender.write_all(b"more").unwrap();
    let mut heard = [0; 7];
    within("the bytes behind", reader.read_exact(&mut heard)).await.unwrap();
    assert_eq!(&heard, b"onemore");
}

#[tokio::test]
async fn bytes_behind_those_with_descriptors_are_read_although_nothing_more_arrives() {
    let (mut sender, mut receiver) = pair();
    both_are_read(&mut sender, &mut receiver).await;
    both_are_read(&mut sender, &receiver).await;
    let (mut rh, _sh) = receiver.split();
    both_are_read(&mut sender, &mut rh).await;
    both_are_read(&mut sender, &rh).await;
}

#[tokio::test]
async fn by_default_descriptors_can_be_received_as_on_any_socket() {
    let (sender, receiver) = pair();
    assert!(!receiver.sheds_descriptors());
    pass(&sender, b"x");
    within("the byte", receiver.readable()).await.unwrap();
    let mut byte = [0];
    let mut space = [MaybeUninit::uninit(); rustix::cmsg_space!(ScmRights(1))];
    let mut control = RecvAncillaryBuffer::new(&mut space);
    let bufs = &mut [IoSliceMut::new(&mut byte)];
    recvmsg(receiver.as_fd(), bufs, &mut control, RecvFlags::empty()).unwrap();
    let received = control.drain().map(|message| match message {
        RecvAncillaryMessage::ScmRights(descriptors) => descriptors.count(),
        _ => 0,
    });
    assert_eq!(received.sum::<usize>(), 1);
}
