//! The scenarios of Benchmarks/Sources/Scenarios with tokio's runtime for one thread.

#[path = "../../shared/measurement.rs"]
mod measurement;
mod synchronization;
mod tasks;
mod threads;
mod timing;

fn main() {
    let Some((name, count, parameter)) = measurement::arguments() else {
        eprintln!("expected: NAME COUNT [PARAMETER]");
        std::process::exit(2);
    };
    let usual = move |usual| parameter.unwrap_or(usual);
    let runtime = tokio::runtime::Builder::new_current_thread().enable_time().build().expect("a runtime");
    // As a task of its own: the future given to `block_on` does not take turns with the tasks.
    let result = runtime.block_on(async move {
        tokio::spawn(async move {
            match name.as_str() {
                "switch" => tasks::switch(count, usual(1)).await,
                "spawn" => tasks::spawn(count).await,
                "parked" => tasks::park(count, usual(100_000)).await,
                "gather" => tasks::gather(count, usual(1000)).await,
                "timers" => timing::timers(count, usual(2000)).await,
                "sleepAmong" => timing::sleep_among(count, usual(1_000_000)).await,
                "cancel" => timing::cancel(count, usual(100_000)).await,
                "waitFor" => timing::wait_for(count).await,
                "waitForTimeout" => timing::wait_for_timeout(count, usual(1000)).await,
                "eventWake" => synchronization::event_wake(count, usual(10_000)).await,
                "lock" => synchronization::lock(count, usual(100)).await,
                "queue" => synchronization::queue(count, usual(16)).await,
                "crossThreadLatency" => threads::latency(count).await,
                "crossThreadThroughput" => threads::throughput(count).await,
                _ => panic!("no such scenario: {name}"),
            }
        })
        .await
    });
    result.expect("a measurement").print();
    // Tasks that still wait are not worth taking apart.
    std::process::exit(0);
}
