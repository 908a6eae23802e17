//! Reading and writing through a shared reference, as bounds that can be named.
//!
//! `for<'a> &'a T: Read` can't be a supertrait; [`RefRead`] and [`RefWrite`] say the same and can,
//! and so do the two for tokio.

#[cfg(feature = "tokio")]
use ::tokio::io::{AsyncRead, AsyncWrite};
use std::io::{Read, Write};

/// What can be read from through `&self`. Implemented for every `T` with `&T: Read`.
pub trait RefRead {
    /// The reader that a shared reference makes.
    #[doc(hidden)]
    type Read<'a>: Read
    where
        Self: 'a;

    /// Borrows `self` as a reader.
    fn as_read(&self) -> Self::Read<'_>;
}

impl<T: ?Sized> RefRead for T
where
    for<'a> &'a T: Read,
{
    type Read<'a>
        = &'a T
    where
        Self: 'a;

    fn as_read(&self) -> Self::Read<'_> {
        self
    }
}

/// What can be written to through `&self`. Implemented for every `T` with `&T: Write`.
pub trait RefWrite {
    /// The writer that a shared reference makes.
    #[doc(hidden)]
    type Write<'a>: Write
    where
        Self: 'a;

    /// Borrows `self` as a writer.
    fn as_write(&self) -> Self::Write<'_>;
}

impl<T: ?Sized> RefWrite for T
where
    for<'a> &'a T: Write,
{
    type Write<'a>
        = &'a T
    where
        Self: 'a;

    fn as_write(&self) -> Self::Write<'_> {
        self
    }
}

/// What tokio reads from through `&self`. Implemented for every `T` with `&T: AsyncRead`.
#[cfg(feature = "tokio")]
pub trait RefTokioAsyncRead {
    /// The reader that a shared reference makes.
    #[doc(hidden)]
    type Read<'a>: AsyncRead
    where
        Self: 'a;

    /// Borrows `self` as a reader.
    fn as_tokio_async_read(&self) -> Self::Read<'_>;
}

#[cfg(feature = "tokio")]
impl<T: ?Sized> RefTokioAsyncRead for T
where
    for<'a> &'a T: AsyncRead,
{
    type Read<'a>
        = &'a T
    where
        Self: 'a;

    fn as_tokio_async_read(&self) -> Self::Read<'_> {
        self
    }
}

/// What tokio writes to through `&self`. Implemented for every `T` with `&T: AsyncWrite`.
#[cfg(feature = "tokio")]
pub trait RefTokioAsyncWrite {
    /// The writer that a shared reference makes.
    #[doc(hidden)]
    type Write<'a>: AsyncWrite
    where
        Self: 'a;

    /// Borrows `self` as a writer.
    fn as_tokio_async_write(&self) -> Self::Write<'_>;
}

#[cfg(feature = "tokio")]
impl<T: ?Sized> RefTokioAsyncWrite for T
where
    for<'a> &'a T: AsyncWrite,
{
    type Write<'a>
        = &'a T
    where
        Self: 'a;

    fn as_tokio_async_write(&self) -> Self::Write<'_> {
        self
    }
}
