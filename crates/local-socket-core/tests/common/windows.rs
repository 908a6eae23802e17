//! What tests ask Windows itself.

use std::{
    ffi::OsStr,
    io,
    os::windows::{
        ffi::OsStrExt,
        io::{AsHandle, AsRawHandle, FromRawHandle, OwnedHandle},
    },
    ptr, slice,
};
use windows_sys::Win32::{
    Foundation::{GENERIC_READ, GENERIC_WRITE, HANDLE, INVALID_HANDLE_VALUE, LocalFree},
    Security::{
        Authorization::{
            ConvertSecurityDescriptorToStringSecurityDescriptorW,
            ConvertStringSecurityDescriptorToSecurityDescriptorW, GetSecurityInfo, SDDL_REVISION_1,
            SE_KERNEL_OBJECT,
        },
        DACL_SECURITY_INFORMATION, GetTokenInformation, LABEL_SECURITY_INFORMATION,
        OBJECT_SECURITY_INFORMATION, OWNER_SECURITY_INFORMATION, SACL_SECURITY_INFORMATION,
        TOKEN_MANDATORY_LABEL, TOKEN_QUERY, TokenIntegrityLevel,
    },
    Storage::FileSystem::{CreateFileW, FILE_FLAGS_AND_ATTRIBUTES, OPEN_EXISTING},
    System::{
        LibraryLoader::{GetModuleHandleA, GetProcAddress},
        Threading::{GetCurrentProcess, OpenProcessToken},
    },
};

/// Owner, rights and label.
const PARTS: OBJECT_SECURITY_INFORMATION =
    OWNER_SECURITY_INFORMATION | DACL_SECURITY_INFORMATION | LABEL_SECURITY_INFORMATION;

/// Whether this is Wine; it says so, with the reason why a part of a test is left out there.
pub fn is_wine(reason: &str) -> bool {
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

/// The integrity level of this process, as the last number of the SID for it.
pub fn integrity() -> u32 {
    let (mut token, mut length) = (ptr::null_mut(), 0);
    let mut label = [0_usize; 16];
    // SAFETY: the pseudo handle is always valid, and the out pointers are to locals, of the size that
    // is said. The label is a SID in the same memory, whose second byte says how many numbers of
    // four bytes it has after the first eight bytes.
    unsafe {
        assert_ne!(OpenProcessToken(GetCurrentProcess(), TOKEN_QUERY, &mut token), 0);
        let token = owned(token).unwrap();
        let room = size_of_val(&label) as u32;
        let to = label.as_mut_ptr().cast();
        let told =
            GetTokenInformation(token.as_raw_handle(), TokenIntegrityLevel, to, room, &mut length);
        assert_ne!(told, 0, "{}", io::Error::last_os_error());
        let sid = (*to.cast::<TOKEN_MANDATORY_LABEL>()).Label.Sid.cast::<u8>();
        let count = usize::from(*sid.add(1));
        sid.add(4 + 4 * count).cast::<u32>().read_unaligned()
    }
}

/// Who owns a pipe, who may open it, and its label, in SDDL.
pub fn sddl_of(pipe: &impl AsHandle) -> String {
    let handle = pipe.as_handle().as_raw_handle();
    let (mut descriptor, none) = (ptr::null_mut(), ptr::null_mut());
    // SAFETY: the handle is open, the out pointer is to a local, and the rest may be null.
    let error = unsafe {
        GetSecurityInfo(
            handle,
            SE_KERNEL_OBJECT,
            PARTS,
            none,
            none,
            ptr::null_mut(),
            ptr::null_mut(),
            &mut descriptor,
        )
    };
    assert_eq!(error, 0, "the pipe's security can be read");
    text_of(descriptor)
}

/// The same text as the system writes it, so that two can be compared.
pub fn written(sddl: &str) -> String {
    let wide: Vec<u16> = sddl.encode_utf16().chain([0]).collect();
    let (mut descriptor, none) = (ptr::null_mut(), ptr::null_mut());
    // SAFETY: the text ends with a NUL, and the out pointer is to a local.
    let converted = unsafe {
        ConvertStringSecurityDescriptorToSecurityDescriptorW(
            wide.as_ptr(),
            SDDL_REVISION_1,
            &mut descriptor,
            none,
        )
    };
    assert_ne!(converted, 0, "{sddl} is a descriptor");
    text_of(descriptor)
}

/// Frees the descriptor.
fn text_of(descriptor: *mut core::ffi::c_void) -> String {
    let (mut text, mut length) = (ptr::null_mut(), 0);
    let parts = PARTS | SACL_SECURITY_INFORMATION;
    // SAFETY: the system has made the descriptor for us and makes the text; both are freed once.
    unsafe {
        let converted = ConvertSecurityDescriptorToStringSecurityDescriptorW(
            descriptor,
            SDDL_REVISION_1,
            parts,
            &mut text,
            &mut length,
        );
        assert_ne!(converted, 0, "a descriptor has a text form");
        let units = slice::from_raw_parts(text, length as usize);
        let end = units.iter().position(|&unit| unit == 0).unwrap_or(units.len());
        let sddl = String::from_utf16_lossy(&units[..end]);
        LocalFree(text.cast());
        LocalFree(descriptor);
        // Without what the system may note of how lists came about.
        sddl.replace("D:PAI(", "D:P(").replace("S:AI(", "S:(").replace("S:P(", "S:(")
    }
}

/// Opens a pipe as a program that knows nothing of this crate.
pub fn open(path: &str, flags: FILE_FLAGS_AND_ATTRIBUTES) -> io::Result<OwnedHandle> {
    open_for(GENERIC_READ | GENERIC_WRITE, path, flags)
}

/// As [`open`], for these rights alone.
pub fn open_for(
    access: u32,
    path: &str,
    flags: FILE_FLAGS_AND_ATTRIBUTES,
) -> io::Result<OwnedHandle> {
    let wide: Vec<u16> = OsStr::new(path).encode_wide().chain([0]).collect();
    let none = ptr::null_mut();
    // SAFETY: the path ends with a NUL, and the rest may be null.
    owned(unsafe { CreateFileW(wide.as_ptr(), access, 0, ptr::null(), OPEN_EXISTING, flags, none) })
}

/// A handle that was just opened, or the error why it wasn't.
pub fn owned(handle: HANDLE) -> io::Result<OwnedHandle> {
    if handle == INVALID_HANDLE_VALUE || handle.is_null() {
        return Err(io::Error::last_os_error());
    }
    // SAFETY: the handle was just opened, and nobody else has it.
    Ok(unsafe { OwnedHandle::from_raw_handle(handle) })
}
