//! Sends its standard input and prints what comes back:
//! `echo hello | cargo run --example echo_client my-echo.sock`

use local_socket::{ConnectOptions, GenericNamespaced, prelude::*};
use std::{env, io, thread};

fn main() -> io::Result<()> {
    let id = env::args().nth(1).unwrap_or_else(|| "my-echo.sock".into());
    let name = id.to_ns_name::<GenericNamespaced>()?;
    let stream = ConnectOptions::new().name(name).connect_sync()?;
    thread::scope(|scope| {
        scope.spawn(|| {
            io::copy(&mut io::stdin().lock(), &mut &stream)?;
            // The server reads to its end and can still answer.
            stream.shutdown_write()
        });
        io::copy(&mut &stream, &mut io::stdout().lock())
    })?;
    Ok(())
}
