//! The scenarios of Benchmarks/Sources/Scenarios with smol, on one thread.

#[path = "../../shared/measurement.rs"]
mod measurement;
mod synchronization;
mod tasks;
mod threads;
mod timing;

use smol::LocalExecutor;

type Executor = LocalExecutor<'static>;

fn main() {
    let Some((name, count, parameter)) = measurement::arguments() else {
        eprintln!("expected: NAME COUNT [PARAMETER]");
        std::process::exit(2);
    };
    let usual = move |usual| parameter.unwrap_or(usual);
    // For the whole life of the program, so that tasks may refer to it.
    let executor: &'static Executor = Box::leak(Box::new(LocalExecutor::new()));
    let main = executor.spawn(async move {
        match name.as_str() {
            "switch" => tasks::switch(executor, count, usual(1)).await,
            "spawn" => tasks::spawn(executor, count).await,
            "parked" => tasks::park(executor, count, usual(100_000)).await,
            "gather" => tasks::gather(executor, count, usual(1000)).await,
            "timers" => timing::timers(executor, count, usual(2000)).await,
            "sleepAmong" => timing::sleep_among(executor, count, usual(1_000_000)).await,
            "cancel" => timing::cancel(executor, count, usual(100_000)).await,
            "waitFor" => timing::wait_for(count).await,
            "waitForTimeout" => timing::wait_for_timeout(executor, count, usual(1000)).await,
            "eventWake" => synchronization::event_wake(executor, count, usual(10_000)).await,
            "lock" => synchronization::lock(executor, count, usual(100)).await,
            "queue" => synchronization::queue(executor, count, usual(16)).await,
            "crossThreadLatency" => threads::latency(count).await,
            "crossThreadThroughput" => threads::throughput(count).await,
            _ => panic!("no such scenario: {name}"),
        }
    });
    smol::block_on(executor.run(main)).print();
    // Tasks that still wait are not worth taking apart.
    std::process::exit(0);
}
