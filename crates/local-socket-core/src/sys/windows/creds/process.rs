//! Processes by their id.

use std::{
    io,
    os::windows::io::{AsRawHandle, FromRawHandle, OwnedHandle},
};
use windows_sys::Win32::{
    Foundation::{ERROR_ACCESS_DENIED, ERROR_INVALID_PARAMETER, WAIT_OBJECT_0, WAIT_TIMEOUT},
    System::Threading::{OpenProcess, PROCESS_SYNCHRONIZE, WaitForSingleObject},
};

/// Whether there is a process of that id that hasn't ended. `None` if it isn't for us to know.
pub(in crate::sys::windows) fn is_running(pid: u32) -> io::Result<Option<bool>> {
    // SAFETY: has no preconditions.
    let handle = unsafe { OpenProcess(PROCESS_SYNCHRONIZE, 0, pid) };
    if handle.is_null() {
        let error = io::Error::last_os_error();
        return match error.raw_os_error().map(|number| number as u32) {
            Some(ERROR_INVALID_PARAMETER) => Ok(Some(false)),
            Some(ERROR_ACCESS_DENIED) => Ok(None),
            _ => Err(error),
        };
    }
    // SAFETY: the handle was just opened, and nobody else has it.
    let process = unsafe { OwnedHandle::from_raw_handle(handle) };
    // It can have ended and be there still, as long as somebody has a handle of it.
    // SAFETY: the handle is open.
    match unsafe { WaitForSingleObject(process.as_raw_handle(), 0) } {
        WAIT_TIMEOUT => Ok(Some(true)),
        WAIT_OBJECT_0 => Ok(Some(false)),
        _ => Err(io::Error::last_os_error()),
    }
}
