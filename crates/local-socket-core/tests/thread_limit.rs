//! Alone in its program, because it forks.
#![cfg(target_os = "linux")]

mod common;

use common::{
    child::{STRANGER, become_user, may_become_another_user},
    connect,
    descriptors::{LINGERS, closed_to_all, lingering_client},
    fresh_id,
    processes::fork,
};
use local_socket::Name;
use rustix::process::{Resource, Rlimit, getrlimit, setrlimit};
use std::time::Instant;

/// As a user whom the system gives no thread at first.
fn refuse_without_a_thread_and_with_one(name: &Name<'_>) -> Result<(), String> {
    let listener = closed_to_all(name);
    let first = connect(name);
    first.try_write(b"unread").map_err(|error| error.to_string())?;
    let before = getrlimit(Resource::Nproc);
    become_user(STRANGER, &[]);
    setrlimit(Resource::Nproc, Rlimit { current: Some(0), ..before }).unwrap();
    listener.try_accept().unwrap_err();
    setrlimit(Resource::Nproc, before).unwrap();

    let _held = lingering_client(name);
    let start = Instant::now();
    listener.try_accept().unwrap_err();
    let took = start.elapsed();
    let quick = took < LINGERS / 2 && listener.refused() == 2;
    if quick { Ok(()) } else { Err(format!("turning clients away took {took:?}")) }
}

#[test]
fn what_closes_in_the_background_is_started_as_soon_as_the_system_lets_it() {
    if may_become_another_user() {
        let name = fresh_id();
        fork(|| refuse_without_a_thread_and_with_one(&name)).join();
    }
}
