//! The files in `parity`, compiled with interprocess itself: what they ask of this crate is what
//! interprocess has.
#![allow(deprecated, reason = "programs split streams all the same")]

#[path = "parity/items.rs"]
mod items;
