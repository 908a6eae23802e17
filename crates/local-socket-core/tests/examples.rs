//! The examples, run as programs.

mod common;

#[cfg(unix)]
use common::PATIENCE;
use common::{connect, fresh_path_text, program::Running};
use local_socket::{GenericFilePath, GenericNamespaced, Name, prelude::*};
#[cfg(unix)]
use std::io::{BufRead, BufReader, Read, Write};
use std::{process, thread};
use tempfile::TempDir;

#[cfg(feature = "tokio")]
const SERVERS: [&str; 2] = ["echo_server", "tokio_echo_server"];
#[cfg(not(feature = "tokio"))]
const SERVERS: [&str; 1] = ["echo_server"];

#[cfg(feature = "tokio")]
const CLIENTS: [&str; 2] = ["echo_client", "tokio_echo_client"];
#[cfg(not(feature = "tokio"))]
const CLIENTS: [&str; 1] = ["echo_client"];

/// A name of each kind as it is written on a command line, and as the system sees it.
fn fresh_names() -> (TempDir, [(String, Name<'static>); 2]) {
    use std::sync::atomic::{AtomicUsize, Ordering};
    static COUNT: AtomicUsize = AtomicUsize::new(0);
    let number = COUNT.fetch_add(1, Ordering::Relaxed);
    let id = format!("local-socket-example-{}-{number}", process::id());
    let (folder, path) = fresh_path_text();
    let names = [
        (id.clone(), id.to_ns_name::<GenericNamespaced>().unwrap()),
        (path.clone(), path.to_fs_name::<GenericFilePath>().unwrap()),
    ];
    (folder, names)
}

fn ask(client: &'static str, name: &str, question: &[u8]) -> Vec<u8> {
    let (answer, success, errors) = Running::start(client, &[name]).finish(question.to_vec());
    assert!(success && errors.is_empty(), "{client}: {errors}");
    answer
}

#[test]
fn each_echo_client_gets_its_bytes_back_from_each_echo_server_under_both_kinds_of_names() {
    let question: Vec<u8> = (0..500_000_u32).map(|n| ((n * 31) >> 3) as u8).collect();
    for server in SERVERS {
        let (_folder, names) = fresh_names();
        for (text, name) in &names {
            let mut running = Running::start(server, &[text]);
            assert_eq!(running.line(), format!("listening on {name}"));
            for client in CLIENTS {
                assert!(ask(client, text, &question) == question, "{client} of {server} at {name}");
                assert_eq!(ask(client, text, b""), b"", "{client} of {server} at {name}");
            }
        }
    }
}

#[test]
fn an_echo_server_answers_others_while_a_client_says_nothing() {
    for server in SERVERS {
        let (_folder, [(text, name), _]) = fresh_names();
        let mut running = Running::start(server, &[&text]);
        running.line();
        let _silent = connect(&name);
        thread::scope(|scope| {
            for number in 0..6 {
                let (client, text) = (CLIENTS[number % CLIENTS.len()], &text);
                scope.spawn(move || {
                    let question = vec![number as u8; 100_000];
                    assert!(ask(client, text, &question) == question, "{client} of {server}");
                });
            }
        });
    }
}

#[test]
fn a_client_without_a_server_and_a_server_without_a_folder_say_in_one_line_where() {
    let (_folder, names) = fresh_names();
    for client in CLIENTS {
        for (text, name) in &names {
            let (_, success, errors) = Running::start(client, &[text]).finish(Vec::new());
            assert!(!success && errors.contains(&name.to_string()), "{errors}");
            assert_eq!(errors.lines().count(), 1, "{errors}");
        }
    }
    // A path that no pipe can have.
    let nowhere = if cfg!(windows) { r"C:\missing\s" } else { "/missing/folder/s" };
    for server in SERVERS {
        let (_, success, errors) = Running::start(server, &[nowhere]).finish(Vec::new());
        assert!(!success && errors.contains(nowhere), "{errors}");
        assert_eq!(errors.lines().count(), 1, "{errors}");
    }
}

#[test]
#[cfg(unix)]
fn a_client_that_was_handed_over_is_served_by_the_worker_and_outlives_the_front() {
    let (_folder, names) = fresh_names();
    for (text, name) in names {
        let mut front = Running::start("hand_over", &["front", &text]);
        assert_eq!(front.line(), format!("listening on {name}.worker"));
        let worker = Running::start("hand_over", &["worker", &text]);
        assert_eq!(front.line(), format!("listening on {name}"));

        let clients = [connect(&name), connect(&name)].map(|client| {
            client.set_recv_timeout(Some(PATIENCE)).unwrap();
            let mut client = BufReader::new(client);
            let mut greeting = String::new();
            client.read_line(&mut greeting).unwrap();
            assert_eq!(greeting, format!("served by {}\n", worker.pid()));
            client
        });
        let listened = clients[0].get_ref().peer_creds().unwrap().pid();
        if cfg!(target_os = "linux") {
            assert_eq!(listened, Some(front.pid() as _), "the listener's, whoever serves");
        }
        drop(front);
        for mut client in clients {
            client.get_mut().write_all(b"still there?").unwrap();
            client.get_ref().shutdown_write().unwrap();
            let mut answer = String::new();
            client.read_to_string(&mut answer).unwrap();
            assert_eq!(answer, "still there?");
        }
        let (_, success, errors) = worker.finish(Vec::new());
        assert!(success && errors.is_empty(), "{errors}");
    }
}

#[test]
#[cfg(unix)]
fn a_worker_without_a_front_and_a_wrong_role_are_told_in_one_line() {
    let (_folder, [(text, name), _]) = fresh_names();
    let cases: [(&[&str], &str); 3] = [
        (&["worker", &text], &format!("{name}.worker")),
        (&["nobody", &text], "usage"),
        (&[], "usage"),
    ];
    for (arguments, expected) in cases {
        let (_, success, errors) = Running::start("hand_over", arguments).finish(Vec::new());
        assert!(!success && errors.contains(expected), "{errors}");
        assert_eq!(errors.lines().count(), 1, "{errors}");
    }
}
