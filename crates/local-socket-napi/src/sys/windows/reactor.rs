//! What a reactor does by pipes.

use {
    super::bad_id,
    crate::{
        endpoint::{Connected, Endpoint},
        poller::WRITABLE,
        reactor::Reactor,
        spin::retry,
    },
    local_socket::Stream,
    std::{
        io, thread,
        time::{Duration, Instant},
    },
};

/// How many bytes one call writes at most, piece by piece as the core takes them: beyond, a peer
/// that reads as fast would hold up the JavaScript thread.
const MOST_AT_ONCE: usize = 1024 * 1024;

/// How often `flush_all` looks whether what was written has arrived.
const FLUSH_LOOK: Duration = Duration::from_millis(1);

impl Reactor {
    /// Closes a stream that was just accepted and isn't wanted. Nothing that a peer can attach to
    /// its bytes makes that take long.
    pub fn refuse(&self, id: u32) -> io::Result<()> {
        self.take(id).map(drop)
    }

    /// Waits awake for one of these to become readable, `longest` at most; how many are. Their
    /// positions in `ids` replace its beginning.
    pub fn spin(&self, ids: &mut [i32], longest: Duration) -> io::Result<usize> {
        let looked = retry(longest, || match self.look(ids)? {
            0 => Err(io::ErrorKind::WouldBlock.into()),
            count => Ok(count),
        });
        match looked {
            Err(error) if error.kind() == io::ErrorKind::WouldBlock => Ok(0),
            answer => answer,
        }
    }

    /// One look at each of them. While none is ready, `ids` stays as it is.
    fn look(&self, ids: &mut [i32]) -> io::Result<usize> {
        let mut count = 0;
        for position in 0..ids.len() {
            let id = u32::try_from(ids[position]).map_err(|_| bad_id())?;
            let waits = match pipe(&*self.stream(id)?).try_readable() {
                Err(error) => error.kind() == io::ErrorKind::WouldBlock,
                Ok(()) => false,
            };
            if !waits {
                ids[count] = position as i32;
                count += 1;
            }
        }
        Ok(count)
    }

    /// Writes `length` bytes to a stream by `attempt`, which is told how many of them have gone:
    /// again until one would block, so that the core tells of room. Its other errors after a part
    /// has gone are told by the next write as well.
    pub fn write(
        &self,
        id: u32,
        length: usize,
        mut attempt: impl FnMut(&Stream, usize) -> io::Result<usize>,
    ) -> io::Result<usize> {
        let Connected { stream, traits, .. } = &*self.connected(id)?;
        let mut gone = 0;
        while gone < length {
            match attempt(stream, gone) {
                Ok(count) => gone += count,
                Err(error) if gone == 0 => return Err(error),
                Err(_) => return Ok(gone),
            }
            if gone >= MOST_AT_ONCE && gone < length {
                // Nothing would block yet, so that nobody else tells of room.
                if let Some(watched) = traits.watched.get() {
                    watched.tell(WRITABLE);
                }
                break;
            }
        }
        Ok(gone)
    }

    /// Whether what was written has arrived; `WouldBlock`: not yet, and room to write is told then.
    pub fn flushed(&self, id: u32) -> io::Result<()> {
        let stream = self.stream(id)?;
        pipe(&stream).try_flush()
    }

    /// Waits until what was written to all streams has arrived, `longest` at most; of how many it
    /// had not.
    pub fn flush_all(&self, longest: Duration) -> usize {
        let began = Instant::now();
        let writing =
            || self.endpoints.borrow().iter().filter(|endpoint| is_writing(endpoint)).count();
        let count = writing();
        while writing() > 0 && began.elapsed() < longest {
            thread::sleep(FLUSH_LOOK);
        }
        count
    }

    /// A pipe has a handle and no descriptor: `Unsupported`.
    pub fn descriptor(&self, _id: u32) -> io::Result<i32> {
        Err(io::ErrorKind::Unsupported.into())
    }
}

fn is_writing(endpoint: &Endpoint) -> bool {
    match endpoint {
        Endpoint::Stream(connected) => pipe(&connected.stream).is_writing(),
        Endpoint::Listener(_) => false,
    }
}

fn pipe(stream: &Stream) -> &local_socket::os::windows::named_pipe::local_socket::Stream {
    let Stream::NamedPipe(pipe) = stream;
    pipe
}
