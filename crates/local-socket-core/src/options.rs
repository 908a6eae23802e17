//! What a listener or a connection is to be like, before there is one.

mod connect;
mod listener;
mod modes;

pub use connect::ConnectOptions;
pub use listener::ListenerOptions;
pub use modes::{ConnectWaitMode, ListenerNonblockingMode, StaleName};
