//! Instances of a pipe: making them, and ending them.

use super::security::Descriptor;
use crate::error::Advised;
use std::{
    io,
    os::windows::io::{AsRawHandle, BorrowedHandle, FromRawHandle, OwnedHandle},
    ptr,
};
use windows_sys::Win32::{
    Foundation::{
        ERROR_ACCESS_DENIED, ERROR_BROKEN_PIPE, ERROR_NO_DATA, ERROR_PIPE_BUSY,
        ERROR_PIPE_NOT_CONNECTED, ERROR_SEM_TIMEOUT, GetLastError, INVALID_HANDLE_VALUE,
    },
    Networking::WinSock::WSAEADDRINUSE,
    Security::SECURITY_ATTRIBUTES,
    Storage::FileSystem::{
        FILE_FLAG_FIRST_PIPE_INSTANCE, FILE_FLAG_OVERLAPPED, PIPE_ACCESS_DUPLEX,
    },
    System::Pipes::{
        CreateNamedPipeW, DisconnectNamedPipe, PIPE_READMODE_MESSAGE, PIPE_REJECT_REMOTE_CLIENTS,
        PIPE_TYPE_MESSAGE, PIPE_UNLIMITED_INSTANCES, PIPE_WAIT, PeekNamedPipe, WaitNamedPipeW,
    },
};

/// How many bytes may wait to be read in each direction, before a write waits. Nothing is set
/// aside: npfs counts what does wait against it. It is what a read of unknown length asks for, and
/// what libuv gives its pipes; interprocess's 512 make every larger write wait for the reader.
pub(super) const BUFFER: u32 = 65_536;

/// A message for each write, so that an end of stream can be told (a message of no bytes); and
/// no clients from other machines.
const MODE: u32 =
    PIPE_TYPE_MESSAGE | PIPE_READMODE_MESSAGE | PIPE_WAIT | PIPE_REJECT_REMOTE_CLIENTS;

/// What the system's error doesn't say where a name is taken.
const TAKEN: &str = "another listener has the pipe, or a connection of one that is gone is still \
    open at either end; pipes can't be overwritten, so close them, or take another name";

const NO_MORE: &str = "the pipe's security descriptor doesn't let its own listener make further \
    instances (FILE_CREATE_PIPE_INSTANCE)";

const ACCESS_DENIED: i32 = ERROR_ACCESS_DENIED as i32;
const PIPE_BUSY: i32 = ERROR_PIPE_BUSY as i32;

/// How the instances of one pipe are made.
pub(super) struct Recipe {
    path: Vec<u16>,
    descriptor: Option<Descriptor>,
}

impl Recipe {
    /// `path` is the pipe's, with a NUL at the end. Without a descriptor it has the system's
    /// default, which lets this user, administrators and the system do all, and everyone and
    /// anonymous clients read.
    pub(super) fn new(path: Vec<u16>, descriptor: Option<Descriptor>) -> Self {
        Self { path, descriptor }
    }

    /// The instance with which a name is taken. `AddrInUse`: it is taken already.
    ///
    /// Asking first makes no difference on Windows, where the flag decides, and refuses most second
    /// listeners on Wine, which ignores it. There is nothing that could be in the way and isn't in
    /// use: a pipe is gone with its last handle.
    pub(super) fn first(&self) -> io::Result<OwnedHandle> {
        if self.is_there() {
            return Err(Advised::wrap(WSAEADDRINUSE, TAKEN));
        }
        self.create(FILE_FLAG_FIRST_PIPE_INSTANCE).map_err(|error| self.explain(error))
    }

    /// One more. The pipe has the descriptor that it was made with, which can keep its own listener
    /// from making more.
    pub(super) fn another(&self) -> io::Result<OwnedHandle> {
        self.create(0).map_err(|error| match error.raw_os_error() {
            Some(ACCESS_DENIED) => Advised::wrap(ACCESS_DENIED, NO_MORE),
            _ => error,
        })
    }

    fn create(&self, first: u32) -> io::Result<OwnedHandle> {
        let attributes = self.descriptor.as_ref().map(|descriptor| SECURITY_ATTRIBUTES {
            nLength: size_of::<SECURITY_ATTRIBUTES>() as u32,
            lpSecurityDescriptor: descriptor.as_ptr().cast_mut(),
            bInheritHandle: 0,
        });
        // What is documented of the default descriptor, is so for no attributes at all.
        // SAFETY: the path ends with a NUL, and it and the descriptor live as long as the call,
        // which writes to neither. The attributes may be null.
        let handle = unsafe {
            CreateNamedPipeW(
                self.path.as_ptr(),
                PIPE_ACCESS_DUPLEX | FILE_FLAG_OVERLAPPED | first,
                MODE,
                PIPE_UNLIMITED_INSTANCES,
                BUFFER,
                BUFFER,
                0,
                attributes.as_ref().map_or(ptr::null(), ptr::from_ref),
            )
        };
        if handle == INVALID_HANDLE_VALUE {
            return Err(io::Error::last_os_error());
        }
        // SAFETY: it was just opened, and nobody else knows it.
        Ok(unsafe { OwnedHandle::from_raw_handle(handle) })
    }

    /// Where the name is taken, npfs says that access is denied, as it does for other reasons too;
    /// or that it is busy, if the pipe that is there has as many instances as it may have.
    fn explain(&self, error: io::Error) -> io::Error {
        match error.raw_os_error() {
            Some(PIPE_BUSY) => Advised::wrap(WSAEADDRINUSE, TAKEN),
            Some(ACCESS_DENIED) if self.is_there() => Advised::wrap(WSAEADDRINUSE, TAKEN),
            _ => error,
        }
    }

    /// Whether there is a pipe of that name, whoever may open it. Opening it to see would take an
    /// instance of it, even to read attributes only.
    fn is_there(&self) -> bool {
        wait(&self.path, 1)
    }
}

/// Waits until an instance of a pipe is free, and says whether there is such a pipe. Whoever waits
/// must be quick then: another may take it. 0 milliseconds would be a default, which the server
/// sets, and are taken for 1.
pub(super) fn wait(path: &[u16], milliseconds: u32) -> bool {
    debug_assert_eq!(path.last(), Some(&0));
    // SAFETY: the path ends with a NUL.
    let free = unsafe { WaitNamedPipeW(path.as_ptr(), milliseconds.max(1)) } != 0;
    // SAFETY: it has no arguments.
    free || unsafe { GetLastError() } == ERROR_SEM_TIMEOUT
}

/// Whether a client has come, also if it has gone since.
pub(super) fn has_client(instance: BorrowedHandle<'_>) -> bool {
    // SAFETY: the handle is open, and all that may be null is.
    let peeked = unsafe {
        PeekNamedPipe(
            instance.as_raw_handle(),
            ptr::null_mut(),
            0,
            ptr::null_mut(),
            ptr::null_mut(),
            ptr::null_mut(),
        )
    };
    // SAFETY: it has no arguments. An instance that waits is ERROR_BAD_PIPE.
    peeked != 0 || unsafe { GetLastError() } == ERROR_BROKEN_PIPE
}

/// Whether something of an end failed since the other has ended the connection.
pub(super) fn is_over(error: &io::Error) -> bool {
    let number = error.raw_os_error().map(|number| number as u32);
    matches!(number, Some(ERROR_PIPE_NOT_CONNECTED | ERROR_BROKEN_PIPE | ERROR_NO_DATA))
}

/// Ends the connection at once, if there is one: the client sees the end, and what nobody has read
/// is gone. Unlike closing, it frees the name also while the client keeps its end open.
pub(super) fn disconnect(instance: BorrowedHandle<'_>) {
    // An error says that there was none.
    // SAFETY: the handle is open.
    unsafe { DisconnectNamedPipe(instance.as_raw_handle()) };
}
