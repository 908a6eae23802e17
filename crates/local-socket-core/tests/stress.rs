//! Many threads at once, for a short time: whatever they do to streams and listeners, every byte
//! arrives, once and in its place.

mod common;

use common::{
    PATIENCE,
    framed::{Random, message, random_length},
    fresh_names, listen, within,
};
use local_socket::{ConnectOptions, ConnectWaitMode, Listener, Name, Stream, TryClone, prelude::*};
use std::{
    io::{self, ErrorKind, Read, Write},
    sync::atomic::{AtomicUsize, Ordering::SeqCst},
    thread,
    time::{Duration, Instant},
};

/// How long each name is under stress.
const TIME: Duration = Duration::from_secs(1);
/// How many rounds a client plays at most in that time.
const ROUNDS: usize = 5000;
const CLIENTS: usize = 4;
const ACCEPTORS: usize = 3;

/// What a client does with its stream: sends the message and gives what came back.
type Way = fn(Stream, &[u8]) -> io::Result<Vec<u8>>;

const WAYS: [Way; 4] = [by_reference, by_halves, by_clones, without_waiting];

fn by_reference(stream: Stream, message: &[u8]) -> io::Result<Vec<u8>> {
    let mut answer = Vec::new();
    thread::scope(|scope| {
        let sending = scope.spawn(|| {
            (&stream).write_all(message)?;
            stream.shutdown_write()
        });
        let received = (&stream).read_to_end(&mut answer);
        sending.join().unwrap().and(received)
    })?;
    Ok(answer)
}

fn by_halves(stream: Stream, message: &[u8]) -> io::Result<Vec<u8>> {
    let (mut rh, mut sh) = stream.split();
    let mut answer = vec![0; message.len()];
    let sh = thread::scope(|scope| {
        let sending = scope.spawn(move || sh.write_all(message).map(|()| sh));
        let received = rh.read_exact(&mut answer);
        sending.join().unwrap().and_then(|sh| received.map(|()| sh))
    })?;
    let mut stream = Stream::reunite(rh, sh).expect("they are of one stream");
    stream.shutdown_write()?;
    stream.read_to_end(&mut answer)?;
    Ok(answer)
}

fn by_clones(mut stream: Stream, message: &[u8]) -> io::Result<Vec<u8>> {
    let mut answer = Vec::new();
    let mut clone = stream.try_clone()?;
    thread::scope(|scope| {
        let sending = scope.spawn(move || {
            clone.write_all(message)?;
            clone.shutdown_write()
        });
        let received = stream.read_to_end(&mut answer);
        sending.join().unwrap().and(received)
    })?;
    Ok(answer)
}

/// One thread alone: when there is no room, something is on its way back.
fn without_waiting(mut stream: Stream, mut message: &[u8]) -> io::Result<Vec<u8>> {
    let (mut answer, mut buffer) = (Vec::new(), [0; 4096]);
    while !message.is_empty() {
        match stream.try_write(message) {
            Ok(count) => message = &message[count..],
            Err(error) if error.kind() == ErrorKind::WouldBlock => {
                let count = stream.read(&mut buffer)?;
                assert!(count > 0, "the end of the answer before that of the question");
                answer.extend_from_slice(&buffer[..count]);
            }
            Err(error) => return Err(error),
        }
    }
    stream.shutdown_write()?;
    stream.read_to_end(&mut answer)?;
    Ok(answer)
}

/// Connects, and gives up on everything that takes too long.
fn connect(name: &Name<'_>) -> io::Result<Stream> {
    let options = ConnectOptions::new().name(name.borrow());
    let stream = options.wait_mode(ConnectWaitMode::Timeout(PATIENCE)).connect_sync()?;
    stream.set_recv_timeout(Some(PATIENCE))?;
    stream.set_send_timeout(Some(PATIENCE))?;
    Ok(stream)
}

/// Sends back what comes. A client that leaves early is its own matter.
fn echo(stream: Stream) {
    let _ = io::copy(&mut &stream, &mut &stream);
}

/// Has each client play one round after the other until the time is over; gives their number.
fn play(round: impl Fn(&mut Random, usize) + Sync) -> usize {
    let (end, played) = (Instant::now() + TIME, AtomicUsize::new(0));
    thread::scope(|scope| {
        for client in 0..CLIENTS {
            let (round, played) = (&round, &played);
            scope.spawn(move || {
                let mut random = Random::new(1 + 2 * client as u64);
                for number in (0..ROUNDS).take_while(|_| Instant::now() < end) {
                    round(&mut random, client * ROUNDS + number);
                    played.fetch_add(1, SeqCst);
                }
            });
        }
    });
    played.into_inner()
}

/// Serves until more clients than expected have come: that is one for each who accepts.
fn serve(listener: &Listener, accepted: &AtomicUsize, expected: &AtomicUsize) {
    thread::scope(|scope| {
        for stream in listener.incoming() {
            let stream = stream.expect("a client");
            if accepted.fetch_add(1, SeqCst) >= expected.load(SeqCst) {
                break;
            }
            scope.spawn(move || echo(stream));
        }
    });
}

#[test]
fn every_byte_arrives_whatever_threads_do_to_their_streams() {
    let (_folder, names) = fresh_names();
    for name in names {
        within("every client to be served", move || {
            let listener = listen(&name);
            let (accepted, expected) = (AtomicUsize::new(0), AtomicUsize::new(usize::MAX));
            thread::scope(|scope| {
                for _ in 0..ACCEPTORS {
                    scope.spawn(|| serve(&listener, &accepted, &expected));
                }
                let clients = play(|random, number| {
                    let stream = connect(&name).expect("somebody listens");
                    let message = message(number, random_length(random));
                    match WAYS.get(random.below(WAYS.len() + 1)) {
                        Some(way) => assert!(way(stream, &message).unwrap() == message),
                        None => drop(stream.try_write(&message)),
                    }
                });
                expected.store(clients, SeqCst);
                (0..ACCEPTORS).for_each(|_| drop(connect(&name).expect("somebody listens")));
            });
        });
    }
}

/// Pipes have no files that another listener could take.
#[cfg(unix)]
mod displaced {
    use super::*;
    use common::{fresh_path, path_name};
    use local_socket::{ListenerNonblockingMode, ListenerOptions};
    use rustix::{
        event::{PollFd, PollFlags, Timespec, poll},
        io::Errno,
    };
    use std::{mem, sync::atomic::AtomicBool};

    const OWNERS: usize = 3;
    /// How long an owner of the name waits for a client before it takes the name again.
    const TURN: Duration = Duration::from_millis(3);

    /// What a client sees that waited in the backlog of a displaced listener when that was dropped; or,
    /// refused, that found the file before it was replaced and its listener dropped after.
    const LOST: [ErrorKind; 3] =
        [ErrorKind::ConnectionReset, ErrorKind::BrokenPipe, ErrorKind::ConnectionRefused];

    fn take(name: &Name<'_>) -> Listener {
        let options = ListenerOptions::new().name(name.borrow()).try_overwrite(true);
        let options = options.max_spin_time(PATIENCE).nonblocking(ListenerNonblockingMode::Accept);
        options.create_sync().expect("the name can be taken")
    }

    /// Whether a client is there within a turn.
    fn is_somebody_there(listener: &Listener) -> bool {
        let Listener::UdSocket(listener) = listener;
        let turn = Timespec { tv_sec: 0, tv_nsec: TURN.subsec_nanos().into() };
        match poll(&mut [PollFd::new(listener, PollFlags::IN)], Some(&turn)) {
            Ok(count) => count > 0,
            Err(Errno::INTR) => false,
            Err(error) => panic!("waiting for a client: {error}"),
        }
    }

    /// Takes the name again and again. The listener before the last is kept for as long, since a
    /// client may have found its file already. Gives both: whoever gives a name back doesn't wait for
    /// long while others do.
    fn own(name: &Name<'_>, mut listener: Listener, done: &AtomicBool) -> [Option<Listener>; 2] {
        thread::scope(|scope| {
            let mut displaced = None;
            while !done.load(SeqCst) {
                if is_somebody_there(&listener) {
                    while let Ok(stream) = listener.try_accept() {
                        scope.spawn(move || echo(stream));
                    }
                }
                displaced = Some(mem::replace(&mut listener, take(name)));
            }
            [displaced, Some(listener)]
        })
    }

    #[test]
    fn while_listeners_displace_one_another_an_answer_is_whole_or_an_error_and_nothing_is_left() {
        let (folder, path) = fresh_path();
        let name = path_name(path);
        within("every client to be served or lost", move || {
            let (whole, lost) = (AtomicUsize::new(0), AtomicUsize::new(0));
            let done = AtomicBool::new(false);
            // All of them before the first client, since the name is there from the first one on.
            let listeners: Vec<_> = (0..OWNERS).map(|_| take(&name)).collect();
            thread::scope(|scope| {
                let (name, done) = (&name, &done);
                let owners: Vec<_> = listeners
                    .into_iter()
                    .map(|listener| scope.spawn(move || own(name, listener, done)))
                    .collect();
                play(|random, number| {
                    let message = message(number, random_length(random));
                    let way = WAYS[random.below(WAYS.len())];
                    match connect(name).and_then(|stream| way(stream, &message)) {
                        Ok(answer) => {
                            assert!(answer == message, "every byte or an error");
                            whole.fetch_add(1, SeqCst);
                        }
                        Err(error) => {
                            assert!(LOST.contains(&error.kind()), "{error}");
                            lost.fetch_add(1, SeqCst);
                        }
                    }
                });
                done.store(true, SeqCst);
                owners.into_iter().for_each(|owner| drop(owner.join().unwrap()));
            });
            let (whole, lost) = (whole.into_inner(), lost.into_inner());
            assert!(whole > 0, "all of {lost} answers were lost");
            let left: Vec<_> = folder.path().read_dir().unwrap().collect();
            assert!(left.is_empty(), "{left:?}");
        });
    }
}
