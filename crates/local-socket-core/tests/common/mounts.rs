//! Mounts that one thread sees, and those that it starts.
#![cfg(target_os = "linux")]

use super::child::on_a_thread;
use std::{ffi::CString, io, path::Path, ptr};

fn text(path: &Path) -> CString {
    CString::new(path.to_str().expect("UTF-8")).expect("no NUL")
}

/// Runs the action where mounts are its own, and gone with it. `None`, and says so, where that
/// can't be.
pub fn with_mounts_of_its_own<T: Send>(action: impl FnOnce() -> T + Send) -> Option<T> {
    on_a_thread(|| {
        // SAFETY: decides only which mounts this thread sees.
        if unsafe { libc::unshare(libc::CLONE_NEWNS) } != 0 {
            eprintln!("not tested: needs mounts of its own, which only root can have");
            return None;
        }
        mount("none", Path::new("/"), None, libc::MS_REC | libc::MS_PRIVATE, "").unwrap();
        Some(action())
    })
}

/// Runs the action where there is no `/proc`, on its thread and on those that it starts. `None`,
/// and says so, where that can't be.
pub fn without_proc<T: Send>(action: impl FnOnce() -> T + Send) -> Option<T> {
    with_mounts_of_its_own(|| {
        mount("none", Path::new("/proc"), Some("tmpfs"), 0, "").unwrap();
        action()
    })
}

/// mount(2), which says more.
pub fn mount(
    source: impl AsRef<Path>,
    target: &Path,
    kind: Option<&str>,
    flags: libc::c_ulong,
    data: &str,
) -> io::Result<()> {
    let (source, target) = (text(source.as_ref()), text(target));
    let kind = kind.map(|kind| CString::new(kind).expect("no NUL"));
    let data = CString::new(data).expect("no NUL");
    let kind = kind.as_ref().map_or(ptr::null(), |kind| kind.as_ptr());
    // SAFETY: all of them are strings that live, or null where nothing is asked for.
    let result =
        unsafe { libc::mount(source.as_ptr(), target.as_ptr(), kind, flags, data.as_ptr().cast()) };
    if result == 0 { Ok(()) } else { Err(io::Error::last_os_error()) }
}
