use crate::measurement::{Counter, Measurement, RandomNumbers, Stopwatch};
use std::sync::Arc;
use std::time::Duration;
use tokio::sync::Notify;
use tokio::task::yield_now;
use tokio::time::{sleep, timeout};

fn ms(milliseconds: u64) -> Duration {
    Duration::from_millis(milliseconds)
}

pub async fn timers(count: u64, span: u64) -> Measurement {
    let mut random = RandomNumbers::new();
    let woken = Counter::default();
    let all = Arc::new(Notify::new());
    let mut total = Measurement { operations: count, ..Default::default() };
    let stopwatch = Stopwatch::start();
    for _ in 0..count {
        let time = ms(500 + random.below(span));
        let woken = woken.clone();
        let all = all.clone();
        tokio::spawn(async move {
            sleep(time).await;
            woken.add(1);
            if woken.get() == count {
                all.notify_one();
            }
        });
    }
    all.notified().await;
    stopwatch.stop(&mut total);
    total
}

pub async fn sleep_among(count: u64, others: u64) -> Measurement {
    let mut random = RandomNumbers::new();
    let asleep = Counter::default();
    for _ in 0..others {
        let time = ms(3_600_000 + random.below(3_600_000));
        let asleep = asleep.clone();
        tokio::spawn(async move {
            asleep.add(1);
            sleep(time).await;
        });
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
            tokio::spawn(async move {
                for _ in 0..sleeps {
                    sleep(time).await;
                }
            })
        })
        .collect();
    for task in tasks {
        task.await.unwrap();
    }
    stopwatch.stop(&mut total);
    total
}

pub async fn cancel(count: u64, batch: u64) -> Measurement {
    let batches = (count / batch).max(1);
    let mut random = RandomNumbers::new();
    let mut total = Measurement { operations: batches * batch, ..Default::default() };
    for _ in 0..batches {
        let asleep = Counter::default();
        let tasks: Vec<_> = (0..batch)
            .map(|_| {
                let time = ms(3_600_000 + random.below(3_600_000));
                let asleep = asleep.clone();
                tokio::spawn(async move {
                    asleep.add(1);
                    sleep(time).await;
                })
            })
            .collect();
        while asleep.get() < batch {
            yield_now().await;
        }
        let mut cancelled = 0;
        let stopwatch = Stopwatch::start();
        for task in &tasks {
            task.abort();
        }
        for task in tasks {
            cancelled += task.await.is_err() as u64;
        }
        stopwatch.stop(&mut total);
        assert_eq!(cancelled, batch);
    }
    total
}

pub async fn wait_for(count: u64) -> Measurement {
    let mut total = Measurement { operations: count, ..Default::default() };
    let stopwatch = Stopwatch::start();
    let mut sum = 0;
    for number in 0..count {
        sum += timeout(Duration::from_secs(5), async {
            yield_now().await;
            number
        })
        .await
        .unwrap();
    }
    stopwatch.stop(&mut total);
    assert_eq!(sum, count * (count - 1) / 2);
    total
}

pub async fn wait_for_timeout(count: u64, tasks: u64) -> Measurement {
    let rounds = (count / tasks).max(1);
    let passed = Counter::default();
    let mut total = Measurement { operations: rounds * tasks, ..Default::default() };
    let stopwatch = Stopwatch::start();
    let waiting: Vec<_> = (0..tasks)
        .map(|_| {
            let passed = passed.clone();
            tokio::spawn(async move {
                for _ in 0..rounds {
                    if timeout(ms(1), sleep(Duration::from_secs(3600))).await.is_err() {
                        passed.add(1);
                    }
                }
            })
        })
        .collect();
    for task in waiting {
        task.await.unwrap();
    }
    stopwatch.stop(&mut total);
    assert_eq!(passed.get(), rounds * tasks);
    total
}
