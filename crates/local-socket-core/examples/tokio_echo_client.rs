//! Sends a line to the echo server and prints what comes back, on tokio.

fn main() {}
