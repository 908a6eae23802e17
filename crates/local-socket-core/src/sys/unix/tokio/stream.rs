//! Streams on tokio.

mod bytes;
mod conversions;
mod peer;

use super::{
    Keeper, connect,
    halves::{RecvHalf, SendHalf},
    readiness,
};
use crate::{
    creds::PeerCreds,
    options::ConnectOptions,
    sealed::Sealed,
    sys::unix::{
        admission::{self, Admitted},
        creds,
        guarded::Guarded,
    },
    traits::{self, tokio::ReuniteResult},
};
use ::tokio::net::UnixStream;
use rustix::net::Shutdown;
use std::{
    io::{self, IoSlice, IoSliceMut},
    os::{fd::AsFd, unix::net::UnixStream as StdUnixStream},
};

/// A stream over a Unix domain socket on tokio: what
/// [`local_socket::tokio::Stream`](crate::tokio::Stream) holds.
///
/// Made from a [`UnixStream`] or a descriptor, it receives descriptors as any socket does.
///
/// # Cancelling
/// As for [`local_socket::tokio::Stream`](crate::tokio::Stream#cancelling).
#[derive(Debug)]
pub struct Stream {
    pub(super) socket: UnixStream,
    // Last, because it must be the last to be closed.
    pub(super) keeper: Keeper,
}

impl Stream {
    /// Has the runtime watch a nonblocking socket, which is read with care if it is a suspect, and
    /// counts as a connection of the listener that has let it in.
    pub(super) fn register(socket: Guarded<StdUnixStream>, ticket: Admitted) -> io::Result<Self> {
        // Registering closes the socket when it fails or panics, and must not close the last of a
        // suspect's, which this one is until then.
        let keeper = Keeper::new(&*socket, socket.is_suspect(), ticket)?;
        let socket = UnixStream::from_std(socket.into_inner())?;
        Ok(Self { socket, keeper })
    }

    /// As [`register`](Self::register), where the runtime watches the socket already.
    pub(super) fn accepted(
        socket: UnixStream,
        suspect: bool,
        ticket: Admitted,
    ) -> io::Result<Self> {
        match Keeper::new(&socket, suspect, ticket) {
            Ok(keeper) => Ok(Self { socket, keeper }),
            Err(error) => {
                drop(Guarded::new(socket.into_std()?, suspect));
                Err(error)
            }
        }
    }

    /// Whether the socket may receive descriptors that nobody asked for.
    fn is_suspect(&self) -> bool {
        self.keeper.is_suspect()
    }

    /// Tokio's stream within.
    ///
    /// Reading from that one doesn't keep away descriptors that nobody asked for where the kernel
    /// can't refuse them.
    #[must_use]
    pub fn inner(&self) -> &UnixStream {
        &self.socket
    }

    /// Tokio's stream within, mutably. See [`inner`](Self::inner).
    pub fn inner_mut(&mut self) -> &mut UnixStream {
        &mut self.socket
    }

    /// Reads what is there, up to the size of `buf`, and never waits: one system call, also where
    /// the runtime has not heard yet that there is something.
    ///
    /// `Ok(0)` is the end, if `buf` isn't empty. A signal doesn't interrupt it.
    ///
    /// # Errors
    /// [`WouldBlock`](io::ErrorKind::WouldBlock) if there is nothing yet:
    /// [`readable`](Self::readable) waits for it.
    /// [`ConnectionReset`](io::ErrorKind::ConnectionReset) if the peer closed with our bytes
    /// unread.
    pub fn try_read(&self, buf: &mut [u8]) -> io::Result<usize> {
        readiness::try_read(&self.socket, self.is_suspect(), buf)
    }

    /// As [`try_read`](Self::try_read), into several buffers, one after the other. Of more than
    /// 1024 buffers, the first 1024 are looked at.
    ///
    /// # Errors
    /// As for [`try_read`](Self::try_read).
    pub fn try_read_vectored(&self, bufs: &mut [IoSliceMut<'_>]) -> io::Result<usize> {
        readiness::try_read_vectored(&self.socket, self.is_suspect(), bufs)
    }

    /// Writes as much as there is room for and never waits: one system call. Gives the number of
    /// bytes taken. SIGPIPE is not raised, and a signal doesn't interrupt it.
    ///
    /// # Errors
    /// [`WouldBlock`](io::ErrorKind::WouldBlock) if there is no room: [`writable`](Self::writable)
    /// waits for it. [`BrokenPipe`](io::ErrorKind::BrokenPipe) if nobody will read it.
    pub fn try_write(&self, buf: &[u8]) -> io::Result<usize> {
        readiness::try_write(&self.socket, buf)
    }

    /// As [`try_write`](Self::try_write), from several buffers with one system call. Of more than
    /// 1024 buffers, the first 1024 are looked at.
    ///
    /// # Errors
    /// As for [`try_write`](Self::try_write).
    pub fn try_write_vectored(&self, bufs: &[IoSlice<'_>]) -> io::Result<usize> {
        readiness::try_write_vectored(&self.socket, bufs)
    }

    /// Waits until there is something to read: bytes, the end, or an error. It can be done although
    /// there is nothing, so call it again when [`try_read`](Self::try_read) says
    /// [`WouldBlock`](io::ErrorKind::WouldBlock).
    ///
    /// Several tasks may wait. If the future is dropped, nothing is lost: the next one is done at
    /// once.
    ///
    /// # Errors
    /// If the runtime is shutting down.
    pub async fn readable(&self) -> io::Result<()> {
        self.socket.readable().await
    }

    /// Waits until there is room for more bytes, or an error. It can be done although there is no
    /// room, so call it again when [`try_write`](Self::try_write) says
    /// [`WouldBlock`](io::ErrorKind::WouldBlock).
    ///
    /// Several tasks may wait. If the future is dropped, nothing is lost: the next one is done at
    /// once.
    ///
    /// # Errors
    /// If the runtime is shutting down.
    pub async fn writable(&self) -> io::Result<()> {
        self.socket.writable().await
    }

    /// Says that nothing more will be written: the peer reads to its end and can still answer. May
    /// be called again. Writes fail with [`BrokenPipe`](io::ErrorKind::BrokenPipe) from then on; on
    /// Linux one that waits for room learns of it once there is some.
    ///
    /// As `AsyncWriteExt::shutdown`, without a future and with the error. There is no `shutdown` as
    /// on blocking streams, since it would stand before that one.
    ///
    /// # Errors
    /// [`NotConnected`](io::ErrorKind::NotConnected) on macOS when the peer has closed already.
    pub fn shutdown_write(&self) -> io::Result<()> {
        readiness::shutdown(&self.socket, Shutdown::Write)
    }

    /// Says that nothing more will be read. May be called again. Whoever waits for bytes is woken
    /// and reads the end; on Linux what has arrived can be read before, on macOS it is thrown away.
    /// The peer's writes fail with [`BrokenPipe`](io::ErrorKind::BrokenPipe). See shutdown(2).
    ///
    /// # Errors
    /// As for [`shutdown_write`](Self::shutdown_write).
    pub fn shutdown_read(&self) -> io::Result<()> {
        readiness::shutdown(&self.socket, Shutdown::Read)
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
        Ok(rustix::net::sockopt::set_socket_send_buffer_size(&self.socket, bytes)?)
    }

    /// Whether descriptors that nobody asked for are taken off while reading, since this kernel
    /// can't refuse them ([`receive_descriptors`](crate::os::unix::ConnectOptionsExt)). A read then
    /// also ends where some were attached, so that a short one doesn't mean that nothing is left.
    #[must_use]
    pub fn sheds_descriptors(&self) -> bool {
        self.is_suspect()
    }

    /// Ends the stream in both directions, and closes it without waiting for what the peer may have
    /// passed along: see [that of the blocking
    /// stream](crate::os::unix::uds_local_socket::Stream::close_in_background).
    pub fn close_in_background(self) {
        // Should the runtime not give the socket back, it has closed it.
        if let Ok(socket) = self.socket.into_std() {
            admission::turn_away(socket.into());
        }
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

impl traits::tokio::Stream for Stream {
    type RecvHalf = RecvHalf;
    type SendHalf = SendHalf;

    fn split(self) -> (RecvHalf, SendHalf) {
        let (reader, writer) = self.socket.into_split();
        (RecvHalf::new(reader, self.keeper.clone()), SendHalf::new(writer, self.keeper))
    }

    fn reunite(rh: RecvHalf, sh: SendHalf) -> ReuniteResult<Self> {
        RecvHalf::reunite(rh, sh)
    }

    async fn from_options(options: &ConnectOptions<'_>) -> io::Result<Self> {
        connect::connect(options).await
    }
}

#[cfg(all(test, target_os = "linux"))]
mod tests;
