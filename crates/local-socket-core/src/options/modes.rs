//! Choices of options.

// What interprocess's pipes, which are re-exported, take.
#[cfg(windows)]
pub use interprocess::ConnectWaitMode;
#[cfg(unix)]
use std::time::Duration;

/// How long connecting may wait for room in the listener's backlog.
///
/// There is nothing else to wait for: with room, connecting is done at once, without a listener,
/// it fails at once.
#[cfg(unix)]
#[derive(Copy, Clone, Debug, Default)]
pub enum ConnectWaitMode {
    /// Not at all. A full backlog is an error of kind
    /// [`WouldBlock`](std::io::ErrorKind::WouldBlock) (`EAGAIN`, connect(2)) and nothing is left
    /// behind; a stream that is returned is connected. Linux has no event for the moment there is
    /// room again: try again after a while.
    Deferred,
    /// At most this long; then the error is of kind [`TimedOut`](std::io::ErrorKind::TimedOut).
    /// Zero is one attempt without waiting. Durations beyond 68 years count as that.
    ///
    /// Linux wakes the moment there is room, and counts the limit in its clock ticks of 1 to 10 ms;
    /// on tokio it is asked again and again instead, after pauses of 1 to 20 ms. macOS and the BSDs
    /// refuse at once when the backlog is full (`ECONNREFUSED`), whatever the limit.
    Timeout(Duration),
    /// For as long as it takes. The default.
    #[default]
    Unbounded,
}

/// What a listener does about a socket file that no process holds any more:
/// [`ListenerOptions::stale`](crate::ListenerOptions::stale), which says when that is known.
#[derive(Copy, Clone, Debug, Default, PartialEq, Eq)]
#[non_exhaustive]
pub enum StaleName {
    /// Takes the name over, where that is safe. The default.
    #[default]
    Reclaim,
    /// Leaves the file: the name is in use ([`AddrInUse`](std::io::ErrorKind::AddrInUse)), as it is
    /// for interprocess and for plain bind(2).
    Fail,
}

/// What of a listener doesn't block: accepting, the streams that it makes, both, or neither.
#[derive(Copy, Clone, Debug, PartialEq, Eq)]
#[repr(u8)]
pub enum ListenerNonblockingMode {
    /// Accepting waits, and so do the streams. The default of a listener.
    Neither,
    /// Accepting fails with [`WouldBlock`](std::io::ErrorKind::WouldBlock) when nobody is there;
    /// the streams wait.
    Accept,
    /// Accepting waits; the streams fail with `WouldBlock` rather than wait.
    Stream,
    /// Nothing waits.
    Both,
}

impl ListenerNonblockingMode {
    /// The mode in which accepting and the streams are nonblocking as told.
    #[must_use]
    pub const fn from_bool(accept: bool, stream: bool) -> Self {
        match (accept, stream) {
            (false, false) => Self::Neither,
            (true, false) => Self::Accept,
            (false, true) => Self::Stream,
            (true, true) => Self::Both,
        }
    }

    /// Whether accepting is nonblocking.
    #[must_use]
    pub const fn accept_nonblocking(self) -> bool {
        matches!(self, Self::Accept | Self::Both)
    }

    /// Whether the streams that the listener makes are nonblocking.
    #[must_use]
    pub const fn stream_nonblocking(self) -> bool {
        matches!(self, Self::Stream | Self::Both)
    }
}
