//! An echo server that a service manager starts when its first client comes. To try it:
//! `systemd-socket-activate -l /tmp/my-app.sock --fdname=main target/debug/examples/activated`

#[cfg(unix)]
mod unix;

use std::process::ExitCode;

#[cfg(unix)]
fn main() -> ExitCode {
    unix::main()
}

#[cfg(not(unix))]
fn main() -> ExitCode {
    eprintln!("activated: service managers pass sockets on Unix only");
    ExitCode::FAILURE
}
