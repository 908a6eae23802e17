//! What the system says of a pipe's handle, and what is set on it.

use super::{overlapped, pipe::End};
use std::{
    io, mem,
    os::windows::io::{AsRawHandle, BorrowedHandle},
    ptr,
};
use windows_sys::{
    Wdk::Storage::FileSystem::{
        FILE_COMPLETION_INFORMATION, FILE_MODE_INFORMATION, FILE_SYNCHRONOUS_IO_ALERT,
        FILE_SYNCHRONOUS_IO_NONALERT, FileModeInformation, FileReplaceCompletionInformation,
        NtQueryInformationFile, NtSetInformationFile,
    },
    Win32::{
        Foundation::RtlNtStatusToDosError,
        System::{
            IO::IO_STATUS_BLOCK,
            Pipes::{
                GetNamedPipeHandleStateW, GetNamedPipeInfo, PIPE_NOWAIT, PIPE_READMODE_BYTE,
                PIPE_READMODE_MESSAGE, PIPE_SERVER_END, PIPE_TYPE_MESSAGE, SetNamedPipeHandleState,
            },
        },
    },
};

/// What a pipe is, as of its making.
#[derive(Clone, Copy, Debug)]
pub(super) struct Kind {
    pub(super) end: End,
    /// It keeps messages apart (PIPE_TYPE_MESSAGE).
    pub(super) is_message_type: bool,
}

/// Of any handle.
///
/// # Errors
/// It is no pipe's.
pub(super) fn kind(pipe: BorrowedHandle<'_>) -> io::Result<Kind> {
    let mut flags = 0;
    let (none, pipe) = (ptr::null_mut(), pipe.as_raw_handle());
    // SAFETY: the handle is open; what isn't wanted is null.
    checked(unsafe { GetNamedPipeInfo(pipe, &mut flags, none, none, none) })?;
    let end = if flags & PIPE_SERVER_END == 0 { End::Client } else { End::Server };
    Ok(Kind { end, is_message_type: flags & PIPE_TYPE_MESSAGE != 0 })
}

/// How reads of an end treat messages.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum ReadMode {
    /// One at most for each read.
    Messages,
    /// As if there were none.
    Bytes,
}

/// For every duplicate of the handle. Reads and writes then wait (PIPE_WAIT), whoever said otherwise.
pub(super) fn set_read_mode(pipe: BorrowedHandle<'_>, mode: ReadMode) -> io::Result<()> {
    let mode = match mode {
        ReadMode::Messages => PIPE_READMODE_MESSAGE,
        ReadMode::Bytes => PIPE_READMODE_BYTE,
    };
    let none = ptr::null();
    // SAFETY: the handle is open; what isn't to be set is null.
    checked(unsafe { SetNamedPipeHandleState(pipe.as_raw_handle(), &mode, none, none) })
}

/// Whether reads and writes don't wait (PIPE_NOWAIT), as interprocess's `set_nonblocking` has it.
pub(super) fn is_nowait(pipe: BorrowedHandle<'_>) -> bool {
    let (mut state, none, pipe) = (0, ptr::null_mut(), pipe.as_raw_handle());
    // SAFETY: the handle is open; what isn't wanted is null.
    let known =
        unsafe { GetNamedPipeHandleStateW(pipe, &mut state, none, none, none, ptr::null_mut(), 0) };
    known != 0 && state & PIPE_NOWAIT != 0
}

/// Whether it was opened with FILE_FLAG_OVERLAPPED: otherwise each operation waits for the one
/// before, and none can be left under way.
pub(super) fn is_overlapped(pipe: BorrowedHandle<'_>) -> io::Result<bool> {
    let (mut status, mut mode) = (IO_STATUS_BLOCK::default(), FILE_MODE_INFORMATION::default());
    // SAFETY: the handle is open, and the rest is ours and as large as is said.
    let result = unsafe {
        NtQueryInformationFile(
            pipe.as_raw_handle(),
            &mut status,
            (&raw mut mode).cast(),
            mem::size_of_val(&mode) as u32,
            FileModeInformation,
        )
    };
    if result < 0 {
        // SAFETY: no preconditions.
        let code = unsafe { RtlNtStatusToDosError(result) };
        return Err(io::Error::from_raw_os_error(code as i32));
    }
    Ok(mode.Mode & (FILE_SYNCHRONOUS_IO_ALERT | FILE_SYNCHRONOUS_IO_NONALERT) == 0)
}

/// Takes it from the completion port, so that who has it next can bind it to another or use it with
/// completion routines. Since Windows 8.1; nothing happens elsewhere, and under Wine.
pub(super) fn unbind(pipe: BorrowedHandle<'_>) {
    let mut status = IO_STATUS_BLOCK::default();
    let none = FILE_COMPLETION_INFORMATION { Port: ptr::null_mut(), Key: ptr::null_mut() };
    // SAFETY: the handle is open, and the rest is ours and as large as is said.
    let _ = unsafe {
        NtSetInformationFile(
            pipe.as_raw_handle(),
            &mut status,
            (&raw const none).cast(),
            mem::size_of_val(&none) as u32,
            FileReplaceCompletionInformation,
        )
    };
}

fn checked(succeeded: i32) -> io::Result<()> {
    match succeeded {
        0 => Err(io::Error::from_raw_os_error(overlapped::last_error() as i32)),
        _ => Ok(()),
    }
}
