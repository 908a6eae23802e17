//! The private supertrait that keeps other crates from implementing ours.

/// Implemented by this crate's types only.
pub trait Sealed {}
