//! The stream on tokio as programs use it.

use super::{
    RecvHalf, ReuniteResult, SendHalf, forward,
    halves::{OsRecv, OsSend},
};
use crate::{
    creds::PeerCreds, options::ConnectOptions, sealed::Sealed, sys::current::tokio as sys, traits,
};
#[cfg(windows)]
use Stream::NamedPipe as Os;
#[cfg(unix)]
use Stream::UdSocket as Os;
use std::io::{self, IoSlice, IoSliceMut};

/// A connected stream of bytes on tokio. There is one variant for each system, so that
/// `let Stream::UdSocket(stream) = stream;` gives what the system has on top.
///
/// The methods are in [`traits::tokio::Stream`] and [`traits::StreamCommon`], which the
/// [`prelude`](super::prelude) brings in; those here exist beyond the traits. Bytes are read and
/// written by `AsyncReadExt` and `AsyncWriteExt` of tokio (feature `io-util`), through the stream,
/// a reference to it, or its halves.
///
/// Of several tasks that wait for the same direction through references, only the last that was
/// polled is woken, but on Windows, where all are. [`readable`](Self::readable) and
/// [`writable`](Self::writable) wake all of them everywhere.
///
/// # Cancelling
/// If the future of a single `read` or `write` is dropped before it is done, it took nothing: no
/// byte was read and lost, none was sent. One that goes on until it has done everything, such as
/// `read_exact` and `write_all`, may have done part of it, which nothing tells.
#[derive(Debug)]
pub enum Stream {
    /// A Unix domain socket.
    #[cfg(unix)]
    UdSocket(sys::Stream),
    /// A named pipe.
    #[cfg(windows)]
    NamedPipe(sys::Stream),
}

impl Stream {
    fn os(&self) -> &sys::Stream {
        let Os(stream) = self;
        stream
    }

    /// Reads what is there, up to the size of `buf`, and never waits, also where the runtime has not
    /// heard yet that there is something. One system call on Unix, a few on Windows.
    ///
    /// `Ok(0)` is the end, if `buf` isn't empty. A signal doesn't interrupt it.
    ///
    /// # Errors
    /// [`WouldBlock`](io::ErrorKind::WouldBlock) if there is nothing yet:
    /// [`readable`](Self::readable) waits for it.
    /// [`ConnectionReset`](io::ErrorKind::ConnectionReset) if the peer closed with our bytes
    /// unread.
    pub fn try_read(&self, buf: &mut [u8]) -> io::Result<usize> {
        self.os().try_read(buf)
    }

    /// As [`try_read`](Self::try_read), into several buffers, one after the other. Of more than
    /// 1024 buffers, the first 1024 are looked at.
    ///
    /// # Errors
    /// As for [`try_read`](Self::try_read).
    pub fn try_read_vectored(&self, bufs: &mut [IoSliceMut<'_>]) -> io::Result<usize> {
        self.os().try_read_vectored(bufs)
    }

    /// Writes as much as there is room for and never waits: one system call. Gives the number of
    /// bytes taken. SIGPIPE is not raised, and a signal doesn't interrupt it.
    ///
    /// On Windows up to 65,536 bytes are copied and taken whether or not there is room; they are on
    /// their way then, and nothing more is taken until the system has them. `flush` waits for it.
    ///
    /// # Errors
    /// [`WouldBlock`](io::ErrorKind::WouldBlock) if there is no room: [`writable`](Self::writable)
    /// waits for it. [`BrokenPipe`](io::ErrorKind::BrokenPipe) if nobody will read it, on Windows
    /// also for bytes that were taken before.
    pub fn try_write(&self, buf: &[u8]) -> io::Result<usize> {
        self.os().try_write(buf)
    }

    /// As [`try_write`](Self::try_write), from several buffers with one system call. Of more than
    /// 1024 buffers, the first 1024 are looked at.
    ///
    /// # Errors
    /// As for [`try_write`](Self::try_write).
    pub fn try_write_vectored(&self, bufs: &[IoSlice<'_>]) -> io::Result<usize> {
        self.os().try_write_vectored(bufs)
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
        self.os().readable().await
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
        self.os().writable().await
    }

    /// Says that nothing more will be written: the peer reads to its end and can still answer. May
    /// be called again. Writes fail with [`BrokenPipe`](io::ErrorKind::BrokenPipe) from then on; on
    /// Linux one that waits for room learns of it once there is some.
    ///
    /// As `AsyncWriteExt::shutdown`, without a future and with the error. There is no `shutdown` as
    /// on blocking streams, since it would stand before that one.
    ///
    /// # Errors
    /// - [`NotConnected`](io::ErrorKind::NotConnected) on macOS when the peer has closed already.
    /// - [`Unsupported`](io::ErrorKind::Unsupported) on Windows where the server's pipe is one of
    ///   plain bytes, such as Node's `net` makes, which can't tell an end: the peer reads it when
    ///   the stream is dropped.
    pub fn shutdown_write(&self) -> io::Result<()> {
        self.os().shutdown_write()
    }

    /// Says that nothing more will be read. May be called again. Whoever waits for bytes is woken
    /// and reads the end; on Linux what has arrived can be read before, on macOS and Windows it is
    /// thrown away. The peer's writes fail with [`BrokenPipe`](io::ErrorKind::BrokenPipe), but on
    /// Windows, where the peer isn't told.
    ///
    /// # Errors
    /// As for [`shutdown_write`](Self::shutdown_write) on macOS.
    pub fn shutdown_read(&self) -> io::Result<()> {
        self.os().shutdown_read()
    }
}

impl Sealed for Stream {}

impl traits::StreamCommon for Stream {
    fn take_error(&self) -> io::Result<Option<io::Error>> {
        self.os().take_error()
    }

    fn peer_creds(&self) -> io::Result<PeerCreds> {
        self.os().peer_creds()
    }
}

impl traits::tokio::Stream for Stream {
    type RecvHalf = RecvHalf;
    type SendHalf = SendHalf;

    fn split(self) -> (RecvHalf, SendHalf) {
        let Os(stream) = self;
        let (rh, sh) = stream.split();
        (rh.into(), sh.into())
    }

    fn reunite(rh: RecvHalf, sh: SendHalf) -> ReuniteResult {
        let (OsRecv(rh), OsSend(sh)) = (rh, sh);
        match sys::Stream::reunite(rh, sh) {
            Ok(stream) => Ok(stream.into()),
            Err(error) => Err(error.convert_halves()),
        }
    }

    async fn from_options(options: &ConnectOptions<'_>) -> io::Result<Self> {
        sys::Stream::from_options(options).await.map(Self::from)
    }
}

impl From<sys::Stream> for Stream {
    fn from(stream: sys::Stream) -> Self {
        Os(stream)
    }
}

forward! {
    /// An empty buffer is filled at once.
    impl AsyncRead for &Stream => |stream| stream.os()
}

forward! {
    /// As for a reference.
    impl AsyncRead for Stream => |stream| stream.os()
}

forward! {
    /// Shutting down ends the direction: the peer reads to its end and can still answer. It may be
    /// done again, and is no error when the peer has closed. Many buffers leave by one system call,
    /// up to 1024 of them.
    ///
    /// On Unix nothing is buffered here, so there is nothing to flush, and shutting down is done at
    /// once. On Windows flushing waits until the system has what was written, and shutting down does
    /// so before it tells the end. Whoever waits for that should read meanwhile, if the peer answers
    /// while it reads; and whoever ends the process should have waited. Where the server's pipe is
    /// one of plain bytes, which can't tell an end, shutting down is flushing, and the peer reads its
    /// end when the stream is dropped.
    impl AsyncWrite for &Stream => |stream| stream.os()
}

forward! {
    /// As for a reference.
    impl AsyncWrite for Stream => |stream| stream.os()
}
