//! What can't be seen from outside: that nothing is left, and what happens without memory.

use super::*;
use std::{
    fs::{File, OpenOptions},
    process,
    sync::atomic::{AtomicUsize, Ordering::Relaxed},
    time::{Duration, Instant},
};
use windows_sys::Win32::Foundation::ERROR_INVALID_NAME;

fn fresh_path() -> String {
    static COUNT: AtomicUsize = AtomicUsize::new(0);
    format!(r"\\.\pipe\local-socket-backlog-{}-{}", process::id(), COUNT.fetch_add(1, Relaxed))
}

fn recipe(path: &str) -> Recipe {
    Recipe::new(path.encode_utf16().chain([0]).collect(), None)
}

fn client(path: &str) -> File {
    OpenOptions::new().read(true).write(true).open(path).unwrap()
}

fn until(what: &str, done: impl Fn() -> bool) {
    let start = Instant::now();
    while !done() {
        assert!(start.elapsed() < Duration::from_secs(60), "waited for: {what}");
        std::thread::sleep(Duration::from_millis(1));
    }
}

/// One that has its first instance and can't make more.
fn short_of_memory(path: &str) -> Arc<Backlog> {
    let first = recipe(path).first().unwrap();
    port::bind(first.as_handle()).unwrap();
    let state = State { spare: vec![first], should_wait: WAITING, ..State::default() };
    Arc::new(Backlog {
        recipe: recipe("no pipe"),
        most: 5,
        state: Mutex::new(state),
        changed: Condvar::new(),
    })
}

#[test]
fn nothing_is_left_of_a_closed_backlog_whatever_its_instances_were_doing() {
    let path = fresh_path();
    let backlog = Backlog::open(recipe(&path), 20).unwrap();
    let _clients = [client(&path), client(&path), client(&path)];
    let taken = backlog.try_take().unwrap();
    assert!(taken.is_some());
    backlog.close();
    let left = Arc::downgrade(&backlog);
    drop(backlog);
    until("the completions", || left.strong_count() == 0);
}

#[test]
fn a_name_is_free_at_once_although_clients_that_were_not_accepted_hold_on() {
    let path = fresh_path();
    for _ in 0..20 {
        let backlog = Backlog::open(recipe(&path), 20).unwrap();
        let clients = [client(&path), client(&path)];
        backlog.close();
        recipe(&path).first().unwrap();
        drop(clients);
    }
}

#[test]
fn the_last_instance_is_kept_and_its_client_waits_until_another_can_be_made() {
    let path = fresh_path();
    let backlog = short_of_memory(&path);
    assert!(backlog.try_take().unwrap().is_none(), "one waits, so somebody can come");
    let _client = client(&path);
    for _ in 0..3 {
        let error = backlog.try_take().unwrap_err();
        assert_ne!(error.raw_os_error(), None);
        assert_eq!(backlog.lock().open(), 1);
    }
    let error = backlog.wait().unwrap_err();
    assert_eq!(error.raw_os_error(), Some(ERROR_INVALID_NAME as i32));
    backlog.lock().spare.push({
        let more = recipe(&path).another().unwrap();
        port::bind(more.as_handle()).unwrap();
        more
    });
    assert!(backlog.try_take().unwrap().is_some());
    backlog.close();
}

#[test]
fn who_waits_for_clients_is_told_that_none_can_come() {
    let path = fresh_path();
    let backlog = short_of_memory(&path);
    let waiting = {
        let backlog = backlog.clone();
        std::thread::spawn(move || backlog.wait().map(drop))
    };
    until("the instance to wait", || !backlog.lock().waiting.is_empty());
    let _client = client(&path);
    waiting.join().unwrap().unwrap_err();
    backlog.close();
}
