//! One process accepts, another serves: the connection itself is handed over, as a descriptor.
//!
//! - `hand_over front NAME` waits for a worker at `NAME.worker`, then listens at `NAME` and gives
//!   that worker every client.
//! - `hand_over worker NAME` connects to `NAME.worker` and serves what it is given: it says who it
//!   is and sends back what it receives.
//!
//! In two terminals: `cargo run --example hand_over front my-app`, then
//! `cargo run --example hand_over worker my-app`; and a third as a client:
//! `cargo run --example echo_client my-app`.
//!
//! What was handed over doesn't need the front any more: end it, and the worker's clients go on.
//! For them the server stays whoever listened, so `peer_creds` tells them the front's pid.

#[cfg(unix)]
mod unix;

use std::process::ExitCode;

#[cfg(unix)]
fn main() -> ExitCode {
    unix::main()
}

#[cfg(not(unix))]
fn main() -> ExitCode {
    eprintln!("hand_over: connections can be handed over on Unix only");
    ExitCode::FAILURE
}
