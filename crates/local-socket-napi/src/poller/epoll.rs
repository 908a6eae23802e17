//! epoll(7), for Linux and Android.

use {
    super::{Interest, LASTING, READABLE, Ready, WRITABLE},
    crate::endpoint::{Endpoint, Token},
    rustix::{
        event::{
            Timespec,
            epoll::{self, CreateFlags, Event, EventData, EventFlags},
        },
        io::Errno,
    },
    std::{
        cell::RefCell,
        io,
        mem::MaybeUninit,
        os::fd::{AsFd, BorrowedFd, OwnedFd},
    },
};

/// The descriptor and the room for one batch of its answers.
pub struct Poller {
    epoll: OwnedFd,
    batch: RefCell<Box<[MaybeUninit<Event>]>>,
}

impl Poller {
    /// A poller that reports at most `batch` endpoints at once.
    pub fn new(batch: usize) -> io::Result<Self> {
        Ok(Self {
            epoll: epoll::create(CreateFlags::CLOEXEC)?,
            batch: RefCell::new(Box::new_uninit_slice(batch)),
        })
    }

    /// Begins to watch for input. If there is any already, it is reported.
    pub fn add(&self, source: &Endpoint, token: Token) -> io::Result<()> {
        epoll::add(&self.epoll, source, data(token), flags(Interest::Input))?;
        Ok(())
    }

    /// Changes what is watched for. What is ready already is reported again (epoll_ctl(2)).
    pub fn modify(&self, source: &Endpoint, token: Token, interest: Interest) -> io::Result<()> {
        epoll::modify(&self.epoll, source, data(token), flags(interest))?;
        Ok(())
    }

    /// Ends watching. Closing alone wouldn't do while another process or a duplicate holds the
    /// same open file description (epoll(7), question 6).
    pub fn remove(&self, source: &Endpoint) {
        // It fails only if the source was never added.
        let _ = epoll::delete(&self.epoll, source);
    }

    /// Hands over what is ready now, without waiting; what doesn't fit in a batch comes next time.
    pub fn wait(&self, mut report: impl FnMut(Ready)) -> io::Result<()> {
        let mut batch = self.batch.borrow_mut();
        let at_once = Timespec::default();
        let events = match epoll::wait(&self.epoll, &mut **batch, Some(&at_once)) {
            Ok((events, _)) => events,
            Err(Errno::INTR) => return Ok(()),
            Err(errno) => return Err(errno.into()),
        };
        for event in events {
            let (token, flags) = (token(event.data.u64()), event.flags);
            report(Ready { token, flags: ready(flags) });
        }
        Ok(())
    }
}

impl AsFd for Poller {
    fn as_fd(&self) -> BorrowedFd<'_> {
        self.epoll.as_fd()
    }
}

/// A token as the one word that epoll carries.
fn data(Token { index, generation }: Token) -> EventData {
    EventData::new_u64(u64::from(generation) << 32 | u64::from(index))
}

/// Back from that word.
fn token(word: u64) -> Token {
    Token { index: word as u32, generation: (word >> 32) as u32 }
}

fn flags(interest: Interest) -> EventFlags {
    let input = EventFlags::IN | EventFlags::PRI | EventFlags::RDHUP | EventFlags::ET;
    match interest {
        Interest::Input => input,
        Interest::InputAndOutput => input | EventFlags::OUT,
    }
}

/// Hang-ups and errors concern both directions: the next call on either will tell which it is. PRI
/// says that the peer has marked a byte as out-of-band (Linux 5.15), at which reads stop short.
fn ready(flags: EventFlags) -> i32 {
    let both = EventFlags::HUP | EventFlags::ERR;
    let lasting = EventFlags::PRI | EventFlags::RDHUP | both;
    let mut bits = 0;
    if flags.intersects(EventFlags::IN | lasting) {
        bits |= READABLE;
    }
    if flags.intersects(lasting) {
        bits |= LASTING;
    }
    if flags.intersects(EventFlags::OUT | both) {
        bits |= WRITABLE;
    }
    bits
}
