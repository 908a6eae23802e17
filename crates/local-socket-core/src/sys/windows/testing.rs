//! Pipes as the system makes them, for tests of what is asked about them.

use super::security::Descriptor;
use std::{
    ffi::OsStr,
    io,
    os::windows::{
        ffi::OsStrExt,
        io::{FromRawHandle, OwnedHandle},
    },
    process, ptr,
    sync::atomic::{AtomicUsize, Ordering::Relaxed},
};
use windows_sys::Win32::{
    Foundation::{GENERIC_READ, GENERIC_WRITE, INVALID_HANDLE_VALUE},
    Security::SECURITY_ATTRIBUTES,
    Storage::FileSystem::{
        CreateFileW, FILE_FLAG_OVERLAPPED, FILE_FLAGS_AND_ATTRIBUTES, OPEN_EXISTING,
        PIPE_ACCESS_DUPLEX, SECURITY_IDENTIFICATION, SECURITY_SQOS_PRESENT,
    },
    System::LibraryLoader::{GetModuleHandleA, GetProcAddress},
    System::Pipes::{CreateNamedPipeW, PIPE_REJECT_REMOTE_CLIENTS, PIPE_TYPE_MESSAGE},
};

/// How this crate's clients open pipes.
pub(super) const KNOWN: FILE_FLAGS_AND_ATTRIBUTES = SECURITY_SQOS_PRESENT | SECURITY_IDENTIFICATION;

/// A path that no other test has, with a NUL at the end.
pub(super) fn fresh() -> Vec<u16> {
    static COUNT: AtomicUsize = AtomicUsize::new(0);
    let count = COUNT.fetch_add(1, Relaxed);
    let path = format!(r"\\.\pipe\local-socket-unit-{}-{count}", process::id());
    OsStr::new(&path).encode_wide().chain([0]).collect()
}

/// The server's end of a pipe with this descriptor.
pub(super) fn create(path: &[u16], descriptor: Option<&Descriptor>) -> io::Result<OwnedHandle> {
    let attributes = SECURITY_ATTRIBUTES {
        nLength: size_of::<SECURITY_ATTRIBUTES>() as u32,
        lpSecurityDescriptor: descriptor
            .map_or(ptr::null_mut(), |descriptor| descriptor.as_ptr().cast_mut()),
        bInheritHandle: 0,
    };
    let mode = PIPE_TYPE_MESSAGE | PIPE_REJECT_REMOTE_CLIENTS;
    let open = PIPE_ACCESS_DUPLEX | FILE_FLAG_OVERLAPPED;
    // SAFETY: the path ends with a NUL, and the attributes and what is in them are alive.
    owned(unsafe { CreateNamedPipeW(path.as_ptr(), open, mode, 4, 512, 512, 0, &attributes) })
}

/// The client's end.
pub(super) fn open(path: &[u16], flags: FILE_FLAGS_AND_ATTRIBUTES) -> io::Result<OwnedHandle> {
    let (access, none) = (GENERIC_READ | GENERIC_WRITE, ptr::null_mut());
    // SAFETY: the path ends with a NUL, and the rest may be null.
    owned(unsafe { CreateFileW(path.as_ptr(), access, 0, ptr::null(), OPEN_EXISTING, flags, none) })
}

/// Both ends, the server's first.
pub(super) fn pair(flags: FILE_FLAGS_AND_ATTRIBUTES) -> (OwnedHandle, OwnedHandle) {
    let path = fresh();
    let server = create(&path, None).expect("the name is free");
    (server, open(&path, flags).expect("somebody waits"))
}

fn owned(handle: windows_sys::Win32::Foundation::HANDLE) -> io::Result<OwnedHandle> {
    if handle == INVALID_HANDLE_VALUE {
        return Err(io::Error::last_os_error());
    }
    // SAFETY: the handle was just opened, and nobody else has it.
    Ok(unsafe { OwnedHandle::from_raw_handle(handle) })
}

/// Whether this is Wine, which says so with the reason why a part of a test is left out.
pub(super) fn is_wine(reason: &str) -> bool {
    // SAFETY: the names end with NULs.
    let version = unsafe {
        let ntdll = GetModuleHandleA(c"ntdll.dll".as_ptr().cast());
        GetProcAddress(ntdll, c"wine_get_version".as_ptr().cast())
    };
    if version.is_some() {
        println!("skipped under Wine: {reason}");
    }
    version.is_some()
}
