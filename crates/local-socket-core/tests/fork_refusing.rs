//! Alone in its program, because it forks.
#![cfg(target_os = "linux")]

mod common;

use common::{
    PATIENCE, connect,
    descriptors::{closed_to_all, lingering_client},
    fresh_id,
    processes::fork,
};
use local_socket::{Listener, Name};
use std::{io::ErrorKind, time::Instant};

/// More than may wait to be closed.
const MANY: usize = 200;

fn refuse_many(listener: &Listener, name: &Name<'_>) -> Result<(), String> {
    let start = Instant::now();
    for count in 1..=MANY {
        let client = connect(name);
        client.try_write(b"unread").map_err(|error| error.to_string())?;
        loop {
            match listener.try_accept().map(drop).unwrap_err() {
                error if error.kind() == ErrorKind::WouldBlock => break,
                // The thread that closes them is behind.
                error
                    if error.raw_os_error() == Some(libc::ENOBUFS)
                        && start.elapsed() < PATIENCE =>
                {
                    std::thread::yield_now();
                }
                error => return Err(format!("client {count}: {error}")),
            }
        }
    }
    Ok(())
}

#[test]
fn a_forked_child_turns_clients_away_whatever_its_parent_has_still_to_close() {
    let name = fresh_id();
    let listener = closed_to_all(&name);
    // The thread that closes them is held up, and has as many waiting as may.
    let _held_up = lingering_client(&name);
    let clients: Vec<_> = (0..100).map(|_| connect(&name)).collect();
    for client in &clients {
        client.try_write(b"unread").unwrap();
    }
    // The first call may have turned away as many in a row as it does.
    let errors = [(); 2].map(|()| listener.try_accept().unwrap_err().raw_os_error());
    assert_eq!(errors[1], Some(libc::ENOBUFS));
    let elsewhere = fresh_id();
    fork(|| refuse_many(&closed_to_all(&elsewhere), &elsewhere)).join();
}
