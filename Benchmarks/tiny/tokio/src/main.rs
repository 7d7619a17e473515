//! The scenarios of Benchmarks/tiny for tokio's current-thread runtime, as its users would write them.
//!
//!     tiny-peer switch TASKS SWITCHES | spawn COUNT | memory COUNT | echo

use std::time::Instant;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::task::{spawn_local, yield_now, LocalSet};

fn main() {
    let arguments: Vec<String> = std::env::args().collect();
    let number = |index: usize| arguments[index].parse::<u64>().unwrap();
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
    let local = LocalSet::new();
    match arguments[1].as_str() {
        "switch" => runtime.block_on(switch(number(2), number(3))),
        "switch-local" => local.block_on(&runtime, switch_local(number(2), number(3))),
        "spawn" => runtime.block_on(spawn(number(2))),
        "memory" => runtime.block_on(memory(number(2))),
        "echo" => runtime.block_on(echo()),
        other => panic!("no scenario {other}"),
    }
}

async fn switch(tasks: u64, switches: u64) {
    let each = switches / tasks;
    let began = Instant::now();
    let handles: Vec<_> = (0..tasks)
        .map(|_| {
            tokio::spawn(async move {
                for _ in 0..each {
                    yield_now().await
                }
            })
        })
        .collect();
    for handle in handles {
        handle.await.unwrap();
    }
    report(began, each * tasks);
}

async fn switch_local(tasks: u64, switches: u64) {
    let each = switches / tasks;
    let began = Instant::now();
    let handles: Vec<_> = (0..tasks)
        .map(|_| {
            spawn_local(async move {
                for _ in 0..each {
                    yield_now().await
                }
            })
        })
        .collect();
    for handle in handles {
        handle.await.unwrap();
    }
    report(began, each * tasks);
}

async fn spawn(count: u64) {
    let began = Instant::now();
    for _ in 0..count {
        tokio::spawn(async {}).await.unwrap();
    }
    report(began, count);
}

async fn memory(count: u64) {
    let before = resident();
    let handles: Vec<_> = (0..count).map(|_| tokio::spawn(std::future::pending::<()>())).collect();
    yield_now().await;
    println!("{}", (resident() - before) / count);
    std::process::exit(handles.is_empty() as i32);
}

async fn echo() {
    let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
    println!("listening on {}", listener.local_addr().unwrap().port());
    loop {
        let (mut stream, _) = listener.accept().await.unwrap();
        stream.set_nodelay(true).unwrap();
        tokio::spawn(async move {
            let mut room = vec![0u8; 4096];
            while let Ok(count) = stream.read(&mut room).await {
                if count == 0 || stream.write_all(&room[..count]).await.is_err() {
                    return;
                }
            }
        });
    }
}

fn report(began: Instant, count: u64) {
    println!("{:.2}", began.elapsed().as_nanos() as f64 / count as f64);
}

fn resident() -> u64 {
    let text = std::fs::read_to_string("/proc/self/statm").unwrap();
    text.split(' ').nth(1).unwrap().parse::<u64>().unwrap() * 4096
}
