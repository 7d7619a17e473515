#if canImport(Glibc)
  import Glibc
#elseif canImport(Musl)
  import Musl
#endif
import UAsyncIO

/// A test failed under one of its seeds.
public struct SeedFailure: Error, CustomStringConvertible {
  /// The seed under which it failed.
  public let seed: UInt64
  /// What it threw.
  public let underlying: any Error

  public var description: String {
    "failed with seed \(seed): \(underlying)\nUASYNCIO_SEED=\(seed) repeats just this run"
  }
}

/// Runs a coroutine in virtual time once for each seed, each time in another order of ready tasks.
///
/// For what must hold in any order. With the environment variable `UASYNCIO_SEED` set to a number, only that seed is run:
/// it is what the report of a failure tells you to do.
///
/// - Parameters:
///   - seeds: the seeds.
///   - forbidden: what must not be left behind.
///   - silence: as with `simulate`.
///   - main: the coroutine. It throws if what must hold does not.
/// - Returns: how many seeds were run.
/// - Throws: ``SeedFailure`` with the first seed that failed.
@discardableResult
public func simulateSeeds(
  _ seeds: Range<UInt64> = 0..<1000, forbidden: Leftovers = [.tasks, .timers], silence: Duration? = nil,
  _ main: @escaping @LoopActor () async throws -> Void
) throws -> Int {
  let chosen = getenv("UASYNCIO_SEED").flatMap { UInt64(String(cString: $0)) }
  let range = chosen.map { $0..<($0 + 1) } ?? seeds
  for seed in range {
    do {
      try simulate(order: .seeded(seed), forbidden: forbidden, silence: silence, main)
    } catch {
      throw SeedFailure(seed: seed, underlying: error)
    }
  }
  return range.count
}

/// Runs a coroutine once for each seed, on a thread of its own, for asynchronous tests.
@discardableResult
public func simulateSeeds(
  _ seeds: Range<UInt64> = 0..<1000, forbidden: Leftovers = [.tasks, .timers], silence: Duration? = nil,
  _ main: @escaping @LoopActor () async throws -> Void
) async throws -> Int {
  try await onOwnThread { try simulateSeeds(seeds, forbidden: forbidden, silence: silence, main) }
}

/// One step of one task, as a trace shows it.
public struct TraceStep: Hashable, Sendable, CustomStringConvertible {
  /// The loop's time.
  public let time: Duration
  /// The task's name.
  public let task: String

  public init(time: Duration, task: String) {
    self.time = time
    self.task = task
  }

  public var description: String { "\(time) \(task)" }
}

/// Runs a coroutine in virtual time, and returns which task made a step when.
///
/// The same program with the same order gives the same trace, always.
public func trace(
  order: LoopOrder = .fifo, _ main: @escaping @LoopActor () async throws -> Void
) throws -> [TraceStep] {
  var steps: [TraceStep] = []
  let observer: (StepObservation) -> Void = { step in
    guard !step.isOver else { return }
    steps.append(TraceStep(time: .nanoseconds(step.time), task: step.name))
  }
  try Simulation(order: order, observer: observer).run(main).outcome.get()
  return steps
}

/// Runs a coroutine in virtual time on a thread of its own, and returns which task made a step when.
public func trace(
  order: LoopOrder = .fifo, _ main: @escaping @LoopActor () async throws -> Void
) async throws -> [TraceStep] {
  try await onOwnThread { try trace(order: order, main) }
}
