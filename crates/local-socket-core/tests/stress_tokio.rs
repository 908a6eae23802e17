//! Many tasks on several threads at once, for a short time: whatever they do to streams and
//! listeners, every byte arrives, once and in its place.
#![cfg(feature = "tokio")]

mod common;

use common::{
    PATIENCE,
    framed::{Random, message, random_length},
    fresh_names,
    tokio::within,
};
use local_socket::{
    ConnectOptions, ConnectWaitMode, ListenerOptions, Name,
    tokio::{Listener, Stream, prelude::*},
};
use std::{io, sync::Arc, time::Duration};
use tokio::{
    io::{AsyncReadExt, AsyncWriteExt, copy},
    join, spawn,
    sync::watch,
    task::JoinSet,
    time::{Instant, timeout},
};

/// How long each name is under stress.
const TIME: Duration = Duration::from_secs(1);
/// How many rounds a client plays at most in that time.
const ROUNDS: usize = 5000;
const CLIENTS: usize = 6;
const ACCEPTORS: usize = 3;
/// After this long an operation is dropped. The next one goes on where that was.
const MOMENT: Duration = Duration::from_millis(1);

/// What a client does with its stream: sends the message and gives what came back.
#[derive(Clone, Copy)]
enum Way {
    Reference,
    Halves,
    Cancelling,
}

const WAYS: [Way; 3] = [Way::Reference, Way::Halves, Way::Cancelling];

impl Way {
    async fn ask(self, stream: Stream, message: &[u8]) -> io::Result<Vec<u8>> {
        match self {
            Self::Reference => by_reference(stream, message).await,
            Self::Halves => by_halves(stream, message).await,
            Self::Cancelling => cancelling(stream, message).await,
        }
    }
}

async fn by_reference(stream: Stream, message: &[u8]) -> io::Result<Vec<u8>> {
    let (mut reader, mut writer) = (&stream, &stream);
    let mut answer = Vec::new();
    let send = async {
        writer.write_all(message).await?;
        writer.shutdown().await
    };
    // Both to their end, so that the error of sending comes first if there are two.
    let (sent, received) = join!(send, reader.read_to_end(&mut answer));
    sent.and(received).map(|_| answer)
}

async fn by_halves(stream: Stream, message: &[u8]) -> io::Result<Vec<u8>> {
    let (mut rh, mut sh) = stream.split();
    let mut answer = vec![0; message.len()];
    let message = message.to_vec();
    let sending = spawn(async move {
        let sent = sh.write_all(&message).await;
        sent.map(|()| sh)
    });
    let received = rh.read_exact(&mut answer).await;
    let sh = sending.await.expect("a task that sends")?;
    received?;
    let mut stream = Stream::reunite(rh, sh).expect("they are of one stream");
    stream.shutdown().await?;
    stream.read_to_end(&mut answer).await?;
    Ok(answer)
}

/// Drops every read and write that isn't done after a moment.
async fn cancelling(stream: Stream, mut message: &[u8]) -> io::Result<Vec<u8>> {
    let (mut reader, mut writer) = (&stream, &stream);
    let (mut answer, mut buffer, mut is_open) = (Vec::new(), [0; 4096], true);
    loop {
        if is_open && message.is_empty() {
            // What is on its way is read only as fast as the answer is.
            if let Ok(shut) = timeout(MOMENT, writer.shutdown()).await {
                shut?;
                is_open = false;
            }
        } else if is_open {
            if let Ok(count) = timeout(MOMENT, writer.write(message)).await {
                message = &message[count?..];
            }
        }
        if let Ok(count) = timeout(MOMENT, reader.read(&mut buffer)).await {
            let count = count?;
            if count == 0 {
                assert!(!is_open, "the end of the answer before that of the question");
                return Ok(answer);
            }
            answer.extend_from_slice(&buffer[..count]);
        }
    }
}

async fn connect(name: &Name<'_>) -> io::Result<Stream> {
    let options = ConnectOptions::new().name(name.borrow());
    options.wait_mode(ConnectWaitMode::Timeout(PATIENCE)).connect_tokio().await
}

/// Sends back what comes. A client that leaves early is its own matter.
async fn echo(stream: Stream) {
    let (mut reader, mut writer) = (&stream, &stream);
    if copy(&mut reader, &mut writer).await.is_ok() {
        let _ = writer.shutdown().await;
    }
}

/// The rounds that a client plays until the time is over, as numbers that no other client has.
fn rounds(client: usize) -> impl Iterator<Item = usize> {
    let end = Instant::now() + TIME;
    (client * ROUNDS..).take(ROUNDS).take_while(move |_| Instant::now() < end)
}

/// Plays, and gives how many rounds there were.
async fn demanding_client(name: Name<'static>, client: usize) -> usize {
    let mut random = Random::new(client as u64);
    let mut played = 0;
    for number in rounds(client) {
        let mut stream = connect(&name).await.expect("somebody listens");
        let message = message(number, random_length(&mut random));
        match WAYS.get(random.below(WAYS.len() + 1)) {
            Some(way) => assert!(way.ask(stream, &message).await.unwrap() == message),
            None => drop(timeout(MOMENT, stream.write(&message)).await),
        }
        played += 1;
    }
    played
}

/// Accepts, and counts how often. Losing interest loses no client.
async fn serve(listener: Arc<Listener>, accepted: Arc<watch::Sender<usize>>) {
    loop {
        if let Ok(stream) = timeout(MOMENT, listener.accept()).await {
            spawn(echo(stream.expect("a client")));
            accepted.send_modify(|count| *count += 1);
        }
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn every_byte_arrives_whatever_tasks_do_to_their_streams() {
    let (_folder, names) = fresh_names();
    for name in names {
        let listener = ListenerOptions::new().name(name.borrow()).create_tokio().unwrap();
        let (listener, (accepted, mut count)) = (Arc::new(listener), watch::channel(0));
        let (accepted, mut servers, mut clients) =
            (Arc::new(accepted), JoinSet::new(), JoinSet::new());
        for _ in 0..ACCEPTORS {
            servers.spawn(serve(listener.clone(), accepted.clone()));
        }
        for client in 0..CLIENTS {
            clients.spawn(demanding_client(name.clone(), client));
        }
        let played: usize =
            within("every client's answers", clients.join_all()).await.into_iter().sum();
        let all = count.wait_for(|&count| count == played);
        within("every client to be accepted", all).await.expect("a number");
    }
}

/// Pipes have no files that another listener could take.
#[cfg(unix)]
mod displaced {
    use super::*;
    use common::{fresh_path, path_name};
    use std::{io::ErrorKind, mem};
    use tokio::time::timeout_at;

    const OWNERS: usize = 3;
    /// How long an owner of the name waits for a client before it takes the name again.
    const TURN: Duration = Duration::from_millis(3);

    /// What a client sees that waited in the backlog of a displaced listener when that was dropped; or,
    /// refused, that found the file before it was replaced and its listener dropped after.
    const LOST: [ErrorKind; 3] =
        [ErrorKind::ConnectionReset, ErrorKind::BrokenPipe, ErrorKind::ConnectionRefused];

    /// Plays, and gives how many answers were whole, and how many were lost.
    async fn patient_client(name: Name<'static>, client: usize) -> (usize, usize) {
        let mut random = Random::new(client as u64);
        let (mut whole, mut lost) = (0, 0);
        for number in rounds(client) {
            let message = message(number, random_length(&mut random));
            let way = WAYS[random.below(WAYS.len())];
            let result = match connect(&name).await {
                Ok(stream) => way.ask(stream, &message).await,
                Err(error) => Err(error),
            };
            match result {
                Ok(answer) => {
                    assert!(answer == message, "every byte or an error");
                    whole += 1;
                }
                Err(error) => {
                    assert!(LOST.contains(&error.kind()), "{error}");
                    lost += 1;
                }
            }
        }
        (whole, lost)
    }

    fn take(name: &Name<'_>) -> Listener {
        let options = ListenerOptions::new().name(name.borrow()).try_overwrite(true);
        options.max_spin_time(PATIENCE).create_tokio().expect("the name can be taken")
    }

    /// Takes the name again and again. The listener before the last is kept for as long, since a
    /// client may have found its file already. Gives both: whoever gives a name back doesn't wait for
    /// long while others do.
    async fn own(
        name: Name<'static>,
        mut listener: Listener,
        done: watch::Receiver<bool>,
    ) -> [Option<Listener>; 2] {
        let mut displaced = None;
        while !*done.borrow() {
            let end = Instant::now() + TURN;
            while let Ok(stream) = timeout_at(end, listener.accept()).await {
                spawn(echo(stream.expect("a client")));
            }
            displaced = Some(mem::replace(&mut listener, take(&name)));
        }
        [displaced, Some(listener)]
    }

    #[tokio::test(flavor = "multi_thread", worker_threads = 4)]
    async fn while_listeners_displace_one_another_an_answer_is_whole_or_an_error_and_nothing_is_left()
     {
        let (folder, path) = fresh_path();
        let name = path_name(path);
        let (done, is_done) = watch::channel(false);
        // All of them before the first client, since the name is there from the first one on.
        let listeners: Vec<_> = (0..OWNERS).map(|_| take(&name)).collect();
        let (mut owners, mut clients) = (JoinSet::new(), JoinSet::new());
        for listener in listeners {
            owners.spawn(own(name.clone(), listener, is_done.clone()));
        }
        for client in 0..CLIENTS {
            clients.spawn(patient_client(name.clone(), client));
        }
        let played = within("every client to be served or lost", clients.join_all()).await;
        done.send(true).expect("owners");
        drop(within("the owners to end", owners.join_all()).await);
        let (whole, lost) = played.iter().fold((0, 0), |sum, one| (sum.0 + one.0, sum.1 + one.1));
        assert!(whole > 0, "all of {lost} answers were lost");
        let left: Vec<_> = folder.path().read_dir().unwrap().collect();
        assert!(left.is_empty(), "{left:?}");
    }
}
