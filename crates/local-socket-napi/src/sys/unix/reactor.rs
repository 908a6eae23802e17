//! What a reactor does by descriptors.

use {
    super::{bad_id, spin::spin},
    crate::{
        endpoint::{Connected, Endpoint},
        reactor::Reactor,
    },
    local_socket::Stream,
    rustix::event::{PollFd, PollFlags},
    std::{
        io,
        os::fd::{AsFd, AsRawFd, RawFd},
        time::Duration,
    },
};

/// How much may wait in the kernel for the peer to read it, in bytes: the most that an unprivileged
/// process gets on Linux as it comes (`net.core.wmem_max`), which is twice the default, since the
/// kernel doubles what it is told. There are fewer wake-ups for each byte, and a peer that doesn't
/// read pins twice as much.
///
/// A stream gets it when its buffer is full for the first time. An accepted Unix socket doesn't
/// inherit the listener's on Linux, and most connections never fill theirs: that saves them a
/// system call.
const SEND_BUFFER: usize = 212_992;

impl Reactor {
    /// Closes a stream that was just accepted and isn't wanted, on a thread of its own: what its
    /// peer attached can make that take long. Nobody has been shown its descriptor.
    pub fn refuse(&self, id: u32) -> io::Result<()> {
        let endpoint = self.take(id)?;
        self.poller.remove(&endpoint);
        if let Endpoint::Stream(Connected { stream: Stream::UdSocket(socket), .. }) = endpoint {
            socket.close_in_background();
        }
        Ok(())
    }

    /// Waits awake for one of these to become readable, `longest` at most; how many are. Their
    /// positions in `ids` replace its beginning.
    pub fn spin(&self, ids: &mut [i32], longest: Duration) -> io::Result<usize> {
        let endpoints = self.endpoints.borrow();
        let sources: Option<Vec<_>> =
            ids.iter().map(|&id| Some(source(endpoints.get(u32::try_from(id).ok()?)?))).collect();
        let mut sources = sources.ok_or_else(bad_id)?;
        spin(&mut sources, longest)?;
        let ready = (0..).zip(&sources).filter(|(_, source)| !source.revents().is_empty());
        let mut count = 0;
        for (place, (position, _)) in ids.iter_mut().zip(ready) {
            *place = position;
            count += 1;
        }
        Ok(count)
    }

    /// Writes `length` bytes to a stream by `attempt`, which is told how many of them have gone.
    /// When its buffer is full for the first time, that grows, and there is a second attempt. Its
    /// error after a part has gone is kept for the next call, since the kernel tells some only
    /// once.
    pub fn write(
        &self,
        id: u32,
        length: usize,
        mut attempt: impl FnMut(&Stream, usize) -> io::Result<usize>,
    ) -> io::Result<usize> {
        let Connected { stream, traits, .. } = &*self.connected(id)?;
        if let Some(errno) = traits.late.take() {
            return Err(io::Error::from_raw_os_error(errno));
        }
        let grown = &traits.grown;
        let gone = match attempt(stream, 0) {
            Ok(count) if count < length && !grown.get() => count,
            Err(error) if error.kind() == io::ErrorKind::WouldBlock && !grown.get() => 0,
            answer => return answer,
        };
        grown.set(true);
        let Stream::UdSocket(socket) = stream;
        // Without it the stream goes on as it was.
        let _ = socket.set_send_buffer_size(SEND_BUFFER);
        match attempt(stream, gone) {
            Ok(count) => Ok(gone + count),
            Err(error) if gone == 0 => Err(error),
            Err(error) => {
                let number =
                    error.raw_os_error().filter(|_| error.kind() != io::ErrorKind::WouldBlock);
                traits.late.set(number);
                Ok(gone)
            }
        }
    }

    /// What was written is the kernel's already.
    pub fn flushed(&self, _id: u32) -> io::Result<()> {
        Ok(())
    }

    /// There is nothing to wait for: what was written is the kernel's already.
    pub fn flush_all(&self, _longest: Duration) -> usize {
        0
    }

    /// The raw descriptor of a number, for show.
    pub fn descriptor(&self, id: u32) -> io::Result<RawFd> {
        let endpoints = self.endpoints.borrow();
        let endpoint = endpoints.get(id).ok_or_else(bad_id)?;
        if let Endpoint::Stream(connected) = endpoint {
            connected.traits.shown.set(true);
        }
        Ok(endpoint.as_fd().as_raw_fd())
    }
}

/// An endpoint as `poll` looks at it.
fn source(endpoint: &Endpoint) -> PollFd<'_> {
    PollFd::from_borrowed_fd(endpoint.as_fd(), PollFlags::IN)
}
