//! What streams and halves can do.

use crate::{
    bound_util::{RefRead, RefWrite},
    creds::PeerCreds,
    error,
    name::Name,
    options::ConnectOptions,
    sealed::Sealed,
};
use std::{
    fmt::Debug,
    io::{self, Read, Write},
    time::Duration,
};

/// What blocking and other streams have in common.
pub trait StreamCommon: Debug + Send + Sync + Sized + Sealed + 'static {
    /// Takes the error that is pending on the socket (`SO_ERROR`), so that it is reported once.
    ///
    /// # Errors
    /// Only if asking fails; the pending error is in the `Ok`.
    fn take_error(&self) -> io::Result<Option<io::Error>>;

    /// Who is on the other end, by the kernel's word. A client sees its server as of `listen()`.
    ///
    /// # Errors
    /// [`NotConnected`](io::ErrorKind::NotConnected) if the socket isn't connected.
    fn peer_creds(&self) -> io::Result<PeerCreds>;
}

/// A connected stream of bytes, both ways. Reads and writes also through `&self`.
///
/// Dropping it closes it. On Linux the peer then sees `ECONNRESET` after our bytes if there was
/// something we had not read.
pub trait Stream: Read + RefRead + Write + RefWrite + StreamCommon {
    /// The half that [`split`](Self::split) makes for reading.
    type RecvHalf: RecvHalf<Stream = Self>;
    /// The half that [`split`](Self::split) makes for writing.
    type SendHalf: SendHalf<Stream = Self>;

    /// Connects to a name with default options.
    ///
    /// # Errors
    /// As for [`ConnectOptions::connect_sync`].
    fn connect(name: Name<'_>) -> io::Result<Self> {
        Self::from_options(&ConnectOptions::new().name(name))
    }

    /// Whether reads and writes fail with [`WouldBlock`](io::ErrorKind::WouldBlock) rather than
    /// wait. Default: they wait. Shared with every clone and half of the stream.
    ///
    /// # Errors
    /// Whatever the system says; none is known.
    fn set_nonblocking(&self, nonblocking: bool) -> io::Result<()>;

    /// How long a read may wait (`SO_RCVTIMEO`). Default and `None`: for ever.
    ///
    /// # Errors
    /// [`InvalidInput`](io::ErrorKind::InvalidInput) for zero. A read that waited in vain fails
    /// with [`WouldBlock`](io::ErrorKind::WouldBlock).
    fn set_recv_timeout(&self, timeout: Option<Duration>) -> io::Result<()>;

    /// How long a write may wait (`SO_SNDTIMEO`). Default and `None`: for ever.
    ///
    /// # Errors
    /// [`InvalidInput`](io::ErrorKind::InvalidInput) for zero. A write that waited in vain fails
    /// with [`WouldBlock`](io::ErrorKind::WouldBlock), or is short if part of it had gone.
    fn set_send_timeout(&self, timeout: Option<Duration>) -> io::Result<()>;

    /// Makes two halves that can be used by two threads. They share the stream, which is closed
    /// when both are gone. Dropping one of them ends nothing, not even its direction, unlike those on
    /// tokio; that is what `shutdown_write` of the half is for.
    fn split(self) -> (Self::RecvHalf, Self::SendHalf);

    /// Makes the stream of its two halves again.
    ///
    /// # Errors
    /// Hands both halves back if they are of different streams, or if a half has been cloned and
    /// the clone is still there.
    fn reunite(rh: Self::RecvHalf, sh: Self::SendHalf) -> ReuniteResult<Self>;

    /// Connects. The same as [`ConnectOptions::connect_sync_as`].
    ///
    /// # Errors
    /// As for [`ConnectOptions::connect_sync`].
    fn from_options(options: &ConnectOptions<'_>) -> io::Result<Self>;
}

/// The half of a stream that reads.
pub trait RecvHalf: Read + RefRead + Send + Sync + Sized + Sealed + 'static {
    /// The stream it is a half of.
    type Stream: Stream;

    /// How long a read may wait; see [`Stream::set_recv_timeout`].
    ///
    /// # Errors
    /// [`InvalidInput`](io::ErrorKind::InvalidInput) for zero.
    fn set_timeout(&self, timeout: Option<Duration>) -> io::Result<()>;
}

/// The half of a stream that writes.
pub trait SendHalf: Write + RefWrite + Send + Sync + Sized + Sealed + 'static {
    /// The stream it is a half of.
    type Stream: Stream;

    /// How long a write may wait; see [`Stream::set_send_timeout`].
    ///
    /// # Errors
    /// [`InvalidInput`](io::ErrorKind::InvalidInput) for zero.
    fn set_timeout(&self, timeout: Option<Duration>) -> io::Result<()>;
}

/// What [`Stream::reunite`] gives: the stream, or both halves back.
pub type ReuniteResult<S> =
    error::ReuniteResult<S, <S as Stream>::RecvHalf, <S as Stream>::SendHalf>;
