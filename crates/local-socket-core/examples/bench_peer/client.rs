//! The clients, and what they measure.

use std::{
    io::{self, Error, Read, Write},
    net::Shutdown,
    os::unix::net::UnixStream,
    time::{Duration, Instant},
};

pub fn ping(path: &str, size: usize, count: usize) -> io::Result<()> {
    let mut stream = UnixStream::connect(path)?;
    let (mut message, mut answer) = (vec![0xA5; size], vec![0; size]);
    let mut times = Vec::with_capacity(count);
    let (start, cpu_start) = (Instant::now(), cpu_time());
    for number in 0..count {
        stamp(&mut message, number);
        let begin = Instant::now();
        stream.write_all(&message)?;
        stream.read_exact(&mut answer)?;
        times.push(begin.elapsed());
        if answer != message {
            return Err(Error::other(format!("message {number} came back changed")));
        }
    }
    let (seconds, cpu_seconds) = (start.elapsed(), cpu_time().saturating_sub(cpu_start));
    times.sort_unstable();
    println!(
        r#"{{"count":{count},"seconds":{:.6},"cpuSeconds":{:.6},"p50us":{:.3},"p99us":{:.3}}}"#,
        seconds.as_secs_f64(),
        cpu_seconds.as_secs_f64(),
        percentile(&times, 50),
        percentile(&times, 99),
    );
    Ok(())
}

pub fn flood(path: &str, size: usize, count: usize) -> io::Result<()> {
    let mut stream = UnixStream::connect(path)?;
    let mut message = vec![0xA5; size];
    let bytes = size as u64 * count as u64;
    let (start, cpu_start) = (Instant::now(), cpu_time());
    for number in 0..count {
        stamp(&mut message, number);
        stream.write_all(&message)?;
    }
    stream.shutdown(Shutdown::Write)?;
    let mut total = [0; 8];
    stream.read_exact(&mut total)?;
    let (seconds, cpu_seconds) = (start.elapsed(), cpu_time().saturating_sub(cpu_start));
    if u64::from_be_bytes(total) != bytes {
        let total = u64::from_be_bytes(total);
        return Err(Error::other(format!("{bytes} bytes were sent and {total} arrived")));
    }
    println!(
        r#"{{"count":{count},"bytes":{bytes},"seconds":{:.6},"cpuSeconds":{:.6}}}"#,
        seconds.as_secs_f64(),
        cpu_seconds.as_secs_f64(),
    );
    Ok(())
}

/// Writes the message's number to its beginning, if it has room for that.
fn stamp(message: &mut [u8], number: usize) {
    if let Some(place) = message.first_chunk_mut() {
        *place = (number as u64).to_le_bytes();
    }
}

fn percentile(sorted: &[Duration], percent: usize) -> f64 {
    let index = (sorted.len() * percent / 100).min(sorted.len() - 1);
    sorted[index].as_secs_f64() * 1e6
}

/// What this process has used of the processor, its own code and the kernel's.
fn cpu_time() -> Duration {
    let mut time = libc::timespec { tv_sec: 0, tv_nsec: 0 };
    // SAFETY: the time is a live value of the type asked for.
    let result = unsafe { libc::clock_gettime(libc::CLOCK_PROCESS_CPUTIME_ID, &mut time) };
    assert_eq!(result, 0, "every Unix system has this clock");
    Duration::new(time.tv_sec.unsigned_abs(), time.tv_nsec.unsigned_abs() as u32)
}
