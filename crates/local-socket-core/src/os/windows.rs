//! What Windows has on top: options, kinds of names, and the types within the enums.

mod listener_options;

pub use self::listener_options::ListenerOptionsExt;
pub use crate::sys::windows::{NamedPipe, ParseSidError, Sid};
use crate::{
    options::{ConnectOptions, ListenerOptions},
    sealed::Sealed,
};

/// Named pipes.
pub mod named_pipe {
    /// The types that the enums at the crate's root hold on Windows.
    pub mod local_socket {
        pub use crate::sys::windows::{Listener, RecvHalf, SendHalf, Stream};

        /// The types that the enums in [`local_socket::tokio`](crate::tokio) hold on Windows.
        #[cfg(feature = "tokio")]
        pub mod tokio {
            pub use crate::sys::windows::tokio::{Listener, RecvHalf, SendHalf, Stream};
        }
    }
}

impl Sealed for ListenerOptions<'_> {}
impl Sealed for ConnectOptions<'_> {}
