//! Sends back whatever it receives: `cargo run --example echo_server my-echo.sock`

use local_socket::{GenericNamespaced, ListenerOptions, prelude::*};
use std::{env, io, thread};

fn main() -> io::Result<()> {
    let id = env::args().nth(1).unwrap_or_else(|| "my-echo.sock".into());
    let name = id.to_ns_name::<GenericNamespaced>()?;
    println!("listening on {name}");
    let listener = ListenerOptions::new().name(name).create_sync()?;
    for stream in listener {
        let stream = stream?;
        thread::spawn(move || io::copy(&mut &stream, &mut &stream));
    }
    Ok(())
}
