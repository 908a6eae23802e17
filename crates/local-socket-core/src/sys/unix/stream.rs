//! Streams.

mod bytes;
mod conversions;
mod peer;

use super::{
    admission::{self, Admitted},
    connect, creds,
    guarded::Guarded,
    halves::{RecvHalf, SendHalf},
    io::{self as sys_io, Wait},
};
use crate::{
    creds::PeerCreds,
    options::ConnectOptions,
    sealed::Sealed,
    traits::{self, ReuniteResult},
    try_clone::TryClone,
};
use std::{
    io::{self, IoSlice, IoSliceMut},
    net::Shutdown,
    os::{
        fd::{AsFd, OwnedFd},
        unix::net::UnixStream,
    },
    sync::Arc,
    time::Duration,
};

/// A stream over a Unix domain socket: what [`local_socket::Stream`](crate::Stream) holds.
///
/// Made from a [`UnixStream`] or a descriptor, it takes the mode that the socket has, and receives
/// descriptors as any socket does.
#[derive(Debug)]
pub struct Stream {
    socket: Guarded<UnixStream>,
}

impl Stream {
    /// A stream that is read with care if it is a suspect.
    pub(super) fn new(socket: UnixStream, suspect: bool) -> Self {
        Self { socket: Guarded::new(socket, suspect) }
    }

    /// A stream that counts as a connection of the listener that has let it in.
    pub(super) fn accepted(socket: OwnedFd, suspect: bool, ticket: Admitted) -> Self {
        Self { socket: Guarded::new(UnixStream::from(socket), suspect).with_ticket(ticket) }
    }

    /// The standard library's stream within.
    ///
    /// Reading from that one doesn't keep away descriptors that nobody asked for where the kernel
    /// can't refuse them.
    #[must_use]
    pub fn inner(&self) -> &UnixStream {
        &self.socket
    }

    /// The standard library's stream within, mutably. See [`inner`](Self::inner).
    pub fn inner_mut(&mut self) -> &mut UnixStream {
        &mut self.socket
    }

    /// Reads what is there, up to the size of `buf`, and never waits, whatever the mode.
    ///
    /// `Ok(0)` is the end, if `buf` isn't empty. A signal doesn't interrupt it.
    ///
    /// # Errors
    /// [`WouldBlock`](io::ErrorKind::WouldBlock) if there is nothing yet;
    /// [`ConnectionReset`](io::ErrorKind::ConnectionReset) if the peer closed with our bytes
    /// unread.
    pub fn try_read(&self, buf: &mut [u8]) -> io::Result<usize> {
        sys_io::recv(self.as_fd(), self.socket.is_suspect(), buf, Wait::Never)
    }

    /// As [`try_read`](Self::try_read), into several buffers, one after the other, with one system
    /// call. Of more than 1024 buffers, the first 1024 are filled.
    ///
    /// # Errors
    /// As for [`try_read`](Self::try_read).
    pub fn try_read_vectored(&self, bufs: &mut [IoSliceMut<'_>]) -> io::Result<usize> {
        sys_io::recv_vectored(self.as_fd(), self.socket.is_suspect(), bufs, Wait::Never)
    }

    /// Writes as much as there is room for and never waits, whatever the mode. Gives the number
    /// of bytes taken. SIGPIPE is not raised, and a signal doesn't interrupt it.
    ///
    /// # Errors
    /// [`WouldBlock`](io::ErrorKind::WouldBlock) if there is no room;
    /// [`BrokenPipe`](io::ErrorKind::BrokenPipe) if nobody will read it.
    pub fn try_write(&self, buf: &[u8]) -> io::Result<usize> {
        sys_io::send(self.as_fd(), buf, Wait::Never)
    }

    /// As [`try_write`](Self::try_write), from several buffers with one system call. Of more than
    /// 1024 buffers, the first 1024 are looked at.
    ///
    /// # Errors
    /// As for [`try_write`](Self::try_write).
    pub fn try_write_vectored(&self, bufs: &[IoSlice<'_>]) -> io::Result<usize> {
        sys_io::send_vectored(self.as_fd(), bufs, Wait::Never)
    }

    /// Says that nothing more will be written: the peer reads to its end and can still answer.
    ///
    /// # Errors
    /// [`NotConnected`](io::ErrorKind::NotConnected) if the socket isn't, and on macOS also when
    /// the peer has closed already.
    pub fn shutdown_write(&self) -> io::Result<()> {
        self.shutdown(Shutdown::Write)
    }

    /// Ends one direction or both; see shutdown(2). May be called again. It holds for every clone
    /// and half of the stream, and in every process that has it.
    ///
    /// Of reading: on Linux what has arrived can still be read, then comes the end, and the peer's
    /// writes fail with [`BrokenPipe`](io::ErrorKind::BrokenPipe). macOS and the BSDs throw away
    /// what has arrived.
    ///
    /// # Errors
    /// As for [`shutdown_write`](Self::shutdown_write).
    pub fn shutdown(&self, how: Shutdown) -> io::Result<()> {
        self.socket.shutdown(how)
    }

    /// How much may wait for the peer to read it, in bytes: the send buffer (`SO_SNDBUF`,
    /// socket(7)). Default: the system's (on Linux `net.core.wmem_default`, 212,992; 8 KiB on
    /// macOS). There is no way back to the default but to set it.
    ///
    /// Linux doubles the value, counts its own bookkeeping against it, and takes no more than
    /// `net.core.wmem_max` without saying so. More lets both ends work longer between wake-ups,
    /// and pins more memory for a peer that doesn't read.
    ///
    /// # Errors
    /// On macOS and the BSDs an error for more than `kern.ipc.maxsockbuf`.
    pub fn set_send_buffer_size(&self, bytes: usize) -> io::Result<()> {
        Ok(rustix::net::sockopt::set_socket_send_buffer_size(&*self.socket, bytes)?)
    }

    /// Whether descriptors that nobody asked for are taken off while reading, since this kernel
    /// can't refuse them ([`receive_descriptors`](crate::os::unix::ConnectOptionsExt)). A read then
    /// also ends where some were attached, so that a short one doesn't mean that nothing is left.
    #[must_use]
    pub fn sheds_descriptors(&self) -> bool {
        self.socket.is_suspect()
    }

    /// Ends the stream in both directions, and closes it without waiting for what the peer may have
    /// passed along: as a listener does with clients that it turns away. The peer sees the end at
    /// once, or `ECONNRESET`. Clones and halves see the end too.
    pub fn close_in_background(self) {
        admission::turn_away(self.into());
    }
}

impl Sealed for Stream {}

impl traits::StreamCommon for Stream {
    fn take_error(&self) -> io::Result<Option<io::Error>> {
        self.socket.take_error()
    }

    fn peer_creds(&self) -> io::Result<PeerCreds> {
        creds::peer_creds(self.as_fd())
    }
}

impl traits::Stream for Stream {
    type RecvHalf = RecvHalf;
    type SendHalf = SendHalf;

    fn set_nonblocking(&self, nonblocking: bool) -> io::Result<()> {
        self.socket.set_nonblocking(nonblocking)
    }

    fn set_recv_timeout(&self, timeout: Option<Duration>) -> io::Result<()> {
        self.socket.set_read_timeout(timeout)
    }

    fn set_send_timeout(&self, timeout: Option<Duration>) -> io::Result<()> {
        self.socket.set_write_timeout(timeout)
    }

    fn split(self) -> (RecvHalf, SendHalf) {
        let stream = Arc::new(self);
        (RecvHalf::new(stream.clone()), SendHalf::new(stream))
    }

    fn reunite(rh: RecvHalf, sh: SendHalf) -> ReuniteResult<Self> {
        RecvHalf::reunite(rh, sh)
    }

    fn from_options(options: &ConnectOptions<'_>) -> io::Result<Self> {
        Ok(Self { socket: connect::connect(options)? })
    }
}

impl TryClone for Stream {
    fn try_clone(&self) -> io::Result<Self> {
        let socket = Guarded::new(self.socket.try_clone()?, self.socket.is_suspect());
        Ok(Self { socket: socket.with_ticket(self.socket.ticket()) })
    }
}
