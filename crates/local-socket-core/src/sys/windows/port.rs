//! The process's completion port and its one thread: operations that nobody waits for.
//!
//! An operation's OVERLAPPED and buffer are held by the table of those under way, from before it is
//! issued until its completion has been seen, whatever happens to the pipe or to who issued it.
//! Completions are looked up in the table by their address, and those of others are ignored: whoever
//! has a duplicate of a handle (`AsHandle`) shares its binding to the port, and what they issue
//! is posted here too. The drawback is a lock and a look-up for each operation.
//!
//! The port and the thread are made at the first need and stay. Since Windows Vista an operation of
//! a port's doesn't end with the thread that issued it (MSDN, "Asynchronous I/O and Asynchronous
//! RPC").

use super::overlapped::{Outcome, limited};
use std::{
    cell::UnsafeCell,
    collections::HashMap,
    fmt, io, mem,
    os::windows::io::{AsRawHandle, BorrowedHandle, FromRawHandle, OwnedHandle},
    panic::{AssertUnwindSafe, catch_unwind},
    ptr::{self, NonNull},
    sync::{Arc, LazyLock, Mutex, MutexGuard, OnceLock, PoisonError},
    thread,
};
use windows_sys::Win32::{
    Foundation::{ERROR_OPERATION_ABORTED, HANDLE, INVALID_HANDLE_VALUE, STATUS_PENDING},
    Storage::FileSystem::{ReadFile, SetFileCompletionNotificationModes, WriteFile},
    System::{
        IO::{
            CancelIoEx, CreateIoCompletionPort, GetQueuedCompletionStatusEx, OVERLAPPED,
            OVERLAPPED_ENTRY, PostQueuedCompletionStatus,
        },
        Pipes::ConnectNamedPipe,
        Threading::INFINITE,
    },
};

/// FILE_SKIP_COMPLETION_PORT_ON_SUCCESS.
const SKIP_PORT_ON_SUCCESS: u8 = 1;

/// What is done with the outcome of an operation that took its time. Runs on the port's thread, with
/// no lock of this module held.
pub(super) type Done = Box<dyn FnOnce(Outcome) + Send>;

/// An operation on a bound handle.
pub(super) struct Operation {
    overlapped: UnsafeCell<OVERLAPPED>,
    /// A box's, which the system alone reads or writes until the operation has ended.
    buffer: NonNull<[u8]>,
    reads: bool,
    /// How it ended, if at once: the system then doesn't always say so in the OVERLAPPED.
    at_once: OnceLock<Outcome>,
    done: Mutex<Option<Done>>,
}

// SAFETY: the system alone writes the OVERLAPPED and the buffer, and then nobody does.
unsafe impl Send for Operation {}
// SAFETY: as above; the rest is.
unsafe impl Sync for Operation {}

impl fmt::Debug for Operation {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Operation").field("outcome", &self.outcome()).finish_non_exhaustive()
    }
}

impl Operation {
    fn new(buffer: Box<[u8]>, reads: bool, done: Done) -> Arc<Self> {
        // Under way from the start, as the system has it.
        let overlapped = OVERLAPPED { Internal: STATUS_PENDING as usize, ..OVERLAPPED::default() };
        Arc::new(Self {
            overlapped: UnsafeCell::new(overlapped),
            buffer: NonNull::from(Box::leak(buffer)),
            reads,
            at_once: OnceLock::new(),
            done: Mutex::new(Some(done)),
        })
    }

    /// How it ended, as far as the system has told: it may have ended and not be seen here yet.
    pub(super) fn outcome(&self) -> Option<Outcome> {
        // SAFETY: it lives as long as this.
        let told = || unsafe { Outcome::of_operation(self.overlapped.get()) };
        self.at_once.get().copied().or_else(told)
    }

    /// What was read; nothing as long as it is under way.
    pub(super) fn bytes(&self) -> &[u8] {
        let Some(outcome) = self.outcome() else { return &[] };
        // SAFETY: it has ended, so nobody writes to it any more, and it lives as long as this.
        let buffer = unsafe { self.buffer.as_ref() };
        &buffer[..outcome.bytes.min(buffer.len())]
    }

    /// Asks the system to cancel it; it ends some way or other, and `done` is told.
    pub(super) fn cancel(&self, pipe: BorrowedHandle<'_>) {
        // SAFETY: the system compares the address with those of the operations it knows.
        let _ = unsafe { CancelIoEx(pipe.as_raw_handle(), self.overlapped.get()) };
    }

    /// Its completion came, and its OVERLAPPED doesn't know. Under Wine that is so if the thread that
    /// issued it has ended. Or it is the completion of somebody else's, whose memory is this one's by
    /// now; it can't be told, so the memory is never given back. What a read has brought isn't
    /// relied on.
    fn end_unseen(self: &Arc<Self>, entry: &OVERLAPPED_ENTRY) -> Outcome {
        mem::forget(self.clone());
        let told = Outcome::of_status(entry.Internal as i32, 0);
        let code = if self.reads { ERROR_OPERATION_ABORTED } else { told.code };
        *self.at_once.get_or_init(|| Outcome { code, bytes: 0 })
    }

    fn key(&self) -> usize {
        self.overlapped.get().addr()
    }
}

/// The table of those under way has a reference, so that this is of one that has ended.
impl Drop for Operation {
    fn drop(&mut self) {
        // SAFETY: it was a box, and nobody has it any more.
        drop(unsafe { Box::from_raw(self.buffer.as_ptr()) });
    }
}

/// What became of an operation when it was issued.
pub(super) enum Issued {
    /// It is done, and nobody else is told.
    Now(Outcome),
    /// It is under way, and `done` will be told, or has been.
    Later,
}

/// Binds a handle to the port, for good. Once for each pipe. After an error nothing may be issued here.
///
/// # Errors
/// ERROR_INVALID_PARAMETER: it is bound to a port already, or isn't overlapped. Or what is done at
/// once would be posted all the same.
pub(super) fn bind(pipe: BorrowedHandle<'_>) -> io::Result<()> {
    let port = port()?;
    // SAFETY: both handles are open.
    let bound = unsafe { CreateIoCompletionPort(pipe.as_raw_handle(), port as HANDLE, 0, 0) };
    if bound.is_null() {
        return Err(io::Error::last_os_error());
    }
    // What is done at once must not be posted: it isn't in the table any more when that is seen, and
    // another operation, whose OVERLAPPED is at the same address by then, would be taken for ended.
    // SAFETY: the handle is open.
    let skips =
        unsafe { SetFileCompletionNotificationModes(pipe.as_raw_handle(), SKIP_PORT_ON_SUCCESS) };
    if skips == 0 { Err(io::Error::last_os_error()) } else { Ok(()) }
}

/// Writes `buffer`, an empty one too. The handle is a bound one.
pub(super) fn write(pipe: BorrowedHandle<'_>, buffer: Box<[u8]>, done: Done) -> Issued {
    let (issued, _) = issue(buffer, false, done, |data, length, overlapped| {
        // SAFETY: `issue` keeps both until the system is done with them.
        unsafe { WriteFile(pipe.as_raw_handle(), data, length, ptr::null_mut(), overlapped) }
    });
    issued
}

/// Reads up to `size` bytes. The handle is a bound one.
pub(super) fn read(pipe: BorrowedHandle<'_>, size: usize, done: Done) -> (Issued, Arc<Operation>) {
    issue(vec![0; size].into(), true, done, |data, length, overlapped| {
        // SAFETY: `issue` keeps both until the system is done with them.
        unsafe { ReadFile(pipe.as_raw_handle(), data, length, ptr::null_mut(), overlapped) }
    })
}

/// Waits for a client. The handle is a bound one.
pub(super) fn connect(pipe: BorrowedHandle<'_>, done: Done) -> Issued {
    let (issued, _) = issue(Box::default(), false, done, |_, _, overlapped| {
        // SAFETY: `issue` keeps the OVERLAPPED until the system is done with it.
        unsafe { ConnectNamedPipe(pipe.as_raw_handle(), overlapped) }
    });
    issued
}

/// Has `done` called on the port's thread, after what has completed by now.
///
/// # Errors
/// The system has no memory left; `done` is dropped.
pub(super) fn post(done: Done) -> io::Result<()> {
    let port = port()?;
    let operation = Operation::new(Box::default(), false, done);
    let _ = operation.at_once.set(Outcome { code: 0, bytes: 0 });
    under_way().insert(operation.key(), operation.clone());
    // SAFETY: the port is never closed, and hands the address on as it is.
    let posted =
        unsafe { PostQueuedCompletionStatus(port as HANDLE, 0, 0, operation.overlapped.get()) };
    if posted != 0 {
        return Ok(());
    }
    let error = io::Error::last_os_error();
    under_way().remove(&operation.key());
    Err(error)
}

/// Asks the system to cancel all that this process has under way on the pipe.
pub(super) fn cancel_all(pipe: BorrowedHandle<'_>) {
    // SAFETY: the handle is open; null is every operation.
    let _ = unsafe { CancelIoEx(pipe.as_raw_handle(), ptr::null()) };
}

fn issue(
    buffer: Box<[u8]>,
    reads: bool,
    done: Done,
    call: impl FnOnce(*mut u8, u32, *mut OVERLAPPED) -> i32,
) -> (Issued, Arc<Operation>) {
    let length = limited(buffer.len());
    let operation = Operation::new(buffer, reads, done);
    under_way().insert(operation.key(), operation.clone());
    let overlapped = operation.overlapped.get();
    let succeeded = call(operation.buffer.as_ptr().cast(), length, overlapped);
    // SAFETY: of this very call.
    let issued = match unsafe { Outcome::of_call(succeeded, overlapped) } {
        None => Issued::Later,
        Some(outcome) => {
            // Some that end at once are posted all the same, ERROR_MORE_DATA perhaps. They aren't
            // found then.
            under_way().remove(&operation.key());
            let _ = operation.at_once.set(outcome);
            Issued::Now(outcome)
        }
    };
    (issued, operation)
}

/// The operations under way, by the address of their OVERLAPPED.
fn under_way() -> MutexGuard<'static, HashMap<usize, Arc<Operation>>> {
    static UNDER_WAY: LazyLock<Mutex<HashMap<usize, Arc<Operation>>>> =
        LazyLock::new(Mutex::default);
    UNDER_WAY.lock().unwrap_or_else(PoisonError::into_inner)
}

/// The port, whose thread runs.
fn port() -> io::Result<usize> {
    static PORT: Mutex<Option<usize>> = Mutex::new(None);
    let mut made = PORT.lock().unwrap_or_else(PoisonError::into_inner);
    if let Some(port) = *made {
        return Ok(port);
    }
    // SAFETY: a new port, for one thread.
    let port = unsafe { CreateIoCompletionPort(INVALID_HANDLE_VALUE, ptr::null_mut(), 0, 1) };
    if port.is_null() {
        return Err(io::Error::last_os_error());
    }
    // SAFETY: just made, and nobody else's; closed if the thread can't be started.
    let port = unsafe { OwnedHandle::from_raw_handle(port) };
    let address = port.as_raw_handle() as usize;
    thread::Builder::new().name("local-socket-port".into()).spawn(move || serve(address))?;
    mem::forget(port);
    *made = Some(address);
    Ok(address)
}

/// How many completions are taken at a time.
const BATCH: usize = 64;

fn serve(port: usize) {
    let mut entries = [OVERLAPPED_ENTRY::default(); BATCH];
    loop {
        let mut taken = 0;
        // SAFETY: the port is never closed, and there are as many entries as is said.
        let succeeded = unsafe {
            GetQueuedCompletionStatusEx(
                port as HANDLE,
                entries.as_mut_ptr(),
                BATCH as u32,
                &mut taken,
                INFINITE,
                0,
            )
        };
        if succeeded != 0 {
            entries.iter().take(taken as usize).for_each(complete);
        }
    }
}

fn complete(entry: &OVERLAPPED_ENTRY) {
    let Some(operation) = under_way().remove(&entry.lpOverlapped.addr()) else { return };
    let outcome = operation.outcome().unwrap_or_else(|| operation.end_unseen(entry));
    let done = operation.done.lock().unwrap_or_else(PoisonError::into_inner).take();
    drop(operation);
    if let Some(done) = done {
        // A callback that panics must not take the others' thread with it.
        let _ = catch_unwind(AssertUnwindSafe(|| done(outcome)));
    }
}
