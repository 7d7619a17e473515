// The least that a suspension costs with Swift's runtime: hop to an actor whose `enqueue` keeps the job, run the job as
// being on the loop. No loop around it, no time, no cancellation, no order. What ours costs above this is ours.
//
// The actors are read through plain C words, as the library reads its own: `static let` would cost 190 instructions a
// suspension, and what is measured above it would seem cheaper by as much.

import CBareHop

@globalActor
public final actor BareActor: SerialExecutor {
  public static var shared: BareActor {
    @inline(__always) get {
      guard let actor = bare_get_actor() else { return BareActors.installed.bare }
      return unsafeBitCast(actor, to: BareActor.self)
    }
  }

  public nonisolated var unownedExecutor: UnownedSerialExecutor { UnownedSerialExecutor(ordinary: self) }
  public nonisolated func enqueue(_ job: consuming ExecutorJob) { kept = UnownedJob(job) }
}

@globalActor
public final actor BareParking: SerialExecutor {
  public static var shared: BareParking {
    @inline(__always) get {
      guard let actor = bare_get_parking() else { return BareActors.installed.parking }
      return unsafeBitCast(actor, to: BareParking.self)
    }
  }

  public nonisolated var unownedExecutor: UnownedSerialExecutor { UnownedSerialExecutor(ordinary: self) }
  public nonisolated func enqueue(_ job: consuming ExecutorJob) { kept = UnownedJob(job) }
}

/// Both actors, made at first use.
private final class BareActors: Sendable {
  static let installed = BareActors()
  let bare = BareActor()
  let parking = BareParking()

  private init() {
    bare_install(Unmanaged.passUnretained(bare).toOpaque(), Unmanaged.passUnretained(parking).toOpaque())
  }
}

private nonisolated(unsafe) var kept: UnownedJob?
private nonisolated(unsafe) var bodiesRun = 0

/// Suspends, and is resumed by `runBare`: one frame, the least that there can be.
@BareParking @inline(never)
public func bareHop() async { bare_opaque() }

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
  Task { @BareActor in bodiesRun += 1 }
  let executor = BareActor.shared.unownedExecutor
  while let job = kept {
    kept = nil
    job.runSynchronously(on: executor)
  }
}

/// The job that has arrived last.
func takeKept() -> UnownedJob {
  defer { kept = nil }
  return kept.unsafelyUnwrapped
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
