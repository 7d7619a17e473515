import Scheduler

// A time limit around a coroutine.
//
// The coroutine runs as a task of its own, and the caller waits for its end and for the deadline at once. Whatever ends
// the wait, it is over only when the task has finished: nothing goes on behind the caller's back. What comes of it:
//
//     the task returned or threw        that, even when the limit passed in the same instant
//     the limit passed                  the task is cancelled; if that is what ended it, TimeoutError
//     the caller was cancelled          the task is cancelled; CancellationError, whatever the task makes of it
//
// Each of the two cancels the task once. A task that was suspended in something that is not ours is cancelled natively,
// and its sticky flag dies with it: the caller's own Swift task is not touched. So a limit around an HTTP request works.

/// Runs a coroutine, and cancels it if it takes longer than a number of seconds.
///
/// - Parameters:
///   - seconds: the limit in seconds. With zero or less the coroutine has one step; an infinite limit is none.
///   - body: the coroutine.
/// - Returns: what the coroutine returns. A value that is there when the limit passes is never thrown away, and neither
///   is one that the coroutine returns after it has caught its cancellation.
/// - Throws: ``TimeoutError`` if the limit passed, after the coroutine has ended; what the coroutine throws;
///   `CancellationError` if the caller is cancelled meanwhile, after the coroutine, which is cancelled too, has ended;
///   ``LoopError/timeIsNotANumber``.
///
/// Python: `wait_for(coro, timeout)`.
@LoopActor
public func waitFor<Success>(
  _ seconds: Double, _ body: @escaping @LoopActor () async throws -> Success
) async throws -> Success {
  try await waitFor(nanoseconds: TimeLimit.nanoseconds(seconds, unit: 1_000_000_000), body)
}

/// Runs a coroutine, and cancels it if it takes longer than a whole number of seconds; see
/// ``waitFor(_:_:)-(Double,_)``.
@LoopActor
public func waitFor<Success>(
  _ seconds: Int, _ body: @escaping @LoopActor () async throws -> Success
) async throws -> Success {
  try await waitFor(nanoseconds: TimeLimit.nanoseconds(seconds, unit: 1_000_000_000), body)
}

/// Runs a coroutine, and cancels it if it takes longer than `limit`; see ``waitFor(_:_:)-(Double,_)``.
@LoopActor
public func waitFor<Success>(
  _ limit: Duration, _ body: @escaping @LoopActor () async throws -> Success
) async throws -> Success {
  try await waitFor(nanoseconds: TimeLimit.nanoseconds(limit), body)
}

/// Runs a coroutine, and cancels it if it takes longer than a number of milliseconds; see
/// ``waitFor(_:_:)-(Double,_)``. Python: `wait_for_ms(coro, timeout)`.
@LoopActor
public func waitForMs<Success>(
  _ milliseconds: Double, _ body: @escaping @LoopActor () async throws -> Success
) async throws -> Success {
  try await waitFor(nanoseconds: TimeLimit.nanoseconds(milliseconds, unit: 1_000_000), body)
}

/// Runs a coroutine, and cancels it if it takes longer than a whole number of milliseconds; see
/// ``waitFor(_:_:)-(Double,_)``. Python: `wait_for_ms(coro, timeout)`.
@LoopActor
public func waitForMs<Success>(
  _ milliseconds: Int, _ body: @escaping @LoopActor () async throws -> Success
) async throws -> Success {
  try await waitFor(nanoseconds: TimeLimit.nanoseconds(milliseconds, unit: 1_000_000), body)
}

/// Waits for a task, and cancels it if it takes longer than a number of seconds; see ``waitFor(_:_:)-(Double,_)``.
///
/// - Throws: also ``LoopError/awaitsItself(task:)`` where the caller would wait for its own end.
@LoopActor
public func waitFor<Success>(
  _ task: LoopTask<Success>, timeout seconds: Double
) async throws -> Success {
  try await waitFor(task, nanoseconds: TimeLimit.nanoseconds(seconds, unit: 1_000_000_000))
}

/// Waits for a task, and cancels it if it takes longer than a whole number of seconds; see
/// ``waitFor(_:_:)-(Double,_)``.
///
/// - Throws: also ``LoopError/awaitsItself(task:)`` where the caller would wait for its own end.
@LoopActor
public func waitFor<Success>(
  _ task: LoopTask<Success>, timeout seconds: Int
) async throws -> Success {
  try await waitFor(task, nanoseconds: TimeLimit.nanoseconds(seconds, unit: 1_000_000_000))
}

/// Waits for a task, and cancels it if it takes longer than `limit`; see ``waitFor(_:_:)-(Double,_)``.
///
/// - Throws: also ``LoopError/awaitsItself(task:)`` where the caller would wait for its own end.
@LoopActor
public func waitFor<Success>(
  _ task: LoopTask<Success>, timeout limit: Duration
) async throws -> Success {
  try await waitFor(task, nanoseconds: TimeLimit.nanoseconds(limit))
}

/// Waits for a task, and cancels it if it takes longer than a number of milliseconds; see
/// ``waitFor(_:_:)-(Double,_)``. Python: `wait_for_ms(task, timeout)`.
///
/// - Throws: also ``LoopError/awaitsItself(task:)`` where the caller would wait for its own end.
@LoopActor
public func waitForMs<Success>(
  _ task: LoopTask<Success>, timeout milliseconds: Double
) async throws -> Success {
  try await waitFor(task, nanoseconds: TimeLimit.nanoseconds(milliseconds, unit: 1_000_000))
}

/// Waits for a task, and cancels it if it takes longer than a whole number of milliseconds; see
/// ``waitFor(_:_:)-(Double,_)``. Python: `wait_for_ms(task, timeout)`.
///
/// - Throws: also ``LoopError/awaitsItself(task:)`` where the caller would wait for its own end.
@LoopActor
public func waitForMs<Success>(
  _ task: LoopTask<Success>, timeout milliseconds: Int
) async throws -> Success {
  try await waitFor(task, nanoseconds: TimeLimit.nanoseconds(milliseconds, unit: 1_000_000))
}

@LoopActor
private func waitFor<Success>(
  nanoseconds: Int64, _ body: @escaping @LoopActor () async throws -> Success
) async throws -> Success {
  let task = createTask(body)
  return try await waitFor(task, nanoseconds: nanoseconds)
}

@LoopActor
private func waitFor<Success>(
  _ task: LoopTask<Success>, nanoseconds: Int64
) async throws -> Success {
  let timedOut = try await limitedWait(for: task.object, nanoseconds: nanoseconds)
  do {
    return try task.object.outcome.get()
  } catch is CancellationError where timedOut {
    throw TimeoutError()
  }
}

/// Waits until `object` has finished; cancels it when the time is over, or when the caller is cancelled.
///
/// - Returns: whether the time was over first.
/// - Throws: `CancellationError` if the caller was cancelled.
@LoopActor
private func limitedWait(for object: TaskObject, nanoseconds: Int64) async throws -> Bool {
  let loop = Loop.shared
  let record = object.pointer
  var deadline = Clock.deadline(nanoseconds, after: loop.now)
  var timedOut = false
  var cancelled = false
  // In how many more turns the task may be let run at the deadline. A bound, so that tasks which keep waking each other
  // without time passing cannot put the end off for ever.
  var allowances = 100
  try loop.refuseCycle(waitingFor: CollectionOfOne(record))
  while record.pointee.phase != .finished {
    // It may have come to wait for this task's end while this one was about to run: then there is no end to wait for.
    if cancelled || timedOut, loop.wouldCloseCycle(waitingFor: CollectionOfOne(record)) { break }
    let limit = deadline
    var reason = WakeReason.cancelled
    var cancelledNow = false
    do {
      reason = try await loop.wait(evenIfCancelled: cancelled) { loop in
        try loop.beginWait(.joiningWithLimit, in: object.pointer.joiners, until: limit)
        if limit <= loop.now { loop.state.pointee.scheduler.endTurn() }
      }
      cancelledNow = loop.takeCancellation()
    } catch is CancellationError {
      // It was there before the wait could begin. The task has to end all the same.
      cancelledNow = true
    }
    if loop.isRunningDoomed { throw CancellationError() }
    if loop.takePassedOnCancellation() {
      cancelled = true
      deadline = Clock.never
    }
    if cancelledNow {
      cancelled = true
    } else if reason != .deadline || cancelled || timedOut {
      continue
    } else if allowances > 0, record.lastAwaited.isOwedAStep {
      // What the task waits for is there in this very instant, or it has not begun: it just has not had its turn.
      allowances -= 1
      deadline = loop.now
      continue
    } else {
      timedOut = true
    }
    deadline = Clock.never
    if record.pointee.phase != .finished { _ = loop.cancel(record) }
  }
  if cancelled {
    record.pointee.flags.insert(.retrieved)
    throw CancellationError()
  }
  if record.pointee.phase != .finished { throw TimeoutError() }
  return timedOut
}

extension UnsafeMutablePointer where Pointee == TaskRecord {
  /// The end of the chain of tasks that await each other's end, from this one on.
  fileprivate var lastAwaited: RecordPointer {
    var record = self
    while record.pointee.phase == .joining || record.pointee.phase == .joiningWithLimit { record = record.awaited }
    return record
  }

  /// Whether a task has been woken by what it waited for, or made, and has not run since.
  fileprivate var isOwedAStep: Bool {
    guard pointee.phase == .ready else { return false }
    return pointee.node.reason == .deadline || pointee.node.reason == .event || pointee.node.baggage != nil
  }
}
