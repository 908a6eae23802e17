//! The clients, and what they measure.

use super::{
    message::stamp,
    report::Stopwatch,
    waiting::{Socket, Waiting},
};
use std::{
    io::{self, Error, Read, Write},
    net::Shutdown,
    os::unix::net::UnixStream,
    thread,
    time::{Duration, Instant},
};

pub fn ping(
    path: &str,
    size: usize,
    count: usize,
    waiting: Waiting,
    think: Option<Duration>,
) -> io::Result<()> {
    let mut stream = Socket::new(UnixStream::connect(path)?, waiting)?;
    let (mut message, mut answer) = (vec![0xA5; size], vec![0; size]);
    let mut times = Vec::with_capacity(count);
    let watch = Stopwatch::start();
    for number in 0..count {
        if let Some(think) = think {
            thread::sleep(think);
        }
        stamp(&mut message, number);
        let begin = Instant::now();
        stream.write_all(&message)?;
        stream.read_exact(&mut answer)?;
        times.push(begin.elapsed());
        if answer != message {
            return Err(Error::other(format!("message {number} came back changed")));
        }
    }
    watch.report_round_trips(times, think.is_some());
    Ok(())
}

pub fn flood(path: &str, size: usize, count: usize) -> io::Result<()> {
    let mut stream = UnixStream::connect(path)?;
    let mut message = vec![0xA5; size];
    let bytes = size as u64 * count as u64;
    let watch = Stopwatch::start();
    for number in 0..count {
        stamp(&mut message, number);
        stream.write_all(&message)?;
    }
    expect_receipt(&stream, bytes)?;
    watch.report_one_way(count, bytes);
    Ok(())
}

/// Says that this was all, and waits until the sink says the same.
pub fn expect_receipt(mut stream: &UnixStream, bytes: u64) -> io::Result<()> {
    stream.shutdown(Shutdown::Write)?;
    let mut total = [0; 8];
    stream.read_exact(&mut total)?;
    match u64::from_be_bytes(total) {
        total if total == bytes => Ok(()),
        total => Err(Error::other(format!("{bytes} bytes were sent and {total} arrived"))),
    }
}
