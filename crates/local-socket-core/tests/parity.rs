//! Everything that interprocess's local sockets offer is here, with the same types: the files in
//! `parity` compile with this crate under interprocess's name. `parity_with_interprocess` compiles the
//! same files with interprocess, so that they can't ask for less, or for something else.
#![deny(deprecated, reason = "interprocess deprecates splitting streams; here it stays")]

extern crate local_socket as interprocess;

#[macro_use]
#[path = "parity/items.rs"]
mod items;
#[path = "parity/ours_only.rs"]
mod ours_only;
