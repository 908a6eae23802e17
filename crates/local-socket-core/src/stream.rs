//! The stream and its halves as programs use them: enums with one variant per system.

mod halves;

use halves::{OsRecv, OsSend};
pub use halves::{RecvHalf, SendHalf};

use crate::{
    creds::PeerCreds, error, options::ConnectOptions, sealed::Sealed, sys::current as sys, traits,
    try_clone::TryClone,
};
#[cfg(windows)]
use Stream::NamedPipe as Os;
#[cfg(unix)]
use Stream::UdSocket as Os;
use std::{
    io::{self, IoSlice, IoSliceMut, Read, Write},
    net::Shutdown,
    time::Duration,
};

/// A connected stream of bytes. There is one variant for each system, so that
/// `let Stream::UdSocket(stream) = stream;` gives what the system has on top.
///
/// The methods are in [`traits::Stream`] and [`traits::StreamCommon`], which the
/// [`prelude`](crate::prelude) brings in; those here exist beyond the traits.
#[derive(Debug)]
pub enum Stream {
    /// A Unix domain socket.
    #[cfg(unix)]
    UdSocket(sys::Stream),
    /// A named pipe.
    #[cfg(windows)]
    NamedPipe(sys::Stream),
}

/// Two halves that don't belong together.
pub type ReuniteError = error::ReuniteError<RecvHalf, SendHalf>;
/// What [`traits::Stream::reunite`] gives.
pub type ReuniteResult = traits::ReuniteResult<Stream>;

impl ConnectOptions<'_> {
    /// Connects and gives a stream. The options may be used again.
    ///
    /// # Errors
    /// The system's own, of the same kind, within an [`AddressError`](crate::error::AddressError)
    /// that says whom; [`os_error`](crate::error::os_error) finds its number. See connect(2):
    /// - [`NotFound`](io::ErrorKind::NotFound): there is no such file, or pipe.
    /// - [`ConnectionRefused`](io::ErrorKind::ConnectionRefused): nobody listens, or on Linux the
    ///   file isn't a socket; on macOS and the BSDs also when the backlog is full.
    /// - [`PermissionDenied`](io::ErrorKind::PermissionDenied): no write permission on the file,
    ///   or no search permission on a folder; or whoever listens isn't whom
    ///   [`server`](ConnectOptions::server) wants
    ///   ([`ServerNotAllowed`](crate::error::ServerNotAllowed)).
    /// - [`TimedOut`](io::ErrorKind::TimedOut), [`WouldBlock`](io::ErrorKind::WouldBlock): the
    ///   backlog is full and the [wait mode](ConnectOptions::wait_mode) says so.
    ///
    /// On Windows, where one client at a time opens an instance of a pipe (CreateFileW, MSDN):
    /// - [`PermissionDenied`](io::ErrorKind::PermissionDenied): the pipe's rules don't let this
    ///   program in, or as above.
    /// - [`ConnectionReset`](io::ErrorKind::ConnectionReset): the server ended the connection while
    ///   it was being made, as one may that turns the client away.
    ///
    /// [`InvalidInput`](io::ErrorKind::InvalidInput) without a name, around a
    /// [`NameError`](crate::error::NameError). After an error nothing is left behind.
    pub fn connect_sync(&self) -> io::Result<Stream> {
        self.connect_sync_as()
    }

    /// As [`connect_sync`](Self::connect_sync), for a type of your choice.
    ///
    /// # Errors
    /// As for [`connect_sync`](Self::connect_sync).
    pub fn connect_sync_as<S: traits::Stream>(&self) -> io::Result<S> {
        S::from_options(self)
    }
}

impl Stream {
    fn os(&self) -> &sys::Stream {
        let Os(stream) = self;
        stream
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
        self.os().try_read(buf)
    }

    /// As [`try_read`](Self::try_read), into several buffers, one after the other, with one system
    /// call. Of more than 1024 buffers, the first 1024 are filled.
    ///
    /// # Errors
    /// As for [`try_read`](Self::try_read).
    pub fn try_read_vectored(&self, bufs: &mut [IoSliceMut<'_>]) -> io::Result<usize> {
        self.os().try_read_vectored(bufs)
    }

    /// Writes as much as there is room for and never waits, whatever the mode. Gives the number
    /// of bytes taken. SIGPIPE is not raised, and a signal doesn't interrupt it.
    ///
    /// On Windows it takes up to 65,536 bytes whether there is room or not, and then nothing before
    /// those are the system's: [`flush`](Write::flush) waits for them, and if the process ends
    /// before they are lost. Dropping the stream doesn't lose them.
    ///
    /// # Errors
    /// [`WouldBlock`](io::ErrorKind::WouldBlock) if there is no room;
    /// [`BrokenPipe`](io::ErrorKind::BrokenPipe) if nobody will read it.
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

    /// Says that nothing more will be written: the peer reads to its end and can still answer.
    ///
    /// On Windows by a convention that this crate's peers know, and others may not: eight empty
    /// messages, of which a client takes the first for the end, and a server all of them.
    ///
    /// # Errors
    /// [`NotConnected`](io::ErrorKind::NotConnected) if the socket isn't, and on macOS also when
    /// the peer has closed already. [`Unsupported`](io::ErrorKind::Unsupported) on Windows if the
    /// server's pipe keeps no messages apart, as that of Node's `net`: the peer sees the end when the
    /// stream is dropped.
    pub fn shutdown_write(&self) -> io::Result<()> {
        self.os().shutdown_write()
    }

    /// Ends one direction or both; see shutdown(2). May be called again. It holds for every clone
    /// and half of the stream, and in every process that has it.
    ///
    /// Of reading: on Linux what has arrived can still be read, then comes the end, and the peer's
    /// writes fail with [`BrokenPipe`](io::ErrorKind::BrokenPipe). macOS and the BSDs throw away
    /// what has arrived. On Windows the end comes at once, and the peer isn't told: its writes go on
    /// until the system's buffer is full.
    ///
    /// # Errors
    /// As for [`shutdown_write`](Self::shutdown_write).
    pub fn shutdown(&self, how: Shutdown) -> io::Result<()> {
        self.os().shutdown(how)
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

impl traits::Stream for Stream {
    type RecvHalf = RecvHalf;
    type SendHalf = SendHalf;

    fn set_nonblocking(&self, nonblocking: bool) -> io::Result<()> {
        self.os().set_nonblocking(nonblocking)
    }

    fn set_recv_timeout(&self, timeout: Option<Duration>) -> io::Result<()> {
        self.os().set_recv_timeout(timeout)
    }

    fn set_send_timeout(&self, timeout: Option<Duration>) -> io::Result<()> {
        self.os().set_send_timeout(timeout)
    }

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

    fn from_options(options: &ConnectOptions<'_>) -> io::Result<Self> {
        sys::Stream::from_options(options).map(Self::from)
    }
}

impl From<sys::Stream> for Stream {
    fn from(stream: sys::Stream) -> Self {
        Os(stream)
    }
}

impl TryClone for Stream {
    fn try_clone(&self) -> io::Result<Self> {
        self.os().try_clone().map(Self::from)
    }
}

impl Read for &Stream {
    fn read(&mut self, buf: &mut [u8]) -> io::Result<usize> {
        self.os().read(buf)
    }

    fn read_vectored(&mut self, bufs: &mut [IoSliceMut<'_>]) -> io::Result<usize> {
        self.os().read_vectored(bufs)
    }
}

impl Read for Stream {
    fn read(&mut self, buf: &mut [u8]) -> io::Result<usize> {
        self.os().read(buf)
    }

    fn read_vectored(&mut self, bufs: &mut [IoSliceMut<'_>]) -> io::Result<usize> {
        self.os().read_vectored(bufs)
    }
}

/// `flush` is for Windows: it waits until what was taken is the system's, as long as
/// [`set_send_timeout`](traits::Stream::set_send_timeout) says. Elsewhere there is nothing to wait for.
impl Write for &Stream {
    fn write(&mut self, buf: &[u8]) -> io::Result<usize> {
        self.os().write(buf)
    }

    fn write_vectored(&mut self, bufs: &[IoSlice<'_>]) -> io::Result<usize> {
        self.os().write_vectored(bufs)
    }

    fn flush(&mut self) -> io::Result<()> {
        self.os().flush()
    }
}

/// Nothing is buffered here, so there is nothing to flush.
impl Write for Stream {
    fn write(&mut self, buf: &[u8]) -> io::Result<usize> {
        self.os().write(buf)
    }

    fn write_vectored(&mut self, bufs: &[IoSlice<'_>]) -> io::Result<usize> {
        self.os().write_vectored(bufs)
    }

    fn flush(&mut self) -> io::Result<()> {
        self.os().flush()
    }
}
