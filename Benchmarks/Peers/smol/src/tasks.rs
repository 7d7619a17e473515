use crate::measurement::{resident_bytes, Counter, Measurement, Stopwatch};
use crate::Executor;
use std::sync::Arc;
use event_listener::Event;
use smol::future::yield_now;

pub async fn switch(executor: &'static Executor, count: u64, tasks: u64) -> Measurement {
    let rounds = (count / tasks).max(1);
    let started = Counter::default();
    let others: Vec<_> = (1..tasks)
        .map(|_| {
            let started = started.clone();
            executor.spawn(async move {
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
        task.await;
    }
    total
}

pub async fn spawn(executor: &'static Executor, count: u64) -> Measurement {
    let mut total = Measurement { operations: count, ..Default::default() };
    let stopwatch = Stopwatch::start();
    let mut sum = 0;
    for number in 0..count {
        sum += executor.spawn(async move { number }).await;
    }
    stopwatch.stop(&mut total);
    assert_eq!(sum, count * (count - 1) / 2);
    total
}

pub async fn park(executor: &'static Executor, count: u64, batch: u64) -> Measurement {
    let batches = (count / batch).max(1);
    let mut total = Measurement { operations: batches * batch, ..Default::default() };
    for number in 0..batches {
        let never = Arc::new(Event::new());
        let waiting = Counter::default();
        let before = resident_bytes();
        let stopwatch = Stopwatch::start();
        for _ in 0..batch {
            let never = never.clone();
            let waiting = waiting.clone();
            executor.spawn(async move {
                waiting.add(1);
                never.listen().await;
                waiting.add(u64::MAX);
            })
                .detach();
        }
        while waiting.get() < batch {
            yield_now().await;
        }
        stopwatch.stop(&mut total);
        if number == 0 {
            total.bytes = Some((resident_bytes() - before) / batch as i64);
        }
        if number < batches - 1 {
            never.notify(usize::MAX);
            while waiting.get() > 0 {
                yield_now().await;
            }
        }
    }
    total
}

pub async fn gather(executor: &'static Executor, count: u64, width: u64) -> Measurement {
    let rounds = (count / width).max(1);
    let mut total = Measurement { operations: rounds * width, ..Default::default() };
    let stopwatch = Stopwatch::start();
    let mut sum = 0;
    for _ in 0..rounds {
        let tasks: Vec<_> = (0..width).map(|number| executor.spawn(async move { number })).collect();
        let mut numbers = Vec::with_capacity(tasks.len());
        for task in tasks {
            numbers.push(task.await);
        }
        sum += numbers.iter().sum::<u64>();
    }
    stopwatch.stop(&mut total);
    assert_eq!(sum, rounds * width * (width - 1) / 2);
    total
}
