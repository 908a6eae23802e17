//! Named pipes.

mod activation;
mod endpoint;
mod errno;
mod name;
mod peer;
mod reactor;
mod settings;

pub use activation::{listen_on, socket_name, take_activated};
pub use endpoint::Traits;
pub use errno::{bad_id, code_of_ours, invalid, negative_errno};
pub use name::{net_path, to_abstract_name};
pub use peer::{peer_facts, peer_is_running};
pub use settings::{connect, listen};
