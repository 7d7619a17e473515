use crate::measurement::{resident_bytes, Counter, Measurement, Stopwatch};
use std::sync::Arc;
use tokio::sync::Notify;
use tokio::task::yield_now;

pub async fn switch(count: u64, tasks: u64) -> Measurement {
    let rounds = (count / tasks).max(1);
    let started = Counter::default();
    let others: Vec<_> = (1..tasks)
        .map(|_| {
            let started = started.clone();
            tokio::spawn(async move {
                started.add(1);
                for _ in 0..=rounds {
                    yield_now().await;
                }
            })
        })
        .collect();
    while started.get() < tasks - 1 {
        yield_now().await;
    }
    let mut total = Measurement { operations: rounds * tasks, ..Default::default() };
    let stopwatch = Stopwatch::start();
    for _ in 0..rounds {
        yield_now().await;
    }
    stopwatch.stop(&mut total);
    for task in others {
        task.await.unwrap();
    }
    total
}

pub async fn spawn(count: u64) -> Measurement {
    let mut total = Measurement { operations: count, ..Default::default() };
    let stopwatch = Stopwatch::start();
    let mut sum = 0;
    for number in 0..count {
        sum += tokio::spawn(async move { number }).await.unwrap();
    }
    stopwatch.stop(&mut total);
    assert_eq!(sum, count * (count - 1) / 2);
    total
}

pub async fn park(count: u64, batch: u64) -> Measurement {
    let batches = (count / batch).max(1);
    let mut total = Measurement { operations: batches * batch, ..Default::default() };
    for number in 0..batches {
        let never = Arc::new(Notify::new());
        let waiting = Counter::default();
        let before = resident_bytes();
        let stopwatch = Stopwatch::start();
        for _ in 0..batch {
            let never = never.clone();
            let waiting = waiting.clone();
            tokio::spawn(async move {
                waiting.add(1);
                never.notified().await;
                waiting.add(u64::MAX);
            });
        }
        while waiting.get() < batch {
            yield_now().await;
        }
        stopwatch.stop(&mut total);
        if number == 0 {
            total.bytes = Some((resident_bytes() - before) / batch as i64);
        }
        if number < batches - 1 {
            never.notify_waiters();
            while waiting.get() > 0 {
                yield_now().await;
            }
        }
    }
    total
}

pub async fn gather(count: u64, width: u64) -> Measurement {
    let rounds = (count / width).max(1);
    let mut total = Measurement { operations: rounds * width, ..Default::default() };
    let stopwatch = Stopwatch::start();
    let mut sum = 0;
    for _ in 0..rounds {
        let tasks: Vec<_> = (0..width).map(|number| tokio::spawn(async move { number })).collect();
        let mut numbers = Vec::with_capacity(tasks.len());
        for task in tasks {
            numbers.push(task.await.unwrap());
        }
        sum += numbers.iter().sum::<u64>();
    }
    stopwatch.stop(&mut total);
    assert_eq!(sum, rounds * width * (width - 1) / 2);
    total
}
