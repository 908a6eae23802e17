//! Types on tokio that read and write by another, or by a reference to themselves.

/// Implements `AsyncRead` or `AsyncWrite` for a type, by a reference that implements it: every
/// method calls that one's.
macro_rules! forward {
    ($(#[$doc:meta])* impl AsyncRead for $type:ty => |$this:ident| $reader:expr) => {
        $(#[$doc])*
        impl ::tokio::io::AsyncRead for $type {
            fn poll_read(
                self: ::std::pin::Pin<&mut Self>,
                cx: &mut ::std::task::Context<'_>,
                buf: &mut ::tokio::io::ReadBuf<'_>,
            ) -> ::std::task::Poll<::std::io::Result<()>> {
                let $this = &*self;
                let mut reader = $reader;
                ::std::pin::Pin::new(&mut reader).poll_read(cx, buf)
            }
        }
    };
    ($(#[$doc:meta])* impl AsyncWrite for $type:ty => |$this:ident| $writer:expr) => {
        $(#[$doc])*
        impl ::tokio::io::AsyncWrite for $type {
            fn poll_write(
                self: ::std::pin::Pin<&mut Self>,
                cx: &mut ::std::task::Context<'_>,
                buf: &[u8],
            ) -> ::std::task::Poll<::std::io::Result<usize>> {
                let $this = &*self;
                let mut writer = $writer;
                ::std::pin::Pin::new(&mut writer).poll_write(cx, buf)
            }

            fn poll_write_vectored(
                self: ::std::pin::Pin<&mut Self>,
                cx: &mut ::std::task::Context<'_>,
                bufs: &[::std::io::IoSlice<'_>],
            ) -> ::std::task::Poll<::std::io::Result<usize>> {
                let $this = &*self;
                let mut writer = $writer;
                ::std::pin::Pin::new(&mut writer).poll_write_vectored(cx, bufs)
            }

            fn is_write_vectored(&self) -> bool {
                let $this = self;
                let writer = $writer;
                ::tokio::io::AsyncWrite::is_write_vectored(&writer)
            }

            fn poll_flush(
                self: ::std::pin::Pin<&mut Self>,
                cx: &mut ::std::task::Context<'_>,
            ) -> ::std::task::Poll<::std::io::Result<()>> {
                let $this = &*self;
                let mut writer = $writer;
                ::std::pin::Pin::new(&mut writer).poll_flush(cx)
            }

            fn poll_shutdown(
                self: ::std::pin::Pin<&mut Self>,
                cx: &mut ::std::task::Context<'_>,
            ) -> ::std::task::Poll<::std::io::Result<()>> {
                let $this = &*self;
                let mut writer = $writer;
                ::std::pin::Pin::new(&mut writer).poll_shutdown(cx)
            }
        }
    };
}

pub(crate) use forward;
