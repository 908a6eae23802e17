//! The traits, nameless, and the two types that most programs need, under names that clash with
//! nothing but those of the other [`prelude`](crate::prelude): `use local_socket::tokio::prelude::*;`.

pub use crate::{
    name::{NameType as _, ToFsName as _, ToNsName as _},
    tokio::{Listener as LocalSocketListener, Stream as LocalSocketStream},
    traits::{
        StreamCommon as _,
        tokio::{Listener as _, Stream as _},
    },
};
