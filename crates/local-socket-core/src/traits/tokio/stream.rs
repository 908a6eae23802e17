//! What streams and halves on tokio can do.

use crate::{
    bound_util::{RefTokioAsyncRead, RefTokioAsyncWrite},
    error,
    name::Name,
    options::ConnectOptions,
    sealed::Sealed,
    traits::StreamCommon,
};
use ::tokio::io::{AsyncRead, AsyncWrite};
use std::io;

/// A connected stream of bytes on tokio, both ways. Reads and writes also through `&self`, where
/// of several tasks that wait for the same direction only the last is woken.
///
/// Dropping it closes it. On Linux the peer then sees `ECONNRESET` after our bytes if there was
/// something we had not read.
pub trait Stream:
    AsyncRead + RefTokioAsyncRead + AsyncWrite + RefTokioAsyncWrite + StreamCommon
{
    /// The half that [`split`](Self::split) makes for reading.
    type RecvHalf: RecvHalf<Stream = Self>;
    /// The half that [`split`](Self::split) makes for writing.
    type SendHalf: SendHalf<Stream = Self>;

    /// Connects to a name with default options. If the future is dropped before it is done,
    /// nothing is left behind.
    ///
    /// # Errors
    /// As for [`ConnectOptions::connect_tokio`].
    ///
    /// # Panics
    /// On Unix, when polled outside a tokio runtime with I/O enabled.
    fn connect(name: Name<'_>) -> impl Future<Output = io::Result<Self>> + Send + Sync {
        async move { Self::from_options(&ConnectOptions::new().name(name)).await }
    }

    /// Makes two halves that can be used by two tasks. They share the stream, which is closed when
    /// both are gone. Dropping the half that writes ends its direction, as with tokio's own
    /// halves and unlike those of [`traits::Stream`](crate::traits::Stream::split).
    fn split(self) -> (Self::RecvHalf, Self::SendHalf);

    /// Makes the stream of its two halves again.
    ///
    /// # Errors
    /// Hands both halves back if they are of different streams.
    fn reunite(rh: Self::RecvHalf, sh: Self::SendHalf) -> ReuniteResult<Self>;

    /// Connects. The same as [`ConnectOptions::connect_tokio_as`].
    ///
    /// # Errors
    /// As for [`ConnectOptions::connect_tokio`].
    ///
    /// # Panics
    /// On Unix, when polled outside a tokio runtime with I/O enabled.
    fn from_options(
        options: &ConnectOptions<'_>,
    ) -> impl Future<Output = io::Result<Self>> + Send + Sync;
}

/// The half of a stream on tokio that reads.
pub trait RecvHalf: AsyncRead + RefTokioAsyncRead + Send + Sync + Sized + Sealed + 'static {
    /// The stream it is a half of.
    type Stream: Stream;
}

/// The half of a stream on tokio that writes.
pub trait SendHalf:
    AsyncWrite + RefTokioAsyncWrite + Send + Sync + Sized + Sealed + 'static
{
    /// The stream it is a half of.
    type Stream: Stream;
}

/// What [`Stream::reunite`] gives: the stream, or both halves back.
pub type ReuniteResult<S> =
    error::ReuniteResult<S, <S as Stream>::RecvHalf, <S as Stream>::SendHalf>;
