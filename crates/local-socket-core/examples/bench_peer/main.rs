//! Plain sockets of the standard library, as the native side of benchmarks:
//!
//! - `bench_peer echo PATH SIZE [--spin]`: sends back every SIZE bytes. One connection at a time.
//! - `bench_peer sink PATH`: reads to the end, answers with the number of bytes in eight bytes,
//!   big-endian, and closes. One connection at a time.
//! - `bench_peer framed-sink PATH`: the same for messages of `local_socket::framed`, whose bytes
//!   it counts without their lengths. It checks their numbers, and closes without an answer when
//!   one is wrong.
//! - `bench_peer ping PATH SIZE COUNT [--spin] [--think MICROS]`: COUNT round trips of SIZE bytes;
//!   prints JSON. It sleeps for MICROS before each, which `seconds` leaves out.
//! - `bench_peer flood PATH SIZE COUNT`: COUNT messages of SIZE bytes one way; prints JSON.
//! - `bench_peer framed-flood PATH SIZE COUNT`: the same for messages of `local_socket::framed`.
//!
//! With `--spin` the socket is nonblocking and is asked again until it has something: what a
//! program gets that never sleeps.
//!
//! Servers print `ready`, and end when their standard input does. A message begins with its
//! number in eight bytes, little-endian, if it has room for that, and `ping` checks what arrives.

#[cfg(unix)]
mod unix;

use std::process::ExitCode;

#[cfg(unix)]
fn main() -> ExitCode {
    unix::main()
}

#[cfg(not(unix))]
fn main() -> ExitCode {
    eprintln!("bench_peer: speaks Unix domain sockets only");
    ExitCode::FAILURE
}
