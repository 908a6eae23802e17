//! Descriptors that nobody asked for.
//!
//! Any peer can attach up to 253 open descriptors to the bytes that it sends (unix(7)). A plain
//! read drops them, and dropping can wait: a TCP socket with SO_LINGER froze a nonblocking read
//! for seconds. Linux can refuse them since 6.16, so that the sender gets EPERM. Elsewhere such
//! streams are read with room for descriptors, and what arrives is closed on another thread. The
//! drawback: about a kilobyte of stack and a longer system call for each read.

use super::reaper;
use rustix::{
    cmsg_space,
    io::Errno,
    net::{RecvAncillaryBuffer, RecvAncillaryMessage, RecvFlags, recvmsg},
};
use std::{
    io::{self, IoSliceMut},
    mem::MaybeUninit,
    os::fd::{BorrowedFd, OwnedFd},
};

/// How many descriptors Linux lets one message carry (`SCM_MAX_FD`). More can't arrive with one
/// read there, since reading stops at the next message that has some.
const MAX_DESCRIPTORS: usize = 253;

/// Has the kernel refuse descriptors on this socket and on those that it accepts. `false` says
/// that this kernel can't, and that the streams must be read by [`recv`].
pub(super) fn refuse(socket: BorrowedFd<'_>) -> io::Result<bool> {
    imp::refuse(socket)
}

/// Whether the kernel refuses descriptors on this socket. One that was accepted has it from the
/// listener as that was when the client connected.
pub(super) fn are_refused(socket: BorrowedFd<'_>) -> bool {
    imp::are_refused(socket)
}

/// Reads bytes, and closes elsewhere what descriptors come with them.
pub(super) fn recv(
    socket: BorrowedFd<'_>,
    buffers: &mut [IoSliceMut<'_>],
    flags: RecvFlags,
) -> Result<usize, Errno> {
    let mut space = [MaybeUninit::uninit(); cmsg_space!(ScmRights(MAX_DESCRIPTORS))];
    let mut control = RecvAncillaryBuffer::new(&mut space);
    let bytes = recvmsg(socket, buffers, &mut control, flags | imp::CLOSE_ON_EXEC)?.bytes;
    let mut unwanted: Vec<OwnedFd> = Vec::new();
    for message in control.drain() {
        if let RecvAncillaryMessage::ScmRights(descriptors) = message {
            unwanted.extend(descriptors);
        }
    }
    if !unwanted.is_empty() {
        reaper::close(unwanted);
    }
    Ok(bytes)
}

#[cfg(any(target_os = "linux", target_os = "android"))]
mod imp {
    use super::*;
    use crate::sys::unix::sockopt;
    use std::sync::atomic::{AtomicBool, Ordering::Relaxed};

    pub(super) const CLOSE_ON_EXEC: RecvFlags = RecvFlags::CMSG_CLOEXEC;

    /// Since Linux 6.16, include/uapi/asm-generic/socket.h. It has another number on SPARC, where
    /// it isn't asked for.
    const SO_PASSRIGHTS: libc::c_int = 83;
    const HAS_THAT_NUMBER: bool = !cfg!(any(target_arch = "sparc", target_arch = "sparc64"));

    /// This kernel has shown that it knows the option: saves asking for each connection.
    static KNOWN: AtomicBool = AtomicBool::new(false);

    pub(super) fn refuse(socket: BorrowedFd<'_>) -> io::Result<bool> {
        if !HAS_THAT_NUMBER {
            return Ok(false);
        }
        match sockopt::set_int(socket, libc::SOL_SOCKET, SO_PASSRIGHTS, 0) {
            Ok(()) if KNOWN.load(Relaxed) => Ok(true),
            // gVisor says yes to options that it doesn't know, but can't tell their value.
            Ok(()) => {
                let known =
                    sockopt::get(socket, libc::SOL_SOCKET, SO_PASSRIGHTS, &mut [0; 4]).is_ok();
                KNOWN.store(known, Relaxed);
                Ok(known)
            }
            Err(error) if error.raw_os_error() == Some(libc::ENOPROTOOPT) => Ok(false),
            Err(error) => Err(error),
        }
    }

    pub(super) fn are_refused(socket: BorrowedFd<'_>) -> bool {
        let mut value = [1; 4];
        KNOWN.load(Relaxed)
            && sockopt::get(socket, libc::SOL_SOCKET, SO_PASSRIGHTS, &mut value).is_ok()
            && value == [0; 4]
    }
}

#[cfg(not(any(target_os = "linux", target_os = "android")))]
mod imp {
    use super::*;

    #[cfg(not(target_vendor = "apple"))]
    pub(super) const CLOSE_ON_EXEC: RecvFlags = RecvFlags::CMSG_CLOEXEC;
    #[cfg(target_vendor = "apple")]
    pub(super) const CLOSE_ON_EXEC: RecvFlags = RecvFlags::empty();

    pub(super) fn refuse(_socket: BorrowedFd<'_>) -> io::Result<bool> {
        Ok(false)
    }

    pub(super) fn are_refused(_socket: BorrowedFd<'_>) -> bool {
        false
    }
}

#[cfg(all(test, target_os = "linux"))]
pub(super) mod tests;
