//! What Windows has on top: options, kinds of names, and the types within the enums.
//!
//! Besides, interprocess's named pipes and security descriptors are here under the paths that they
//! have there, so that a program that uses them beside local sockets goes on. They are interprocess's
//! own (it is a dependency on Windows), unchanged: [`named_pipe`] and [`security_descriptor`] say what
//! to know of them.

mod listener_options;
pub mod named_pipe;
pub mod security_descriptor;

pub use self::listener_options::ListenerOptionsExt;
pub use crate::sys::windows::{NamedPipe, ParseSidError, Readiness, Sid};
#[doc(no_inline)]
pub use interprocess::os::windows::{ImpersonationGuard, ShareHandle, ToWtf16};

use crate::{
    options::{ConnectOptions, ListenerOptions},
    sealed::Sealed,
};

/// Kinds of names under the path that they have in interprocess.
///
/// `use local_socket::os::windows::*;` brings this name in and so hides the crate's in that scope;
/// name what you use, or write `::local_socket` there.
pub mod local_socket {
    #[doc(no_inline)]
    pub use super::{ListenerOptionsExt, NamedPipe};
}

impl Sealed for ListenerOptions<'_> {}
impl Sealed for ConnectOptions<'_> {}
