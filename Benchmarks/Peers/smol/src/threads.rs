use crate::measurement::{Measurement, Stopwatch};
use smol::channel::unbounded;

pub async fn latency(count: u64) -> Measurement {
    let (sender, receiver) = unbounded();
    let (answer, answers) = std::sync::mpsc::sync_channel(1);
    let mut total = Measurement { operations: count, ..Default::default() };
    let stopwatch = Stopwatch::start();
    let thread = std::thread::spawn(move || {
        for number in 0..count {
            sender.try_send(number).unwrap();
            answers.recv().unwrap();
        }
    });
    while let Ok(number) = receiver.recv().await {
        answer.send(number).unwrap();
    }
    stopwatch.stop(&mut total);
    thread.join().unwrap();
    total
}

pub async fn throughput(count: u64) -> Measurement {
    let (sender, receiver) = unbounded();
    let mut total = Measurement { operations: count, ..Default::default() };
    let stopwatch = Stopwatch::start();
    let thread = std::thread::spawn(move || {
        for number in 0..count {
            sender.try_send(number).unwrap();
        }
    });
    let mut heard = 0;
    while receiver.recv().await.is_ok() {
        heard += 1;
    }
    stopwatch.stop(&mut total);
    thread.join().unwrap();
    assert_eq!(heard, count);
    total
}
