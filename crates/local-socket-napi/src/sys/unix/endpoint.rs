//! What there is to know of an endpoint that is a socket.

use {
    crate::endpoint::{Connected, Endpoint},
    local_socket::{Listener, Stream},
    std::{
        cell::Cell,
        os::fd::{AsFd, BorrowedFd},
    },
};

/// What has been done with a stream.
#[derive(Default)]
pub struct Traits {
    /// It has its larger send buffer, or can't get it.
    pub grown: Cell<bool>,
    /// The number of an error that the next write is to tell.
    pub late: Cell<Option<i32>>,
    /// Its descriptor was shown, so that there may be duplicates of it.
    pub shown: Cell<bool>,
}

impl Endpoint {
    /// Whether a read can end before what is there does.
    pub fn may_read_short(&self) -> bool {
        match self {
            Self::Stream(Connected { stream: Stream::UdSocket(stream), .. }) => {
                stream.sheds_descriptors()
            }
            Self::Listener(_) => false,
        }
    }

    /// Whether closing it ends watching it, too, since there is no other descriptor of it.
    pub fn is_alone(&self) -> bool {
        matches!(self, Self::Stream(connected) if !connected.traits.shown.get())
    }
}

impl AsFd for Endpoint {
    fn as_fd(&self) -> BorrowedFd<'_> {
        match self {
            Self::Stream(Connected { stream: Stream::UdSocket(stream), .. }) => stream.as_fd(),
            Self::Listener(accepting) => {
                let Listener::UdSocket(listener) = &accepting.listener;
                listener.as_fd()
            }
        }
    }
}
