import CTiny
import Scheduler

/// Which clock a run goes by.
public enum LoopClock: Sendable {
  /// The board's timer, or the system's clock.
  case real
  /// A clock that stands still while anything can run, and jumps to the next deadline when nothing can.
  case virtual
}

/// In which order tasks run that are ready at the same time.
public enum LoopOrder: Sendable {
  /// First in, first out.
  case fifo
  /// An order drawn from a seed, the same for the same seed.
  case seeded(UInt64)
}

/// Runs a coroutine on the loop until it has finished, and returns its value.
///
/// When it returns, other tasks are left as they are; the next `run` goes on with them. Called inside a running task it
/// drives the loop until the coroutine has finished, the other tasks advancing meanwhile, while the calling task stands
/// still; that takes room on the machine's own stack.
///
/// - Parameters:
///   - size: bytes for its frames; without it as for every task: see ``createTask(name:size:in:_:)``.
///   - main: the coroutine.
/// - Throws: what the coroutine throws; ``TaskError/deadlock`` in virtual time when nothing can ever run again. (In real
///   time an interrupt could still come, so the loop waits.) ``TaskError/poolExhausted``.
///
/// Python: `run(coro)`.
@discardableResult
public func run<Success>(size: Int? = nil, _ main: @escaping Coroutine<Success>) throws(TaskError) -> Success {
  try run(createTask(size: size, main))
}

/// Runs the loop until a task has finished, and returns the task's value; see ``run(size:_:)``.
///
/// - Throws: also ``TaskError/awaitsItself`` for the task that is running.
///
/// Python: `Loop.run_until_complete(task)`.
@discardableResult
public func run<Success>(_ task: LoopTask<Success>) throws(TaskError) -> Success {
  try Loop.shared.run(until: task.object.pointer)
  return try task.object.get()
}

/// Runs a coroutine with a clock or an order of tasks of its own; see ``run(size:_:)``.
///
/// A function of its own, so that a program which does not call it has neither in it.
///
/// - Throws: also ``TaskError/cannotChangeWhileRunning`` inside a running task.
@discardableResult
public func run<Success>(
  clock: LoopClock?, order: LoopOrder? = nil, size: Int? = nil, _ main: @escaping Coroutine<Success>
) throws(TaskError) -> Success {
  Loop.make()
  if Loop.shared.state.pointee.depth > 0 { throw .cannotChangeWhileRunning }
  Loop.shared.configure(clock: clock ?? .real, order: order ?? .fifo)
  return try run(size: size, main)
}

extension Loop {
  /// Runs tasks until `target` has finished.
  @inline(never)
  fileprivate func run(until target: RecordPointer) throws(TaskError) {
    let caller = current
    if let caller, closesCycle(caller, waitingFor: target) { throw .awaitsItself }
    // Its error goes to our caller.
    target.pointee.flags.insert(.retrieved)
    #if !UASYNCIO_BOARD
      target.pointee.flags.insert(.endsRun)
    #endif
    state.pointee.depth &+= 1
    // It may stand still already: then this is an exception handler, which the run inside of it has called.
    let stands = caller?.pointee.phase == .ready
    if let caller, stands {
      caller.pointee.phase = .running
      WaitList.append(caller.node, to: standing)
    }
    let isOver = drive(until: target)
    if let caller, stands {
      WaitList.remove(caller.node)
      caller.pointee.phase = .ready
    }
    if state.pointee.depth == 1 { reportUnretrieved(afterRun: true) }
    state.pointee.depth &-= 1
    if !isOver { throw .deadlock }
  }

  /// Chooses clock and order. The loop's time goes on from where it is.
  func configure(clock: LoopClock, order: LoopOrder) {
    let now = now
    let chosenClock: Clock =
      switch clock {
      case .real: .monotonic(read: { tiny_board_now() }, origin: tiny_board_now() - now)
      case .virtual: .virtual(now: now)
      }
    let chosenOrder: Order =
      switch order {
      case .fifo: .fifo
      case .seeded(let seed): .seeded(RandomSource(seed: seed))
      }
    state.pointee.scheduler.configure(
      clock: chosenClock, poller: poller, order: chosenOrder)
    // With the virtual clock nobody outside is waited for: an interrupt can come before a jump or after it.
    state.pointee.scheduler.silence = 0
  }
}
