//! The traits, nameless, and the two types that most programs need, under names that clash with
//! nothing but those of the other [`prelude`](crate::prelude): bring in one of the two in each scope.
//!
//! ```
//! use local_socket::{ConnectOptions, GenericNamespaced, ListenerOptions, tokio::prelude::*};
//!
//! # #[tokio::main(flavor = "current_thread")]
//! # async fn main() -> std::io::Result<()> {
//! let id = format!("my-app-{}.sock", std::process::id());
//! let name = id.to_ns_name::<GenericNamespaced>()?;
//! let listener = ListenerOptions::new().name(name.borrow()).create_tokio()?;
//!
//! let options = ConnectOptions::new().name(name);
//! let (client, server) = tokio::try_join!(options.connect_tokio(), listener.accept())?;
//! assert_eq!(client.peer_creds()?.euid(), server.peer_creds()?.euid());
//! # Ok(())
//! # }
//! ```

pub use crate::{
    name::{NameType as _, ToFsName as _, ToNsName as _},
    tokio::{Listener as LocalSocketListener, Stream as LocalSocketStream},
    traits::{
        StreamCommon as _,
        tokio::{Listener as _, Stream as _},
    },
};
