// The least that a suspension costs with Swift's runtime: hop to an actor whose `enqueue` keeps the job, run the job as
// being on the loop. No loop around it, no time, no cancellation, no order. What ours costs above this is ours.

@globalActor
public final actor BareActor: SerialExecutor {
  public static let shared = BareActor()
  public nonisolated var unownedExecutor: UnownedSerialExecutor { UnownedSerialExecutor(ordinary: self) }
  public nonisolated func enqueue(_ job: consuming ExecutorJob) { kept = UnownedJob(job) }
}

@globalActor
final actor BareParking: SerialExecutor {
  static let shared = BareParking()
  nonisolated var unownedExecutor: UnownedSerialExecutor { UnownedSerialExecutor(ordinary: self) }
  nonisolated func enqueue(_ job: consuming ExecutorJob) { kept = UnownedJob(job) }
}

private nonisolated(unsafe) var kept: UnownedJob?
private nonisolated(unsafe) var opaque = 0

@BareParking @inline(never)
private func park() async { opaque += 1 }

/// Suspends, and is resumed by `runBare`.
public nonisolated(nonsending) func bareHop() async { await park() }

/// Runs the one task that there is until it ends.
public func runBare(_ body: @escaping @BareActor @Sendable () async -> Void) {
  Task { @BareActor in await body() }
  let executor = BareActor.shared.unownedExecutor
  while let job = kept {
    kept = nil
    job.runSynchronously(on: executor)
  }
}

/// Creates a plain Swift task and waits until it has run. Returns when it has finished.
public func runBareTask() {
  Task { @BareActor in opaque += 1 }
  let executor = BareActor.shared.unownedExecutor
  while let job = kept {
    kept = nil
    job.runSynchronously(on: executor)
  }
}

private nonisolated(unsafe) var parked: [UnownedJob] = []

/// Creates so many plain Swift tasks and leaves them parked.
public func parkBareTasks(_ count: Int) {
  parked.reserveCapacity(count)
  let executor = BareActor.shared.unownedExecutor
  for _ in 0..<count {
    Task { @BareActor in await bareHop() }
    let job = kept.unsafelyUnwrapped
    kept = nil
    job.runSynchronously(on: executor)
    parked.append(kept.unsafelyUnwrapped)
    kept = nil
  }
}
