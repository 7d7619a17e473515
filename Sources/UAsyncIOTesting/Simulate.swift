// Running a test on the loop, in virtual time, with nothing left of the test before.
//
// A process has one loop, and test runners like to run tests side by side. So simulations take turns: the synchronous
// `simulate` blocks until the loop is free, the asynchronous one runs the loop on a thread of its own, so that it
// keeps none of the threads that Swift's concurrency has busy.

import Scheduler
import UAsyncIO

/// What a simulation can leave behind.
public struct Leftovers: OptionSet, Sendable {
  public let rawValue: Int

  public init(rawValue: Int) { self.rawValue = rawValue }

  /// Tasks that have not finished when the main coroutine has.
  public static let tasks = Leftovers(rawValue: 1)
  /// Tasks that still wait for a time then.
  public static let timers = Leftovers(rawValue: 2)
  /// File descriptors that were opened and not closed. (They are the whole process's: leave this out where other tests
  /// run at the same time.)
  public static let descriptors = Leftovers(rawValue: 4)
}

/// Something was left behind by a simulation that should not have.
public struct LeftBehindError: Error, CustomStringConvertible {
  /// The tasks that had not finished, and what each waited for.
  public let tasks: [TaskReport]
  /// How many tasks waited for a time.
  public let timers: Int
  /// How many more descriptors were open than before.
  public let descriptors: Int

  public var description: String {
    "left behind: \(tasks.count) tasks, \(timers) timers, \(descriptors) descriptors\n"
      + tasks.map { "  \($0)" }.joined(separator: "\n")
  }
}

/// Runs a coroutine on a fresh loop in virtual time, and returns its value.
///
/// Before it, everything that an earlier test left is ended; after it, what this one left.
///
/// - Parameters:
///   - order: the order of tasks that are ready at the same time.
///   - io: descriptors that exist in the test only.
///   - forbidden: what must not be left behind when the coroutine has finished.
///   - silence: for how long in real time nothing may come from outside, while a coroutine is suspended in something
///     that is not UAsyncIO's or waits for a real descriptor, before the clock jumps. 20 ms if not given.
///   - main: the coroutine.
/// - Throws: what the coroutine throws; `DeadlockError` when nothing can ever run again; ``LeftBehindError``;
///   `LoopError` where the loop cannot be had.
@discardableResult
public func simulate<Success>(
  order: LoopOrder = .fifo, io: SimulatedIO? = nil, forbidden: Leftovers = [.tasks, .timers], silence: Duration? = nil,
  _ main: @escaping @LoopActor () async throws -> Success
) throws -> Success {
  let countsDescriptors = forbidden.contains(.descriptors)
  let simulation = try Simulation(order: order, io: io, silence: silence, countsDescriptors: countsDescriptors)
    .run(main)
  let value = try simulation.outcome.get()
  try simulation.check(forbidden)
  return value
}

/// Runs a coroutine on a fresh loop in virtual time, on a thread of its own; see
/// ``simulate(order:io:forbidden:silence:_:)-29hfb``.
///
/// For asynchronous test functions, as Swift Testing's are. Tests may run side by side; their simulations take turns.
@discardableResult
public func simulate<Success: Sendable>(
  order: LoopOrder = .fifo, io: SimulatedIO? = nil, forbidden: Leftovers = [.tasks, .timers], silence: Duration? = nil,
  _ main: @escaping @LoopActor () async throws -> Success
) async throws -> Success {
  try await onOwnThread { try simulate(order: order, io: io, forbidden: forbidden, silence: silence, main) }
}

/// Runs a synchronous body on a thread of its own, while no simulation has the loop.
///
/// For tests that call `run` themselves: of several runs after each other, of real time, of a cancel sweep.
@discardableResult
public func onLoopThread<Success: Sendable>(
  _ body: @escaping @Sendable () throws -> Success
) async throws -> Success {
  try await onOwnThread {
    try TurnTaking.whileAlone {
      try newEventLoop()
      defer { _ = try? newEventLoop() }
      return try body()
    }
  }
}

/// Descriptors that become ready when the test says so.
public final class SimulatedIO: @unchecked Sendable {
  // Filled before the run, and used on the loop's thread during it.
  let poller = SimulatedPoller()

  public init() {}

  /// Announces that `descriptor` becomes readable at a time of the loop's clock. Each readiness answers one wait.
  public func readable(_ descriptor: Int32, at time: Duration) {
    poller.schedule(descriptor, .readable, at: nanoseconds(time))
  }

  /// Announces that `descriptor` becomes writable at a time of the loop's clock.
  public func writable(_ descriptor: Int32, at time: Duration) {
    poller.schedule(descriptor, .writable, at: nanoseconds(time))
  }

  private func nanoseconds(_ time: Duration) -> Int64 {
    time.components.seconds * 1_000_000_000 + time.components.attoseconds / 1_000_000_000
  }
}

/// How one simulation is run, and what it left.
struct Simulation {
  var order: LoopOrder = .fifo
  var io: SimulatedIO?
  var silence: Duration?
  var countsDescriptors = false
  var observer: ((StepObservation) -> Void)?

  struct Ended<Success> {
    let outcome: Result<Success, any Error>
    let tasks: [TaskReport]
    let timers: Int
    let descriptors: Int

    func check(_ forbidden: Leftovers) throws {
      let clean =
        (!forbidden.contains(.tasks) || tasks.isEmpty) && (!forbidden.contains(.timers) || timers == 0)
        && (!forbidden.contains(.descriptors) || descriptors <= 0)
      if !clean { throw LeftBehindError(tasks: tasks, timers: timers, descriptors: descriptors) }
    }
  }

  func run<Success>(_ main: @escaping @LoopActor () async throws -> Success) throws -> Ended<Success> {
    try TurnTaking.whileAlone { try runAlone(main) }
  }

  private func runAlone<Success>(_ main: @escaping @LoopActor () async throws -> Success) throws -> Ended<Success> {
    try newEventLoop()
    let before = countsDescriptors ? Descriptors.openCount() : 0
    let (_, outcome) = try ControlledRun.run(
      clock: .virtual, order: order, simulation: io?.poller, silence: silence, observer: observer, main)
    let tasks = ControlledRun.leftovers()
    let timers = ControlledRun.timerCount
    try newEventLoop()
    return Ended(
      outcome: outcome, tasks: tasks, timers: timers,
      descriptors: countsDescriptors ? Descriptors.openCount() - before : 0)
  }
}
