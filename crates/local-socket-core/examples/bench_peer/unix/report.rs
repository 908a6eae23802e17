//! What was measured, as JSON.

use std::time::{Duration, Instant};

/// The time that work takes, on the clock and of the processor.
pub struct Stopwatch {
    begin: Instant,
    cpu_begin: Duration,
}

impl Stopwatch {
    pub fn start() -> Self {
        Self { begin: Instant::now(), cpu_begin: cpu_time() }
    }

    /// Prints what was sent one way, and how long it took.
    pub fn report_one_way(&self, count: usize, bytes: u64) {
        println!(
            r#"{{"count":{count},"bytes":{bytes},"seconds":{:.6},"cpuSeconds":{:.6}}}"#,
            self.begin.elapsed().as_secs_f64(),
            cpu_time().saturating_sub(self.cpu_begin).as_secs_f64(),
        );
    }

    /// Prints how long round trips took; `seconds` leaves out what was between them if `thought`.
    pub fn report_round_trips(&self, mut times: Vec<Duration>, thought: bool) {
        let clock = self.begin.elapsed();
        let seconds = if thought { times.iter().sum() } else { clock };
        let cpu_seconds = cpu_time().saturating_sub(self.cpu_begin);
        times.sort_unstable();
        println!(
            r#"{{"count":{},"seconds":{:.6},"cpuSeconds":{:.6},"p50us":{:.3},"p99us":{:.3}}}"#,
            times.len(),
            seconds.as_secs_f64(),
            cpu_seconds.as_secs_f64(),
            percentile(&times, 50),
            percentile(&times, 99),
        );
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
