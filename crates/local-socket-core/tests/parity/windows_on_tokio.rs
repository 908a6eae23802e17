//! The types within the enums on tokio, on Windows.

use interprocess::{
    error::FromHandleError,
    local_socket::{
        tokio::{Listener, RecvHalf, SendHalf, Stream},
        traits::{StreamCommon, tokio as traits},
    },
    os::windows::named_pipe::{
        local_socket::tokio as inner,
        pipe_mode::Bytes,
        tokio::{DuplexPipeStream, FromHandleErrorKind, PipeListener},
    },
};
use std::{
    fmt::{Debug, Display},
    io,
    os::windows::io::{AsHandle, OwnedHandle},
};
use tokio::io::{AsyncRead, AsyncWrite};

#[test]
fn the_types_within_are_made_of_a_handle() {
    implements!(inner::Listener: Debug + traits::Listener<Stream = inner::Stream>);
    implements!(inner::Listener: Into<Listener>);
    implements!(inner::Stream: Debug + AsHandle + StreamCommon + AsyncRead + AsyncWrite);
    implements!(inner::Stream: Into<Stream>);
    implements!(inner::Stream:
        traits::Stream<RecvHalf = inner::RecvHalf, SendHalf = inner::SendHalf>);
    implements!(inner::Stream: TryFrom<OwnedHandle, Error = FromHandleError>);
    by_reference!(inner::Stream: AsyncRead + AsyncWrite);
}

#[test]
fn the_halves_within_have_a_handle() {
    implements!(inner::RecvHalf: Debug + AsHandle + AsyncRead + Into<RecvHalf>);
    implements!(inner::RecvHalf: traits::RecvHalf<Stream = inner::Stream>);
    implements!(inner::SendHalf: Debug + AsHandle + AsyncWrite + Into<SendHalf>);
    implements!(inner::SendHalf: traits::SendHalf<Stream = inner::Stream>);
    by_reference!(inner::RecvHalf: AsyncRead);
    by_reference!(inner::SendHalf: AsyncWrite);
}

#[test]
#[allow(deprecated, reason = "PipeListenerOptionsExt is deprecated, and there all the same")]
fn pipes_on_tokio_are_here_as_well() {
    use interprocess::os::windows::named_pipe::{
        PipeListenerOptions, tokio::PipeListenerOptionsExt,
    };

    implements!(PipeListenerOptions<'static>: PipeListenerOptionsExt);
    implements!(DuplexPipeStream<Bytes>: Debug + AsHandle + AsyncRead + AsyncWrite);
    implements!(PipeListener<Bytes, Bytes>: Debug);
    implements!(FromHandleErrorKind: Copy + Debug + Display + PartialEq + Into<io::Error>);
    let _ = async |listener: &PipeListener<Bytes, Bytes>| listener.accept().await;
}
