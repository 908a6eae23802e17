//! Connecting on tokio.
//!
//! Each attempt is a nonblocking one. Linux has no event for the moment there is room in a full
//! backlog (connect(2)), so attempts are repeated with pauses in between. The drawback: a
//! connection may be made one pause later than it could, and who waits in a blocking connect goes
//! first.

use super::{Stream, timer::Timer};
use crate::{
    error::NameError,
    name::Name,
    options::{ConnectOptions, ConnectWaitMode},
    sys::unix::{
        address::{self, Address},
        admission,
        connect::{attempt, failed},
        descriptors,
        guarded::Guarded,
        shared_folder, socket,
    },
};
use rustix::io::Errno;
use std::{
    io,
    os::{
        fd::{AsFd, BorrowedFd},
        unix::net::UnixStream as StdUnixStream,
    },
    time::{Duration, Instant},
};

/// The first pause. Each one is twice as long as the one before it.
const FIRST_PAUSE: Duration = Duration::from_millis(1);

/// The longest pause, and so how late a connection may be made after there is room.
const LONGEST_PAUSE: Duration = Duration::from_millis(20);

/// Connects by the options. If the future is dropped before it is done, the socket is closed and
/// nothing is left in the listener's backlog.
pub(super) async fn connect(options: &ConnectOptions<'_>) -> io::Result<Stream> {
    let name = options.name.as_ref().ok_or(NameError::Missing)?;
    connect_to(name, options).await.map_err(|cause| failed(name, options, cause))
}

async fn connect_to(name: &Name<'_>, options: &ConnectOptions<'_>) -> io::Result<Stream> {
    let address = address::of(name)?;
    let special = name.as_path().filter(|_| name.is_special());
    let seen = special.map(shared_folder::look).transpose()?;
    let socket = socket::new(true)?;
    let suspect = !options.receive_descriptors && !descriptors::refuse(socket.as_fd())?;
    let socket = Guarded::new(StdUnixStream::from(socket), suspect);
    attempt_again(socket.as_fd(), &address, options.wait_mode).await?;
    // Not before: to epoll(7) a socket that isn't connected has hung up, and the runtime would
    // believe that for ever.
    let socket = socket.into_inner().into();
    let socket = match seen {
        Some(seen) => seen.confirm(socket)?,
        None => socket,
    };
    let socket = admission::check_server(socket, options.server.as_ref())?;
    Stream::register(Guarded::new(socket.into(), suspect), None)
}

/// As often as the mode says. An attempt that found no room leaves the socket as it was.
async fn attempt_again(
    socket: BorrowedFd<'_>,
    address: &Address<'_>,
    mode: ConnectWaitMode,
) -> io::Result<()> {
    let start = Instant::now();
    let mut pause = FIRST_PAUSE;
    let mut timer = None;
    loop {
        match attempt(socket, address) {
            Err(Errno::AGAIN) => {}
            result => return Ok(result?),
        }
        let left = match mode {
            ConnectWaitMode::Deferred => return Err(Errno::AGAIN.into()),
            ConnectWaitMode::Timeout(limit) => limit.saturating_sub(start.elapsed()),
            ConnectWaitMode::Unbounded => Duration::MAX,
        };
        if left.is_zero() {
            return Err(Errno::TIMEDOUT.into());
        }
        let timer = match &mut timer {
            Some(timer) => timer,
            none => none.insert(Timer::new()?),
        };
        timer.sleep(pause.min(left)).await?;
        pause = LONGEST_PAUSE.min(pause * 2);
    }
}
