//! Pipes by plain system calls, as programs that don't know this crate use them.

use local_socket::{Listener, Name, prelude::*};
use std::{
    fs::{File, OpenOptions},
    io::{self, Read, Write},
    os::windows::io::{FromRawHandle, OwnedHandle},
    ptr, thread,
};
use windows_sys::Win32::{
    Foundation::INVALID_HANDLE_VALUE,
    Storage::FileSystem::PIPE_ACCESS_DUPLEX,
    System::Pipes::{CreateNamedPipeW, PIPE_TYPE_BYTE},
};

/// As a program does that knows nothing of pipes: it opens a file.
pub fn open(name: &Name<'_>) -> io::Result<File> {
    OpenOptions::new().read(true).write(true).open(name.as_path().unwrap())
}

pub fn wide(name: &Name<'_>) -> Vec<u16> {
    name.to_string().encode_utf16().chain([0]).collect()
}

/// An instance of a pipe of bytes by plain system calls, as Node's `net` makes them.
pub fn plain_server(name: &Name<'_>, flags: u32, instances: u32) -> io::Result<File> {
    let path = wide(name);
    // SAFETY: the path ends with a NUL.
    let handle = unsafe {
        CreateNamedPipeW(
            path.as_ptr(),
            PIPE_ACCESS_DUPLEX | flags,
            PIPE_TYPE_BYTE,
            instances,
            65_536,
            65_536,
            0,
            ptr::null(),
        )
    };
    if handle == INVALID_HANDLE_VALUE {
        return Err(io::Error::last_os_error());
    }
    // SAFETY: it was just opened.
    Ok(unsafe { OwnedHandle::from_raw_handle(handle) }.into())
}

/// Has the listener answer each client with what it says, for ever.
pub fn serve(listener: Listener) {
    thread::spawn(move || {
        for stream in listener.incoming() {
            let mut stream = stream.unwrap();
            thread::spawn(move || {
                let mut buffer = [0; 64];
                while let Ok(count @ 1..) = stream.read(&mut buffer) {
                    stream.write_all(&buffer[..count]).unwrap();
                }
            });
        }
    });
}
