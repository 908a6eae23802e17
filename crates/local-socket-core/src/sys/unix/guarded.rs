//! A socket that may hold descriptors nobody asked for.

use super::{admission::Admitted, reaper};
use std::{
    fmt,
    mem::ManuallyDrop,
    ops::{Deref, DerefMut},
    os::fd::OwnedFd,
    time::Duration,
};

/// How long the drop of a listener waits for its name to be free. Closing frees it first of all,
/// so this is used up only while the reaper is held up by what came before.
pub(super) const NAME_PATIENCE: Duration = Duration::from_millis(10);

/// A socket that is closed on the reaper thread if it is a suspect: closing a socket also closes
/// the descriptors that are in its queue, and those can hold up whoever does it.
pub(super) struct Guarded<T: Into<OwnedFd>> {
    socket: ManuallyDrop<T>,
    suspect: bool,
    holds_a_name: bool,
    ticket: Admitted,
}

impl<T: Into<OwnedFd>> Guarded<T> {
    pub(super) fn new(socket: T, suspect: bool) -> Self {
        Self { socket: ManuallyDrop::new(socket), suspect, holds_a_name: false, ticket: None }
    }

    /// Has the socket count as an open connection of its listener until it is dropped or taken out.
    pub(super) fn with_ticket(mut self, ticket: Admitted) -> Self {
        self.ticket = ticket;
        self
    }

    /// What another socket of the same connection counts by.
    pub(super) fn ticket(&self) -> Admitted {
        self.ticket.clone()
    }

    /// Has the drop wait a moment for the socket to be closed, since an abstract name can't be
    /// taken again before.
    pub(super) fn holding_a_name(mut self) -> Self {
        self.holds_a_name = true;
        self
    }

    /// Whether the socket may receive descriptors that nobody asked for.
    pub(super) fn is_suspect(&self) -> bool {
        self.suspect
    }

    pub(super) fn into_inner(self) -> T {
        let mut this = ManuallyDrop::new(self);
        drop(this.ticket.take());
        // SAFETY: `this` is never dropped and gone at the end of this function, so the socket is
        // taken once and not used after.
        unsafe { ManuallyDrop::take(&mut this.socket) }
    }
}

impl<T: Into<OwnedFd>> Drop for Guarded<T> {
    fn drop(&mut self) {
        // SAFETY: a value is dropped once and nothing uses it after; `into_inner`, the only other
        // place that takes the socket, keeps this from running.
        let socket = unsafe { ManuallyDrop::take(&mut self.socket) };
        if self.suspect {
            let patience = if self.holds_a_name { NAME_PATIENCE } else { Duration::ZERO };
            reaper::close_within(vec![socket.into()], patience);
        }
    }
}

impl<T: Into<OwnedFd>> Deref for Guarded<T> {
    type Target = T;

    fn deref(&self) -> &T {
        &self.socket
    }
}

impl<T: Into<OwnedFd>> DerefMut for Guarded<T> {
    fn deref_mut(&mut self) -> &mut T {
        &mut self.socket
    }
}

impl<T: Into<OwnedFd> + fmt::Debug> fmt::Debug for Guarded<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.socket.fmt(f)
    }
}

#[cfg(test)]
mod tests {
    //! On pipes, since Miri has these: it sees a descriptor that is closed twice, or used after.

    use super::*;
    use rustix::fs::{OFlags, fcntl_setfl};
    use std::{
        io::{ErrorKind, PipeReader, Read, Write, pipe},
        thread,
        time::Instant,
    };

    const PATIENCE: Duration = Duration::from_secs(60);

    /// Waits until nobody has the other end any more. It asks over and over, because in Miri a read
    /// that waits already goes on waiting when the other end is closed.
    fn assert_closed(mut reader: PipeReader) {
        fcntl_setfl(&reader, OFlags::NONBLOCK).unwrap();
        let start = Instant::now();
        let end = loop {
            match reader.read(&mut [0]) {
                Err(error) if error.kind() == ErrorKind::WouldBlock => {
                    assert!(start.elapsed() < PATIENCE, "the other end is closed in time");
                    thread::sleep(Duration::from_millis(1));
                }
                end => break end,
            }
        };
        assert_eq!(end.unwrap(), 0);
    }

    #[test]
    fn what_is_no_suspect_is_closed_at_once_where_it_is_dropped() {
        let (reader, writer) = pipe().unwrap();
        drop(Guarded::new(writer, false));
        assert_closed(reader);
    }

    #[test]
    fn a_suspect_is_closed_too_whether_or_not_its_drop_waits_for_that() {
        for holds_a_name in [false, true] {
            let (reader, writer) = pipe().unwrap();
            let guarded = Guarded::new(writer, true);
            assert!(guarded.is_suspect());
            drop(if holds_a_name { guarded.holding_a_name() } else { guarded });
            assert_closed(reader);
        }
    }

    #[test]
    fn what_is_taken_out_stays_open_and_is_closed_once() {
        for suspect in [false, true] {
            let (mut reader, writer) = pipe().unwrap();
            let mut guarded = Guarded::new(writer, suspect);
            guarded.write_all(b"a").unwrap();
            let mut writer = guarded.into_inner();
            writer.write_all(b"b").unwrap();
            let mut heard = [0; 2];
            reader.read_exact(&mut heard).unwrap();
            assert_eq!(&heard, b"ab");
            drop(writer);
            assert_closed(reader);
        }
    }

    #[test]
    fn several_threads_drop_suspects_at_once_and_all_are_closed() {
        let readers: Vec<_> = (0..8).map(|_| pipe().unwrap()).collect();
        thread::scope(|scope| {
            for (reader, writer) in readers {
                scope.spawn(move || {
                    drop(Guarded::new(writer, true));
                    assert_closed(reader);
                });
            }
        });
    }
}
