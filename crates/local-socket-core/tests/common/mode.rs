//! What the tests of modes share. For programs whose other tests leave the umask alone.

use super::{PATIENCE, path_name};
use local_socket::{Listener, ListenerOptions, os::unix::ListenerOptionsExt};
use rustix::{fs::Mode, process::umask};
use std::{
    fs, io,
    os::unix::fs::PermissionsExt,
    path::Path,
    sync::{
        Mutex, PoisonError,
        atomic::{AtomicBool, Ordering::Relaxed},
    },
    thread,
    time::Instant,
};

/// What the system lets a program do on its way to the mode.
#[derive(Clone, Copy, Debug)]
pub enum Way {
    Free,
    #[cfg(target_os = "linux")]
    WithoutUnshare,
    #[cfg(target_os = "linux")]
    WithoutThreads,
}

impl Way {
    #[cfg(target_os = "linux")]
    pub const ALL: [Self; 3] = [Self::Free, Self::WithoutUnshare, Self::WithoutThreads];
    #[cfg(not(target_os = "linux"))]
    pub const ALL: [Self; 1] = [Self::Free];

    pub fn run<T: Send>(self, action: impl FnOnce() -> T + Send) -> T {
        #[cfg(target_os = "linux")]
        use super::child::refusing;
        match self {
            Self::Free => action(),
            #[cfg(target_os = "linux")]
            Self::WithoutUnshare => refusing(&[libc::SYS_unshare], libc::EPERM, action),
            #[cfg(target_os = "linux")]
            Self::WithoutThreads => {
                refusing(&[libc::SYS_clone, libc::SYS_clone3], libc::EAGAIN, action)
            }
        }
    }
}

/// Runs the action while the process has this umask, and no other test of this program does.
pub fn under_umask<T>(mask: u16, action: impl FnOnce() -> T) -> T {
    static UMASK: Mutex<()> = Mutex::new(());
    let _alone = UMASK.lock().unwrap_or_else(PoisonError::into_inner);
    let before = umask(Mode::from_raw_mode(mask.into()));
    let result = action();
    assert_eq!(umask(before), Mode::from_raw_mode(mask.into()), "the umask stays");
    result
}

pub fn try_to_listen(path: &Path, mode: u16) -> io::Result<Listener> {
    let options = ListenerOptions::new().name(path_name(path)).mode(mode.into());
    options.try_overwrite(true).create_sync()
}

pub fn listen(path: &Path, mode: u16) -> Listener {
    try_to_listen(path, mode).expect("nothing is there but a socket")
}

pub fn mode_of(path: &Path) -> u32 {
    fs::symlink_metadata(path).unwrap().permissions().mode() & 0o7777
}

/// Runs the action, and the other over and over on another thread meanwhile.
pub fn meanwhile(other: impl Fn() + Send + Sync, action: impl FnOnce()) {
    struct Done<'a>(&'a AtomicBool);
    impl Drop for Done<'_> {
        fn drop(&mut self) {
            self.0.store(true, Relaxed);
        }
    }
    let done = AtomicBool::new(false);
    thread::scope(|scope| {
        scope.spawn(|| {
            let start = Instant::now();
            while !done.load(Relaxed) {
                other();
                assert!(start.elapsed() < PATIENCE, "waited {PATIENCE:?} for the test to be done");
            }
        });
        let _done = Done(&done);
        action();
    });
}
