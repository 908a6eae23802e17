//! Sockets that a service manager opened for this program: socket activation.
//!
//! The manager binds the name and listens, starts the program when the first client comes, and
//! passes the listening socket on. So clients never find nobody there, also while the program is
//! restarted; the program needs no permission to make the name; and it doesn't run before it is
//! needed.
//!
//! ```no_run
//! use local_socket::{Listener, ListenerOptions, activation, os::unix::ListenerOptionsExt};
//!
//! # fn main() -> std::io::Result<()> {
//! let mut listeners: Vec<Listener> = Vec::new();
//! for socket in activation::sockets()? {
//!     listeners.push(ListenerOptions::new().create_sync_from(socket.into())?);
//! }
//! # Ok(())
//! # }
//! ```
//!
//! # With systemd
//! Two units, of which the first is enabled and started:
//!
//! ```ini
//! # /etc/systemd/system/my-app.socket
//! [Socket]
//! ListenStream=/run/my-app.sock
//! SocketMode=0660
//! FileDescriptorName=main
//!
//! [Install]
//! WantedBy=sockets.target
//! ```
//! ```ini
//! # /etc/systemd/system/my-app.service
//! [Service]
//! ExecStart=/usr/local/bin/my-app
//! User=my-app
//! ```
//!
//! `ListenStream=@my-app.sock` is in the abstract namespace. The file belongs to the unit, and the
//! program never removes it. To try it without units:
//! `systemd-socket-activate -l /tmp/my-app.sock --fdname=main my-app`.
//!
//! Who starts the program must execute it rather than have a shell start it in another process: the
//! sockets are for the process whose id `LISTEN_PID` names.

use crate::{error::ActivationError, sys::current::activation as sys};
use std::{
    env, io,
    os::fd::{AsFd, BorrowedFd, OwnedFd},
    sync::{Mutex, PoisonError},
};

/// A descriptor that a service manager opened for this program. Dropping it closes the descriptor.
#[derive(Debug)]
pub struct ActivatedSocket {
    name: String,
    fd: OwnedFd,
}

impl ActivatedSocket {
    /// What the manager calls it: `FileDescriptorName=` of its unit, which is the unit's own name
    /// unless set; `unknown` where the manager said nothing, `stored` and `connection` as in
    /// sd_listen_fds(3). Several may have the same.
    #[must_use]
    pub fn name(&self) -> &str {
        &self.name
    }

    /// Whether it is a Unix domain stream socket that listens, as `sd_is_socket_unix(3)` asks. What
    /// else a unit may open, such as a datagram socket, a TCP socket, a FIFO or a connection
    /// (`Accept=yes`), is passed all the same, and is yours.
    ///
    /// macOS doesn't tell whether a socket listens: there `true` is for one that is bound and not
    /// connected.
    #[must_use]
    pub fn is_listener(&self) -> bool {
        crate::sys::current::is_listener(self.fd.as_fd())
    }
}

impl AsFd for ActivatedSocket {
    fn as_fd(&self) -> BorrowedFd<'_> {
        self.fd.as_fd()
    }
}

impl From<ActivatedSocket> for OwnedFd {
    fn from(socket: ActivatedSocket) -> Self {
        socket.fd
    }
}

/// Whether a descriptor can be made a listener
/// ([`create_sync_from`](crate::os::unix::ListenerOptionsExt::create_sync_from)): whether it is a
/// Unix domain stream socket that listens, or is bound and not connected. Nothing is changed.
///
/// # Errors
/// [`InvalidInput`](io::ErrorKind::InvalidInput), with a
/// [`DescriptorError`](crate::error::DescriptorError) within that says what it is instead.
pub fn check(fd: BorrowedFd<'_>) -> io::Result<()> {
    crate::sys::current::check(fd)
}

/// Takes the descriptors that systemd, or whoever speaks as it does, passed to this process, in its
/// order. None were passed: an empty list, and so for each further call once there were some.
///
/// The rules are those of sd_listen_fds_with_names(3). There are `LISTEN_FDS` of them, from 3 on.
/// They are for this process only if `LISTEN_PID` is its id, and, where systemd says so and the
/// kernel can tell (Linux 6.9), `LISTEN_PIDFDID` that of its pidfd: a child process that inherits
/// the environment gets none. The names are in `LISTEN_FDNAMES`. From now on the descriptors are
/// closed on exec. The environment is left as it is, since it can't be changed safely while there
/// are other threads.
///
/// Call it before anything else in the program takes them by these variables, since each descriptor
/// can have one owner only.
///
/// # Errors
/// [`InvalidData`](io::ErrorKind::InvalidData), with an [`ActivationError`] within, if a variable
/// isn't a number of plain digits, if there are more names or fewer than descriptors, or if a
/// descriptor isn't open. Nothing was taken then.
pub fn sockets() -> io::Result<Vec<ActivatedSocket>> {
    static TAKEN: Mutex<bool> = Mutex::new(false);
    let mut taken = TAKEN.lock().unwrap_or_else(PoisonError::into_inner);
    if *taken {
        return Ok(Vec::new());
    }
    // SAFETY: whoever executed this process says that it left them to it, and hasn't yet been taken
    // at its word here.
    let passed: Result<_, ActivationError> = unsafe { sys::take(|name| env::var_os(name)) };
    let sockets: Vec<_> =
        passed?.into_iter().map(|(name, fd)| ActivatedSocket { name, fd }).collect();
    *taken = !sockets.is_empty();
    Ok(sockets)
}

/// Takes the sockets that launchd opened under this key of `Sockets` in the job's property list.
/// macOS only, and not run there yet. See launch_activate_socket(3) and launchd.plist(5).
///
/// # Errors
/// - [`InvalidInput`](io::ErrorKind::InvalidInput): there is a NUL in the name.
/// - `ENOENT`: the property list has no such key.
/// - `ESRCH`: this process isn't a job of launchd.
/// - `EALREADY`: they were taken before.
#[cfg(target_vendor = "apple")]
pub fn launchd_sockets(name: &str) -> io::Result<Vec<ActivatedSocket>> {
    use rustix::io::{FdFlags, fcntl_getfd, fcntl_setfd};
    let key = std::ffi::CString::new(name)?;
    let sockets = sys::take_from_launchd(&key)?.into_iter().map(|fd| {
        fcntl_setfd(&fd, fcntl_getfd(&fd)? | FdFlags::CLOEXEC)?;
        Ok(ActivatedSocket { name: name.to_owned(), fd })
    });
    sockets.collect()
}
