//! Processes that race for a name, and that are killed, with delays between all of their steps.
//!
//! A few rounds each time; a thousand by `cargo test -p local-socket-core --test races -- --ignored
//! --nocapture`, which prints the counts.
#![cfg(target_os = "linux")]

mod common;

use common::{
    PATIENCE, connect, files, fresh_path,
    intercept::{delayed, random},
    leave_stale_socket, listen, path_name,
    worker::{self, Worker},
};
use local_socket::{ConnectOptions, Listener, ListenerOptions, Name, error::os_error};
use std::{
    io::{self, Read, Write},
    os::fd::OwnedFd,
    sync::{Mutex, MutexGuard, PoisonError},
    thread,
    time::Duration,
};

const RACERS: usize = 8;
const LONGEST_DELAY: Duration = Duration::from_millis(1);

/// How late one of them is killed at most: about as long as all need, one after the other.
const LATEST_KILL: Duration = Duration::from_millis(80);

/// Waits for the other tests. A process that they start has all descriptors of this one for a moment,
/// so that a name may be held that a test has just abandoned.
fn alone() -> MutexGuard<'static, ()> {
    static ONE_AT_A_TIME: Mutex<()> = Mutex::new(());
    ONE_AT_A_TIME.lock().unwrap_or_else(PoisonError::into_inner)
}

/// Nobody gives up because the machine is busy.
fn options<'n>(name: &'n Name<'_>) -> ListenerOptions<'n> {
    ListenerOptions::new().name(name.borrow()).max_spin_time(PATIENCE)
}

/// Whether a client of the name comes to this listener. If not, it comes to another, or nobody is
/// there.
fn is_reached(name: &Name<'_>, listener: &Listener) -> io::Result<bool> {
    let mut client = ConnectOptions::new().name(name.borrow()).connect_sync()?;
    let Ok(mut server) = listener.try_accept() else { return Ok(false) };
    client.write_all(b"!")?;
    let mut heard = [0];
    server.read_exact(&mut heard)?;
    Ok(heard == *b"!")
}

/// What the name is after trying to take it, in a word.
fn judge(result: &io::Result<Listener>, name: &Name<'_>) -> String {
    match result {
        Ok(listener) => match is_reached(name, listener) {
            Ok(true) => "won".into(),
            other => format!("won, but {other:?}"),
        },
        Err(error) if os_error(error) == Some(libc::EADDRINUSE) => "lost".into(),
        Err(error) => error.to_string(),
    }
}

#[test]
#[ignore = "a part of the tests in this program, which start it"]
fn racer() {
    let Some((path, mut link)) = worker::part() else { return };
    let name = path_name(path);
    let mut held = None;
    worker::answer(&mut link, |word| match word {
        "take" => {
            let result = delayed(LONGEST_DELAY, || options(&name).create_sync());
            let answer = judge(&result, &name);
            held = result.ok();
            answer
        }
        // As if it had been killed.
        "abandon" => {
            if let Some(Listener::UdSocket(listener)) = held.take() {
                drop(OwnedFd::from(listener));
            }
            "abandoned".into()
        }
        _ => format!("what is {word}?"),
    });
}

fn race(rounds: usize) {
    let _alone = alone();
    let (folder, path) = fresh_path();
    let name = path_name(path.clone());
    let mut racers: Vec<_> = (0..RACERS).map(|_| Worker::start("racer", &path)).collect();
    let mut wins = [0; RACERS];
    leave_stale_socket(&path);
    for round in 0..rounds {
        racers.iter_mut().for_each(|racer| racer.tell("take"));
        let answers: Vec<_> = racers.iter_mut().map(Worker::hear).collect();
        let winner = answers.iter().position(|answer| answer == "won");
        let winner = winner.unwrap_or_else(|| panic!("round {round}: nobody won: {answers:?}"));
        let lost = answers.iter().filter(|answer| *answer == "lost").count();
        assert_eq!(lost, RACERS - 1, "round {round}: {answers:?}");
        connect(&name);
        wins[winner] += 1;
        racers[winner].tell("abandon");
        assert_eq!(racers[winner].hear(), "abandoned");
        assert_eq!(files(folder.path()), ["s"], "round {round}");
    }
    println!("{rounds} rounds of {RACERS} processes, one winner in each; won by each: {wins:?}");
    drop(listen(&name));
    assert!(files(folder.path()).is_empty());
}

#[test]
fn of_eight_processes_that_race_for_a_stale_name_exactly_one_gets_it() {
    race(25);
}

#[test]
#[ignore = "by command: takes about two minutes"]
fn of_eight_processes_that_race_for_a_stale_name_exactly_one_gets_it_in_a_thousand_rounds() {
    race(1_000);
}

fn race_and_kill(rounds: usize) {
    let _alone = alone();
    let (folder, path) = fresh_path();
    let name = path_name(path.clone());
    let mut racers: Vec<_> = (0..RACERS).map(|_| Worker::start("racer", &path)).collect();
    let mut nobody = 0;
    for round in 0..rounds {
        racers.iter_mut().for_each(|racer| racer.tell("take"));
        thread::sleep(Duration::from_micros(random(LATEST_KILL.as_micros() as u64)));
        let killed = usize::try_from(random(RACERS as u64)).unwrap();
        racers[killed].kill();
        racers[killed] = Worker::start("racer", &path);
        let survivors = racers.iter_mut().enumerate().filter(|(index, _)| *index != killed);
        let answers: Vec<_> = survivors.map(|(index, racer)| (index, racer.hear())).collect();
        let winners: Vec<_> = answers.iter().filter(|(_, answer)| answer == "won").collect();
        let lost = answers.iter().filter(|(_, answer)| answer == "lost").count();
        assert!(winners.len() <= 1, "round {round}: {answers:?}");
        assert_eq!(winners.len() + lost, RACERS - 1, "round {round}: {answers:?}");
        match winners.first() {
            Some((winner, _)) => {
                connect(&name);
                racers[*winner].tell("abandon");
                assert_eq!(racers[*winner].hear(), "abandoned");
            }
            // The one that was killed had it, when all others had tried.
            None => {
                nobody += 1;
                let Listener::UdSocket(next) = options(&name).create_sync().unwrap();
                drop(OwnedFd::from(next));
            }
        }
        assert_eq!(files(folder.path()), ["s"], "round {round}");
    }
    println!(
        "{rounds} rounds of {RACERS} processes, one of which was killed: never more than one \
         winner; in {nobody} it was the winner, and the next listener got the name"
    );
    drop(listen(&name));
    assert!(files(folder.path()).is_empty());
}

#[test]
fn a_racer_that_is_killed_lets_no_second_one_win_and_is_no_obstacle() {
    race_and_kill(25);
}

#[test]
#[ignore = "by command: takes about two minutes"]
fn a_racer_that_is_killed_lets_no_second_one_win_and_is_no_obstacle_in_a_thousand_rounds() {
    race_and_kill(1_000);
}
