//! The traits, nameless, and the two types that most programs need, under names that clash with
//! nothing: `use local_socket::prelude::*;`.

pub use crate::{
    listener::Listener as LocalSocketListener,
    name::{NameType as _, ToFsName as _, ToNsName as _},
    stream::Stream as LocalSocketStream,
    traits::{Listener as _, ListenerExt as _, Stream as _, StreamCommon as _},
};
