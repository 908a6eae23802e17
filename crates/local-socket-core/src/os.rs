//! What single systems have on top.

pub mod unix;
