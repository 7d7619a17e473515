import CUAsyncIO
import Scheduler

/// Which clock a run goes by.
public enum LoopClock: Hashable, Sendable {
  /// The system's clock that never goes back.
  case real
  /// A clock that stands still while anything can run, and jumps to the next deadline when nothing can.
  case virtual
}

/// In which order tasks run that are ready at the same time.
public enum LoopOrder: Hashable, Sendable {
  /// First in, first out.
  case fifo
  /// An order drawn from a seed, the same for the same seed. What is said elsewhere about who is first of those that are
  /// ready in the same turn, tasks and called functions alike, holds for ``fifo``; who has waited longest for a lock, a
  /// permit or an item is next in any order.
  case seeded(UInt64)

  var schedulerOrder: Order {
    switch self {
    case .fifo: .fifo
    case .seeded(let seed): .seeded(RandomSource(seed: seed))
    }
  }
}

/// Runs a coroutine on the loop until it has finished, and returns its value.
///
/// This is how a program enters the loop: call it in a synchronous `main`. The calling thread is the loop's as long as it
/// lasts. (On the main thread, that keeps the main actor from running; see <doc:LivingWithSwiftConcurrency>.)
///
/// When it returns, other tasks are left as they are; the next `run` goes on with them, and ``newEventLoop()`` ends them.
/// Called inside a running task it drives the loop until the coroutine has finished, the other tasks advancing
/// meanwhile, while the calling task stands still.
///
/// An interrupt (Ctrl-C) cancels the coroutine, and the program ends with its clean-up run: see ``InterruptPolicy``.
///
/// - Parameters:
///   - clock: the real clock, or the virtual one, with which hours of sleep pass in an instant.
///   - order: the order of tasks that are ready at the same time.
///   - onInterrupt: what an interrupt does meanwhile.
///   - main: the coroutine.
/// - Throws: what the coroutine throws; ``DeadlockError`` in virtual time when nothing can ever run again;
///   ``LoopError/runningOnAnotherThread``; ``LoopError/cannotChangeWhileRunning`` for a nested run with a clock or an
///   order; ``LoopError/noDescriptorsLeft``.
///
/// Python: `run(coro)`.
@discardableResult
public func run<Success>(
  clock: LoopClock? = nil, order: LoopOrder? = nil, onInterrupt: InterruptPolicy = .cancelsMain,
  _ main: @escaping @LoopActor () async throws -> Success
) throws -> Success {
  let loop = LoopCore.shared
  try loop.enter(clock: clock, order: order)
  defer { loop.leave() }
  return try loop.runToEnd(loop.spawn(name: nil, main), onInterrupt: onInterrupt)
}

/// Runs the loop until a task has finished, and returns the task's value; see ``run(clock:order:onInterrupt:_:)-8gqc5``.
///
/// - Throws: also ``LoopError/awaitsItself(task:)`` for the task that is running.
///
/// Python: `Loop.run_until_complete(task)`.
@discardableResult
public func run<Success>(
  clock: LoopClock? = nil, order: LoopOrder? = nil, onInterrupt: InterruptPolicy = .cancelsMain,
  _ task: LoopTask<Success>
) throws -> Success {
  let loop = LoopCore.shared
  try loop.enter(clock: clock, order: order)
  defer { loop.leave() }
  return try loop.runToEnd(task, onInterrupt: onInterrupt)
}

extension LoopCore {
  var isNested: Bool { uasyncio_on_loop_thread() && state.pointee.depth > 0 }

  /// Makes this thread the loop's, unless it is that already.
  func enter(clock: LoopClock?, order: LoopOrder?, simulation: SimulatedPoller? = nil) throws(LoopError) {
    if isNested {
      guard clock == nil, order == nil, simulation == nil else { throw .cannotChangeWhileRunning }
    } else {
      guard uasyncio_take_ownership() else { throw .runningOnAnotherThread }
      do throws(LoopError) {
        try configure(clock: clock ?? .real, order: order ?? .fifo, simulation: simulation)
      } catch {
        uasyncio_release_ownership()
        throw error
      }
    }
    state.pointee.depth += 1
  }

  func leave() {
    // A handler may call `run`, so it is still a nested one then.
    if state.pointee.depth == 1 {
      reportUnretrieved(afterRun: true)
      dismissWorkers()
    }
    state.pointee.depth -= 1
    if state.pointee.depth == 0 { uasyncio_release_ownership() }
  }

  /// Drives the loop until the task has finished.
  func runToEnd<Success>(_ task: LoopTask<Success>) throws -> Success {
    if let running, !running.pointee.flags.contains(.guest) {
      try refuseCycle(waitingFor: CollectionOfOne(task.object.pointer))
    }
    // Its error goes to our caller.
    task.object.record.flags.insert(.retrieved)
    guard drive(until: task.object.pointer) else { throw DeadlockError(tasks: report()) }
    return try task.object.get(Success.self)
  }
}
