//! The stopwatch, the random numbers and the line that is printed: the same in each language. Shared by the peers in Rust.

use std::sync::atomic::{AtomicU64, Ordering::Relaxed};
use std::sync::Arc;
use std::time::{Duration, Instant};

pub struct Stopwatch {
    started: (Instant, Duration),
}

impl Stopwatch {
    pub fn start() -> Self {
        Stopwatch { started: (Instant::now(), processor_time()) }
    }

    /// Adds what has passed to `total`.
    pub fn stop(self, total: &mut Measurement) {
        total.cpu += processor_time() - self.started.1;
        total.wall += self.started.0.elapsed();
    }
}

#[derive(Default)]
pub struct Measurement {
    pub operations: u64,
    pub wall: Duration,
    pub cpu: Duration,
    pub bytes: Option<i64>,
}

impl Measurement {
    pub fn print(&self) {
        print!("operations={} wall={} cpu={}", self.operations, self.wall.as_nanos(), self.cpu.as_nanos());
        match self.bytes {
            Some(bytes) => println!(" bytes={bytes}"),
            None => println!(),
        }
    }
}

#[repr(C)]
struct TimeSpec {
    seconds: i64,
    nanoseconds: i64,
}

extern "C" {
    fn clock_gettime(clock: i32, time: *mut TimeSpec) -> i32;
}

/// The processor time of all threads of this process.
fn processor_time() -> Duration {
    const CLOCK_PROCESS_CPUTIME_ID: i32 = 2;
    let mut time = TimeSpec { seconds: 0, nanoseconds: 0 };
    // SAFETY: the clock exists on Linux, and `time` is a place for what it says.
    unsafe { clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &mut time) };
    Duration::new(time.seconds as u64, time.nanoseconds as u32)
}

/// The bytes of this process that are in memory now.
pub fn resident_bytes() -> i64 {
    let line = std::fs::read_to_string("/proc/self/statm").expect("Linux has it");
    line.split(' ').nth(1).and_then(|pages| pages.parse::<i64>().ok()).expect("a number of pages") * 4096
}

/// The same numbers in each language.
pub struct RandomNumbers(u64);

impl RandomNumbers {
    pub fn new() -> Self {
        RandomNumbers(1)
    }

    pub fn below(&mut self, limit: u64) -> u64 {
        self.0 = self.0 * 48_271 % 2_147_483_647;
        self.0 % limit
    }
}

/// The scenario's name, the count, and the parameter if one is given.
pub fn arguments() -> Option<(String, u64, Option<u64>)> {
    let mut arguments = std::env::args().skip(1);
    let name = arguments.next()?;
    let count = arguments.next()?.parse().ok()?;
    Some((name, count, arguments.next().and_then(|parameter| parameter.parse().ok())))
}

/// A number that only this thread changes.
#[derive(Clone, Default)]
pub struct Counter(Arc<AtomicU64>);

impl Counter {
    pub fn get(&self) -> u64 {
        self.0.load(Relaxed)
    }

    /// Adds without the cost of doing it atomically.
    pub fn add(&self, number: u64) {
        self.0.store(self.get().wrapping_add(number), Relaxed);
    }

    pub fn clear(&self) {
        self.0.store(0, Relaxed);
    }
}
