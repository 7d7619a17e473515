use crate::measurement::{Counter, Measurement, Stopwatch};
use std::sync::Arc;
use tokio::sync::{mpsc, Mutex, Notify};
use tokio::task::yield_now;

pub async fn event_wake(count: u64, waiters: u64) -> Measurement {
    let rounds = (count / waiters).max(1);
    let event = Arc::new(Notify::new());
    let waiting = Counter::default();
    let tasks: Vec<_> = (0..waiters)
        .map(|_| {
            let event = event.clone();
            let waiting = waiting.clone();
            tokio::spawn(async move {
                for _ in 0..rounds {
                    waiting.add(1);
                    event.notified().await;
                }
            })
        })
        .collect();
    while waiting.get() < waiters {
        yield_now().await;
    }
    let mut total = Measurement { operations: rounds * waiters, ..Default::default() };
    let stopwatch = Stopwatch::start();
    for round in 0..rounds {
        waiting.clear();
        event.notify_waiters();
        while waiting.get() < waiters && round < rounds - 1 {
            yield_now().await;
        }
    }
    for task in tasks {
        task.await.unwrap();
    }
    stopwatch.stop(&mut total);
    total
}

pub async fn lock(count: u64, tasks: u64) -> Measurement {
    let rounds = (count / tasks).max(1);
    let lock = Arc::new(Mutex::new(0));
    let mut total = Measurement { operations: rounds * tasks, ..Default::default() };
    let stopwatch = Stopwatch::start();
    let contenders: Vec<_> = (0..tasks)
        .map(|_| {
            let lock = lock.clone();
            tokio::spawn(async move {
                for _ in 0..rounds {
                    let mut held = lock.lock().await;
                    let before = *held;
                    yield_now().await;
                    *held = before + 1;
                }
            })
        })
        .collect();
    for task in contenders {
        task.await.unwrap();
    }
    stopwatch.stop(&mut total);
    assert_eq!(*lock.lock().await, rounds * tasks);
    total
}

pub async fn queue(count: u64, room: u64) -> Measurement {
    let (sender, mut receiver) = mpsc::channel(room as usize);
    let mut total = Measurement { operations: count, ..Default::default() };
    let stopwatch = Stopwatch::start();
    let producer = tokio::spawn(async move {
        for number in 0..count {
            sender.send(number).await.unwrap();
        }
    });
    let mut sum = 0;
    for _ in 0..count {
        sum += receiver.recv().await.unwrap();
    }
    stopwatch.stop(&mut total);
    producer.await.unwrap();
    assert_eq!(sum, count * (count - 1) / 2);
    total
}
