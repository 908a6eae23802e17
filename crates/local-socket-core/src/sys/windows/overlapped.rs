//! Overlapped operations that the calling thread waits for.
//!
//! Their OVERLAPPED and buffers belong to the caller, which is sound because nothing here returns
//! before the system is done with them. Each has an event; its low bit is set, so that nothing is
//! posted to a completion port that the handle may be bound to (GetQueuedCompletionStatus, MSDN).
#![allow(
    clippy::missing_const_for_thread_local,
    reason = "it is; some targets expand it otherwise"
)]

use std::{
    cell::Cell,
    io,
    os::windows::io::{AsRawHandle, BorrowedHandle, FromRawHandle, OwnedHandle},
    ptr,
    sync::atomic::{Ordering, fence},
    time::{Duration, Instant},
};
use windows_sys::Win32::{
    Foundation::{
        ERROR_IO_PENDING, GetLastError, HANDLE, NTSTATUS, RtlNtStatusToDosError, STATUS_PENDING,
        WAIT_OBJECT_0, WAIT_TIMEOUT,
    },
    Storage::FileSystem::{ReadFile, WriteFile},
    System::{
        IO::{CancelIoEx, OVERLAPPED},
        Threading::{CreateEventW, INFINITE, WaitForSingleObject},
    },
};

/// How an operation ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Outcome {
    /// The system's error number; 0 is success.
    pub(super) code: u32,
    /// How many bytes were moved. ERROR_MORE_DATA comes with bytes too.
    pub(super) bytes: usize,
}

impl Outcome {
    /// The outcome of a call that has returned; `None` if it is under way.
    ///
    /// # Safety
    /// `overlapped` is the one of the call, and can be read.
    pub(super) unsafe fn of_call(succeeded: i32, overlapped: *const OVERLAPPED) -> Option<Self> {
        let code = if succeeded == 0 { last_error() } else { 0 };
        if code == ERROR_IO_PENDING {
            return None;
        }
        // SAFETY: the caller's promise.
        let bytes = unsafe { ptr::read_volatile(&raw const (*overlapped).InternalHigh) };
        Some(Self { code, bytes })
    }

    /// The outcome of an operation that was under way; `None` if it still is
    /// (HasOverlappedIoCompleted, MSDN).
    ///
    /// # Safety
    /// `overlapped` can be read.
    pub(super) unsafe fn of_operation(overlapped: *const OVERLAPPED) -> Option<Self> {
        // SAFETY: the caller's promise; volatile, for the kernel writes it.
        let status = unsafe { ptr::read_volatile(&raw const (*overlapped).Internal) } as i32;
        if status == STATUS_PENDING {
            return None;
        }
        fence(Ordering::Acquire);
        // SAFETY: the caller's promise.
        let bytes = unsafe { ptr::read_volatile(&raw const (*overlapped).InternalHigh) };
        Some(Self::of_status(status, bytes))
    }

    /// Of an operation that has ended.
    pub(super) fn of_status(status: NTSTATUS, bytes: usize) -> Self {
        // SAFETY: no preconditions.
        let code = if status == 0 { 0 } else { unsafe { RtlNtStatusToDosError(status) } };
        Self { code, bytes }
    }
}

/// What a waited-for operation came to.
#[derive(Clone, Copy, Debug)]
pub(super) struct Ended {
    pub(super) outcome: Outcome,
    /// It wasn't done when the call returned.
    pub(super) waited: bool,
    /// It was cancelled because the deadline had passed, unless it was done just then.
    pub(super) expired: bool,
}

/// Tells an operation under way from others, to cancel it. Only while its owner is known to wait.
#[derive(Clone, Copy, Debug)]
pub(super) struct Underway(*const OVERLAPPED);

// SAFETY: it is a name; nothing is read or written through it in this process.
unsafe impl Send for Underway {}

impl Underway {
    /// Asks the system to cancel it. It may end otherwise all the same.
    pub(super) fn cancel(self, pipe: BorrowedHandle<'_>) {
        // SAFETY: the system compares the address with those of the operations it knows.
        let _ = unsafe { CancelIoEx(pipe.as_raw_handle(), self.0) };
    }
}

/// Reads into `buf` until `deadline`; `None` is for ever. `started` is called if it has to wait.
pub(super) fn read(
    pipe: BorrowedHandle<'_>,
    buf: &mut [u8],
    deadline: Option<Instant>,
    started: impl FnOnce(Underway),
) -> io::Result<Ended> {
    let (data, length) = (buf.as_mut_ptr(), limited(buf.len()));
    run(pipe, deadline, started, |pipe, overlapped| {
        // SAFETY: `run` returns when the system is done with both.
        unsafe { ReadFile(pipe, data, length, ptr::null_mut(), overlapped) }
    })
}

/// Writes all of `buf`, however long it takes. `started` is called if it has to wait.
pub(super) fn write(
    pipe: BorrowedHandle<'_>,
    buf: &[u8],
    started: impl FnOnce(Underway),
) -> io::Result<Ended> {
    let (data, length) = (buf.as_ptr(), limited(buf.len()));
    run(pipe, None, started, |pipe, overlapped| {
        // SAFETY: `run` returns when the system is done with both.
        unsafe { WriteFile(pipe, data, length, ptr::null_mut(), overlapped) }
    })
}

/// The number of the system's last error.
pub(super) fn last_error() -> u32 {
    // SAFETY: no preconditions.
    unsafe { GetLastError() }
}

/// A length as the system takes it.
pub(super) fn limited(length: usize) -> u32 {
    u32::try_from(length).unwrap_or(u32::MAX)
}

fn run(
    pipe: BorrowedHandle<'_>,
    deadline: Option<Instant>,
    started: impl FnOnce(Underway),
    issue: impl FnOnce(HANDLE, *mut OVERLAPPED) -> i32,
) -> io::Result<Ended> {
    let event = take_event()?;
    let raw_event = event.as_raw_handle();
    let mut overlapped =
        OVERLAPPED { hEvent: raw_event.map_addr(|address| address | 1), ..OVERLAPPED::default() };
    let overlapped = &raw mut overlapped;
    let succeeded = issue(pipe.as_raw_handle(), overlapped);
    // SAFETY: of this very call.
    let at_once = unsafe { Outcome::of_call(succeeded, overlapped) };
    let ended = match at_once {
        Some(outcome) => Ended { outcome, waited: false, expired: false },
        None => {
            let wait = Wait { pipe, overlapped, event: raw_event };
            started(Underway(overlapped));
            wait.until(deadline)
        }
    };
    put_event(event);
    Ok(ended)
}

/// An operation under way, whose memory is its owner's: not given up before the system is done.
struct Wait<'a> {
    pipe: BorrowedHandle<'a>,
    overlapped: *const OVERLAPPED,
    event: HANDLE,
}

impl Wait<'_> {
    fn until(self, deadline: Option<Instant>) -> Ended {
        let mut expired = false;
        let outcome = loop {
            if let Some(outcome) = self.outcome() {
                break outcome;
            }
            let left = deadline.map(|deadline| deadline.saturating_duration_since(Instant::now()));
            if left == Some(Duration::ZERO) && !expired {
                expired = true;
                Underway(self.overlapped).cancel(self.pipe);
            }
            self.pause(if expired { INFINITE } else { left.map_or(INFINITE, milliseconds) });
        };
        Ended { outcome, waited: true, expired }
    }

    fn outcome(&self) -> Option<Outcome> {
        // SAFETY: the owner of this is the owner of the OVERLAPPED, which outlives it.
        unsafe { Outcome::of_operation(self.overlapped) }
    }

    fn pause(&self, milliseconds: u32) {
        // SAFETY: the event is open as long as this is.
        let result = unsafe { WaitForSingleObject(self.event, milliseconds) };
        if result != WAIT_OBJECT_0 && result != WAIT_TIMEOUT {
            std::thread::sleep(Duration::from_millis(1));
        }
    }
}

/// Also on unwinding: the memory isn't let go of while the system may write to it.
impl Drop for Wait<'_> {
    fn drop(&mut self) {
        if self.outcome().is_none() {
            Underway(self.overlapped).cancel(self.pipe);
            while self.outcome().is_none() {
                self.pause(INFINITE);
            }
        }
    }
}

/// Rounded up, so that nothing expires early; shorter than for ever.
pub(super) fn milliseconds(duration: Duration) -> u32 {
    let up = duration.as_nanos().div_ceil(1_000_000);
    u32::try_from(up).unwrap_or(u32::MAX).min(INFINITE - 1)
}

thread_local! {
    /// An event that the thread's next operation takes, rather than to make one.
    static SPARE: Cell<Option<OwnedHandle>> = const { Cell::new(None) };
}

fn take_event() -> io::Result<OwnedHandle> {
    match SPARE.try_with(Cell::take) {
        Ok(Some(event)) => Ok(event),
        // None yet, or the thread is on its way out.
        _ => new_event(),
    }
}

fn put_event(event: OwnedHandle) {
    let _ = SPARE.try_with(|spare| spare.set(Some(event)));
}

fn new_event() -> io::Result<OwnedHandle> {
    // SAFETY: no attributes, no name; manual reset, for an operation resets its event itself.
    let event = unsafe { CreateEventW(ptr::null(), 1, 0, ptr::null()) };
    if event.is_null() {
        return Err(io::Error::last_os_error());
    }
    // SAFETY: just made, and nobody else's.
    Ok(unsafe { OwnedHandle::from_raw_handle(event) })
}
