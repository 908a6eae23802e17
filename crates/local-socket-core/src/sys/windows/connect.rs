//! Connecting, with and without a time limit.
//!
//! A pipe whose instances are all taken is busy, and there is a call that waits until one is free
//! (WaitNamedPipeW). It takes none, so whoever waited may find it taken again, and goes on with
//! what is left of its time.

use super::{
    admission, instance, name,
    pipe::{End, Pipe},
};
use crate::{
    error::{AddressError, Advised, NameError, Operation},
    name::Name,
    options::{ConnectOptions, ConnectWaitMode},
};
use std::{
    io,
    os::windows::io::{AsHandle, AsRawHandle, FromRawHandle, OwnedHandle},
    ptr,
    sync::Arc,
    thread,
    time::{Duration, Instant},
};
use windows_sys::Win32::{
    Foundation::{ERROR_ACCESS_DENIED, ERROR_PIPE_BUSY, ERROR_TIMEOUT, INVALID_HANDLE_VALUE},
    Networking::WinSock::{WSAECONNREFUSED, WSAECONNRESET, WSAEWOULDBLOCK},
    Storage::FileSystem::{
        CreateFileW, FILE_FLAG_OVERLAPPED, FILE_READ_ATTRIBUTES, FILE_READ_DATA, FILE_TYPE_PIPE,
        FILE_WRITE_ATTRIBUTES, FILE_WRITE_DATA, GetFileType, OPEN_EXISTING, READ_CONTROL,
        SECURITY_IDENTIFICATION, SECURITY_SQOS_PRESENT, SYNCHRONIZE,
    },
};

/// What a client needs: bytes both ways; the type of the pipe (FILE_READ_ATTRIBUTES) and the mode
/// of reading (FILE_WRITE_ATTRIBUTES, SetNamedPipeHandleState); whose pipe it is (READ_CONTROL);
/// waiting.
///
/// It is less than GENERIC_READ | GENERIC_WRITE, so that a pipe may grant less. Those hold
/// FILE_APPEND_DATA too, which for pipes is FILE_CREATE_PIPE_INSTANCE, the right to serve the name.
/// npfs takes it out of what a client asks for before it compares with the pipe's descriptor
/// (ReactOS, NpCreateClientEnd), so that a grant of 0x12019B is enough for programs that do ask.
const ACCESS: u32 = FILE_READ_DATA
    | FILE_WRITE_DATA
    | FILE_READ_ATTRIBUTES
    | FILE_WRITE_ATTRIBUTES
    | READ_CONTROL
    | SYNCHRONIZE;

const ACCESS_DENIED: i32 = ERROR_ACCESS_DENIED as i32;

/// The longest single wait. A wait that begins as the server goes would last for as long as any
/// client keeps its end open, since npfs keeps the name for those; a look now and then finds out.
const LONGEST_WAIT: Duration = Duration::from_secs(1);

const BUSY: &str = "every instance of the pipe is taken: the listener's backlog is full";

const DENIED: &str = "the pipe is another user's, or an elevated program's, whose rules don't let \
    this program in";

/// Opens the pipe, waiting as the options say.
pub(super) fn connect(options: &ConnectOptions<'_>) -> io::Result<Arc<Pipe>> {
    if matches!(options.wait_mode, ConnectWaitMode::Deferred) {
        return try_connect(options);
    }
    let deadline = deadline(options);
    attempt(options, |path| {
        loop {
            match open(path) {
                Err(error) if is_busy(&error) => wait_once(path, deadline)?,
                done => return done,
            }
        }
    })
}

/// Tries once. `WouldBlock`: the pipe is there, and every instance is busy.
pub(super) fn try_connect(options: &ConnectOptions<'_>) -> io::Result<Arc<Pipe>> {
    attempt(options, |path| match open(path) {
        Err(error) if is_busy(&error) => Err(Advised::wrap(WSAEWOULDBLOCK, BUSY)),
        done => done,
    })
}

/// Until when connecting may take, by the options. `None` is for ever.
fn deadline(options: &ConnectOptions<'_>) -> Option<Instant> {
    match options.wait_mode {
        ConnectWaitMode::Unbounded => None,
        ConnectWaitMode::Timeout(limit) => Instant::now().checked_add(limit),
        ConnectWaitMode::Deferred => Some(Instant::now()),
    }
}

/// The error that says whom, and how long it was waited for if in vain.
pub(super) fn failed(name: &Name<'_>, options: &ConnectOptions<'_>, cause: io::Error) -> io::Error {
    let limit = match options.wait_mode {
        ConnectWaitMode::Timeout(limit) => Some(limit),
        _ => None,
    };
    AddressError::wrap(Operation::Connect, name, limit, cause)
}

/// The error of a connection that took too long.
pub(super) fn timed_out() -> io::Error {
    io::Error::from_raw_os_error(ERROR_TIMEOUT as i32)
}

fn attempt(
    options: &ConnectOptions<'_>,
    open: impl FnOnce(&[u16]) -> io::Result<OwnedHandle>,
) -> io::Result<Arc<Pipe>> {
    let name = options.name.as_ref().ok_or(NameError::Missing)?;
    let reach = || {
        let handle = open(&name::wide(name)?)?;
        let pipe = Pipe::new(handle, End::Client).map_err(explain_loss)?;
        admission::check_server(&pipe, options.server.as_ref()).map_err(explain_loss)?;
        Ok(pipe)
    };
    reach().map_err(|cause| failed(name, options, cause))
}

/// A server can end a connection as soon as it is there, as one does that doesn't let the client in.
/// Mostly that is seen when reading.
fn explain_loss(error: io::Error) -> io::Error {
    if instance::is_over(&error) {
        return Advised::wrap(WSAECONNRESET, "the server ended the connection at once");
    }
    error
}

/// Opens the pipe. The server may identify the client and no more (SECURITY_IDENTIFICATION): it
/// can't act in its name.
fn open(path: &[u16]) -> io::Result<OwnedHandle> {
    // SAFETY: the path ends with a NUL, and the other pointers may be null.
    let handle = unsafe {
        CreateFileW(
            path.as_ptr(),
            ACCESS,
            0,
            ptr::null(),
            OPEN_EXISTING,
            FILE_FLAG_OVERLAPPED | SECURITY_SQOS_PRESENT | SECURITY_IDENTIFICATION,
            ptr::null_mut(),
        )
    };
    if handle == INVALID_HANDLE_VALUE {
        let error = io::Error::last_os_error();
        return Err(match error.raw_os_error() {
            Some(ACCESS_DENIED) => Advised::wrap(ACCESS_DENIED, DENIED),
            _ => error,
        });
    }
    // SAFETY: it was just opened, and nobody else knows it.
    let handle = unsafe { OwnedHandle::from_raw_handle(handle) };
    // SAFETY: the handle is open.
    if unsafe { GetFileType(handle.as_handle().as_raw_handle()) } != FILE_TYPE_PIPE {
        return Err(Advised::wrap(WSAECONNREFUSED, "what has that name is no pipe"));
    }
    Ok(handle)
}

fn is_busy(error: &io::Error) -> bool {
    error.raw_os_error() == Some(ERROR_PIPE_BUSY as i32)
}

/// Waits for an instance, for a while. Whether one is free, opening tells; if the pipe seems to be
/// gone, it is asked again soon.
fn wait_once(path: &[u16], deadline: Option<Instant>) -> io::Result<()> {
    let slice = slice(deadline)?;
    if !instance::wait(path, slice) {
        thread::sleep(Duration::from_millis(1));
    }
    Ok(())
}

/// How many milliseconds may be waited now, at least one. `TimedOut`: none is left.
fn slice(deadline: Option<Instant>) -> io::Result<u32> {
    let left = match deadline {
        None => LONGEST_WAIT,
        Some(deadline) => deadline.saturating_duration_since(Instant::now()).min(LONGEST_WAIT),
    };
    if left.is_zero() {
        return Err(timed_out());
    }
    // Rounded up: a wait of part of a millisecond would be none.
    Ok(left.as_micros().div_ceil(1000) as u32)
}
