use crate::measurement::{Counter, Measurement, RandomNumbers, Stopwatch};
use crate::Executor;
use std::sync::Arc;
use std::time::Duration;
use event_listener::Event;
use smol::future::FutureExt;
use smol::Timer;
use smol::future::yield_now;

fn ms(milliseconds: u64) -> Duration {
    Duration::from_millis(milliseconds)
}

pub async fn timers(executor: &'static Executor, count: u64, span: u64) -> Measurement {
    let mut random = RandomNumbers::new();
    let woken = Counter::default();
    let all = Arc::new(Event::new());
    let listener = all.listen();
    let mut total = Measurement { operations: count, ..Default::default() };
    let stopwatch = Stopwatch::start();
    for _ in 0..count {
        let time = ms(500 + random.below(span));
        let woken = woken.clone();
        let all = all.clone();
        executor.spawn(async move {
            Timer::after(time).await;
            woken.add(1);
            if woken.get() == count {
                all.notify(1);
            }
        })
        .detach();
    }
    listener.await;
    stopwatch.stop(&mut total);
    total
}

pub async fn sleep_among(executor: &'static Executor, count: u64, others: u64) -> Measurement {
    let mut random = RandomNumbers::new();
    let asleep = Counter::default();
    for _ in 0..others {
        let time = ms(3_600_000 + random.below(3_600_000));
        let asleep = asleep.clone();
        executor.spawn(async move {
            asleep.add(1);
            Timer::after(time).await;
        })
        .detach();
    }
    while asleep.get() < others {
        yield_now().await;
    }
    let sleepers = 1000;
    let sleeps = (count / sleepers).max(1);
    let times: Vec<_> = (0..sleepers).map(|_| ms(1 + random.below(10))).collect();
    let mut total = Measurement { operations: sleeps * sleepers, ..Default::default() };
    let stopwatch = Stopwatch::start();
    let tasks: Vec<_> = times
        .into_iter()
        .map(|time| {
            executor.spawn(async move {
                for _ in 0..sleeps {
                    Timer::after(time).await;
                }
            })
        })
        .collect();
    for task in tasks {
        task.await;
    }
    stopwatch.stop(&mut total);
    total
}

/// Counts down when what sleeps is gone, however it went.
struct Awake(Counter);

impl Drop for Awake {
    fn drop(&mut self) {
        self.0.add(u64::MAX);
    }
}

pub async fn cancel(executor: &'static Executor, count: u64, batch: u64) -> Measurement {
    let batches = (count / batch).max(1);
    let mut random = RandomNumbers::new();
    let mut total = Measurement { operations: batches * batch, ..Default::default() };
    for _ in 0..batches {
        let asleep = Counter::default();
        let tasks: Vec<_> = (0..batch)
            .map(|_| {
                let time = ms(3_600_000 + random.below(3_600_000));
                let awake = Awake(asleep.clone());
                executor.spawn(async move {
                    awake.0.add(1);
                    Timer::after(time).await;
                })
            })
            .collect();
        while asleep.get() < batch {
            yield_now().await;
        }
        let stopwatch = Stopwatch::start();
        // To drop a task is to cancel it; `cancel` would go to and fro between the two for each.
        drop(tasks);
        while asleep.get() > 0 {
            yield_now().await;
        }
        stopwatch.stop(&mut total);
    }
    total
}

pub async fn wait_for(count: u64) -> Measurement {
    let mut total = Measurement { operations: count, ..Default::default() };
    let stopwatch = Stopwatch::start();
    let mut sum = 0;
    for number in 0..count {
        sum += async {
            yield_now().await;
            Some(number)
        }
        .or(async {
            Timer::after(Duration::from_secs(5)).await;
            None
        })
        .await
        .unwrap();
    }
    stopwatch.stop(&mut total);
    assert_eq!(sum, count * (count - 1) / 2);
    total
}

pub async fn wait_for_timeout(executor: &'static Executor, count: u64, tasks: u64) -> Measurement {
    let rounds = (count / tasks).max(1);
    let passed = Counter::default();
    let mut total = Measurement { operations: rounds * tasks, ..Default::default() };
    let stopwatch = Stopwatch::start();
    let waiting: Vec<_> = (0..tasks)
        .map(|_| {
            let passed = passed.clone();
            executor.spawn(async move {
                for _ in 0..rounds {
                    async {
                        Timer::after(Duration::from_secs(3600)).await;
                    }
                    .or(async {
                        Timer::after(ms(1)).await;
                        passed.add(1);
                    })
                    .await;
                }
            })
        })
        .collect();
    for task in waiting {
        task.await;
    }
    stopwatch.stop(&mut total);
    assert_eq!(passed.get(), rounds * tasks);
    total
}
