//! Named pipes: the types that this crate's enums hold ([`local_socket`]), and interprocess's own
//! pipes.
//!
//! Everything here but [`local_socket`] is interprocess's, re-exported. Use it for what local sockets
//! aren't: pipes of one direction, pipes of messages, other machines. Of its pipes, other than of
//! local sockets here, is to be known (2.4.7):
//! - A nonblocking read of an empty pipe gives `Ok(0)`, as the end does.
//! - Buffers are 512 bytes unless
//!   [`input_buffer_size_hint`](PipeListenerOptions::input_buffer_size_hint) and its sibling say
//!   otherwise, and reads on tokio give 4,096 bytes at most.
//! - Clients allow the server to impersonate them.
//! - A taken name is [`PermissionDenied`](std::io::ErrorKind::PermissionDenied).
//! - What was written just before the process exits can be lost.
//! - Their errors are of interprocess's own types, which [`error`](crate::error) has others of the
//!   same name for.

#[doc(no_inline)]
pub use interprocess::os::windows::named_pipe::{
    DuplexPipeStream, FromHandleError, FromHandleErrorKind, Incoming, PipeDirection, PipeListener,
    PipeListenerOptions, PipeMode, PipeStream, PipeStreamRole, RecvPipeStream, ReuniteError,
    ReuniteResult, SendPipeStream, WaitTimeout, pipe_mode,
};

/// The types that the enums at the crate's root hold on Windows.
pub mod local_socket {
    pub use crate::sys::windows::{Listener, RecvHalf, SendHalf, Stream};

    /// The types that the enums in [`local_socket::tokio`](crate::tokio) hold on Windows.
    #[cfg(feature = "tokio")]
    pub mod tokio {
        pub use crate::sys::windows::tokio::{Listener, RecvHalf, SendHalf, Stream};
    }
}

/// Interprocess's pipes on tokio, re-exported.
#[cfg(feature = "tokio")]
pub mod tokio {
    #[doc(no_inline)]
    #[allow(deprecated, reason = "whoever names it is told, and it is exported all the same")]
    pub use interprocess::os::windows::named_pipe::tokio::{
        DuplexPipeStream, FromHandleError, FromHandleErrorKind, PipeListener,
        PipeListenerOptionsExt, PipeStream, RecvPipeStream, ReuniteError, ReuniteResult,
        SendPipeStream,
    };
}
