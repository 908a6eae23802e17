//! A flood of clients that are turned away, and what a good client and the server have of it. It takes
//! a while and prints numbers rather than to judge them:
//! `cargo test --release -p local-socket-core --test flood -- --ignored --nocapture`
#![cfg(target_os = "linux")]

mod common;

use common::{
    child::{STRANGER, become_user, may_become_another_user},
    connect, fresh_id,
    processes::{Child, fork},
};
use local_socket::{
    Allow, ConnectOptions, Listener, ListenerOptions, Name, os::unix::ListenerOptionsExt,
    prelude::*,
};
use std::{
    fs,
    io::{Read, Write},
    os::fd::AsFd,
    thread,
    time::{Duration, Instant},
};

const FLOOD: u64 = 100_000;

/// How many processes they come from, so that there are always some in the backlog.
const SOURCES: u64 = 4;

/// What each of them sends and nobody reads.
const UNREAD: [u8; 4096] = [0; 4096];

/// A number of kibibytes that a file of the system has.
fn kibibytes(file: &str, field: &str) -> u64 {
    let text = fs::read_to_string(file).unwrap();
    let line = text.lines().find(|line| line.starts_with(field)).expect("it is there");
    line.split_whitespace().nth(1).unwrap().parse().unwrap()
}

fn resident() -> u64 {
    kibibytes("/proc/self/status", "VmRSS:")
}

fn in_kernel() -> u64 {
    kibibytes("/proc/meminfo", "Slab:")
}

fn flood(name: &Name<'_>) -> Result<(), String> {
    become_user(STRANGER, &[]);
    let options = ConnectOptions::new().name(name.borrow());
    for _ in 0..FLOOD / SOURCES {
        let mut client = options.connect_sync().map_err(|error| error.to_string())?;
        // It may have been turned away already.
        let _ = client.write(&UNREAD);
    }
    Ok(())
}

/// How long a good client waits for an answer.
fn ask(name: &Name<'_>) -> Duration {
    let start = Instant::now();
    let mut client = connect(name);
    client.write_all(b"?").unwrap();
    client.read_exact(&mut [0]).unwrap();
    start.elapsed()
}

/// Answers good clients until there is nobody to accept any more.
fn serve(listener: &Listener) {
    while let Ok(mut client) = listener.accept() {
        let mut question = [0];
        if client.read_exact(&mut question).is_ok() {
            let _ = client.write_all(&question);
        }
    }
}

fn report(what: &str, receive_descriptors: bool) {
    let name = fresh_id();
    let listener = ListenerOptions::new()
        .name(name.borrow())
        .allow(Allow::same_user())
        .receive_descriptors(receive_descriptors)
        .create_sync()
        .unwrap();
    let Listener::UdSocket(inner) = &listener;
    let socket = inner.as_fd().try_clone_to_owned().unwrap();
    let start = Instant::now();
    let flooders: Vec<_> = (0..SOURCES).map(|_| fork(|| flood(&name))).collect();
    let (before, slab) = (resident(), in_kernel());
    let (mut most, mut most_slab) = (before, slab);
    let (mut delays, mut took) = (Vec::new(), Duration::ZERO);
    thread::scope(|scope| {
        let serving = scope.spawn(|| serve(&listener));
        while listener.refused() < FLOOD {
            delays.push(ask(&name));
            most = most.max(resident());
            most_slab = most_slab.max(in_kernel());
            took = start.elapsed();
        }
        rustix::net::shutdown(&socket, rustix::net::Shutdown::Both).unwrap();
        serving.join().unwrap();
    });
    flooders.into_iter().for_each(Child::join);
    delays.sort_unstable();
    let at = |share: usize| delays[(delays.len() - 1) * share / 100];
    eprintln!(
        "{what}: {} turned away in {took:.1?}; {} good clients waited {:.1?} (median), {:.1?} (99 %), \
         {:.1?} (most); memory {before} KiB before, {most} KiB at most; in the kernel {} KiB more",
        listener.refused(),
        delays.len(),
        at(50),
        at(99),
        at(100),
        most_slab.saturating_sub(slab),
    );
}

#[test]
#[ignore = "by command: takes a while, and prints numbers"]
fn a_flood_of_strangers_makes_a_good_client_wait_and_the_server_no_larger() {
    if may_become_another_user() {
        report("descriptors refused", false);
        report("descriptors received", true);
    }
}
