//! Programs that are started with descriptors as a service manager passes them.

use std::{
    ffi::OsStr,
    io,
    os::{
        fd::{AsRawFd, OwnedFd},
        unix::process::CommandExt,
    },
    process::Command,
};

/// The first number that is passed.
const FIRST: i32 = 3;

/// Above all that are passed, so that none is overwritten before it is copied.
const ABOVE: i32 = 64;

/// The program with these descriptors from 3 on and these variables. `$$` in a value is its own
/// process id.
pub fn passing(
    program: impl AsRef<OsStr>,
    descriptors: Vec<OwnedFd>,
    environment: &[(&str, &str)],
) -> Command {
    let mut command = Command::new("sh");
    let settings: String =
        environment.iter().map(|(name, value)| format!("{name}={value} ")).collect();
    // A shell that executes a program becomes it, with the same process id.
    command.arg("-c").arg(format!("{settings} exec \"$0\" \"$@\"")).arg(program);
    let descriptors: Vec<_> = descriptors
        .iter()
        .map(|descriptor| rustix::io::fcntl_dupfd_cloexec(descriptor, ABOVE).unwrap())
        .collect();
    // SAFETY: between fork and exec it only calls dup2(2), which is safe there.
    unsafe {
        command.pre_exec(move || {
            for (number, descriptor) in (FIRST..).zip(&descriptors) {
                if libc::dup2(descriptor.as_raw_fd(), number) < 0 {
                    return Err(io::Error::last_os_error());
                }
            }
            Ok(())
        })
    };
    command
}
