import Scheduler

// A time limit around a coroutine.
//
// The coroutine runs as a task of its own, and the caller waits for its end and for the deadline at once. Whatever ends
// the wait, it is over only when the task has finished: nothing goes on behind the caller's back. What comes of it:
//
//     the task returned or threw        that, even when the limit passed in the same instant
//     the limit passed                  the task is cancelled; if that is what ended it, `.timedOut`
//     the caller was cancelled          the task is cancelled; `.cancelled`, whatever the task makes of it

/// Runs a coroutine, and cancels it if it takes longer than a number of seconds.
///
/// - Parameters:
///   - seconds: the limit in seconds. With zero or less the coroutine has one step; an infinite limit is none.
///   - body: the coroutine. It gets room for its frames as ``useTaskPool(_:)`` or ``useTaskSize(_:)`` have said.
/// - Returns: what the coroutine returns. A value that is there when the limit passes is never thrown away, and neither
///   is one that the coroutine returns after it has caught its cancellation.
/// - Throws: ``TaskError/timedOut`` if the limit passed, after the coroutine has ended; what the coroutine throws;
///   ``TaskError/cancelled`` if the caller is cancelled meanwhile, after the coroutine, which is cancelled too, has
///   ended; ``TaskError/timeIsNotANumber``; ``TaskError/poolExhausted``.
///
/// Python: `wait_for(coro, timeout)`.
public nonisolated(nonsending) func waitFor<Success>(
  _ seconds: Double, _ body: @escaping Coroutine<Success>
) async throws(TaskError) -> Success {
  try await limit(TimeLimit.nanoseconds(seconds, unit: 1_000_000_000), body)
}

/// Runs a coroutine, and cancels it if it takes longer than a whole number of seconds; see
/// ``waitFor(_:_:)-(Double,_)``.
public nonisolated(nonsending) func waitFor<Success>(
  _ seconds: Int, _ body: @escaping Coroutine<Success>
) async throws(TaskError) -> Success {
  try await limit(TimeLimit.nanoseconds(seconds, unit: 1_000_000_000), body)
}

/// Runs a coroutine, and cancels it if it takes longer than `limit`; see ``waitFor(_:_:)-(Double,_)``.
public nonisolated(nonsending) func waitFor<Success>(
  _ duration: Duration, _ body: @escaping Coroutine<Success>
) async throws(TaskError) -> Success {
  try await limit(TimeLimit.nanoseconds(duration), body)
}

/// Runs a coroutine, and cancels it if it takes longer than a number of milliseconds; see
/// ``waitFor(_:_:)-(Double,_)``. Python: `wait_for_ms(coro, timeout)`.
public nonisolated(nonsending) func waitForMs<Success>(
  _ milliseconds: Double, _ body: @escaping Coroutine<Success>
) async throws(TaskError) -> Success {
  try await limit(TimeLimit.nanoseconds(milliseconds, unit: 1_000_000), body)
}

/// Runs a coroutine, and cancels it if it takes longer than a whole number of milliseconds; see
/// ``waitFor(_:_:)-(Double,_)``. Python: `wait_for_ms(coro, timeout)`.
public nonisolated(nonsending) func waitForMs<Success>(
  _ milliseconds: Int, _ body: @escaping Coroutine<Success>
) async throws(TaskError) -> Success {
  try await limit(TimeLimit.nanoseconds(milliseconds, unit: 1_000_000), body)
}

/// Waits for a task, and cancels it if it takes longer than a number of seconds; see ``waitFor(_:_:)-(Double,_)``.
///
/// - Throws: also ``TaskError/awaitsItself`` where the caller would wait for its own end.
public nonisolated(nonsending) func waitFor<Success>(
  _ task: LoopTask<Success>, timeout seconds: Double
) async throws(TaskError) -> Success {
  try await limit(TimeLimit.nanoseconds(seconds, unit: 1_000_000_000), task)
}

/// Waits for a task, and cancels it if it takes longer than a whole number of seconds; see
/// ``waitFor(_:_:)-(Double,_)``.
public nonisolated(nonsending) func waitFor<Success>(
  _ task: LoopTask<Success>, timeout seconds: Int
) async throws(TaskError) -> Success {
  try await limit(TimeLimit.nanoseconds(seconds, unit: 1_000_000_000), task)
}

/// Waits for a task, and cancels it if it takes longer than a duration; see ``waitFor(_:_:)-(Double,_)``.
public nonisolated(nonsending) func waitFor<Success>(
  _ task: LoopTask<Success>, timeout duration: Duration
) async throws(TaskError) -> Success {
  try await limit(TimeLimit.nanoseconds(duration), task)
}

/// Waits for a task, and cancels it if it takes longer than a number of milliseconds; see
/// ``waitFor(_:_:)-(Double,_)``. Python: `wait_for_ms(task, timeout)`.
public nonisolated(nonsending) func waitForMs<Success>(
  _ task: LoopTask<Success>, timeout milliseconds: Double
) async throws(TaskError) -> Success {
  try await limit(TimeLimit.nanoseconds(milliseconds, unit: 1_000_000), task)
}

/// Waits for a task, and cancels it if it takes longer than a whole number of milliseconds; see
/// ``waitFor(_:_:)-(Double,_)``. Python: `wait_for_ms(task, timeout)`.
public nonisolated(nonsending) func waitForMs<Success>(
  _ task: LoopTask<Success>, timeout milliseconds: Int
) async throws(TaskError) -> Success {
  try await limit(TimeLimit.nanoseconds(milliseconds, unit: 1_000_000), task)
}

@inline(__always)
private nonisolated(nonsending) func limit<Success>(
  _ nanoseconds: Int64, _ body: @escaping Coroutine<Success>
) async throws(TaskError) -> Success {
  try await limit(nanoseconds, createTask(body))
}

private nonisolated(nonsending) func limit<Success>(
  _ nanoseconds: Int64, _ task: LoopTask<Success>
) async throws(TaskError) -> Success {
  let timedOut = try await limitedWait(for: task.object, nanoseconds: nanoseconds)
  if timedOut, task.object.error == .cancelled {
    task.object.record.flags.insert(.retrieved)
    throw .timedOut
  }
  return try task.object.outcome.get()
}

/// Waits until `object` has finished; cancels it when the time is over, or when the caller is cancelled.
///
/// - Returns: whether the time was over first.
@inline(never)
private nonisolated(nonsending) func limitedWait(
  for object: TaskObject, nanoseconds: Int64
) async throws(TaskError) -> Bool {
  var limit = LimitedWait(of: object.pointer, nanoseconds: nanoseconds)
  while limit.mustGoOn() {
    if limit.begin() {
      await park()
      limit.end(cancelledNow: Loop.shared.takeCancellation())
    }
  }
  return try limit.outcome()
}

/// What has become of a wait with a time limit so far. The async function above is only the bare loop: what stands in
/// it is compiled twice, before and behind its suspension.
private struct LimitedWait {
  let record: RecordPointer
  var deadline: Int64
  var timedOut = false
  var cancelled = false
  var closesCycle: Bool
  // In how many more turns the task may be let run at the deadline. A bound, so that tasks which keep waking each other
  // without time passing cannot put the end off for ever.
  private var allowances: UInt8 = 100

  @inline(never)
  init(of record: RecordPointer, nanoseconds: Int64) {
    self.record = record
    deadline = Clock.deadline(nanoseconds, after: Loop.shared.now)
    closesCycle = Loop.shared.wouldCloseCycle(waitingFor: record)
  }

  @inline(never)
  mutating func mustGoOn() -> Bool {
    if record.pointee.phase == .finished || closesCycle { return false }
    // It may have come to wait for this task's end while this one was about to run: then there is no end to wait for.
    return !(cancelled || timedOut) || !Loop.shared.wouldCloseCycle(waitingFor: record)
  }

  /// Files the running task. Returns whether it is to be suspended.
  @inline(never)
  mutating func begin() -> Bool {
    do throws(TaskError) {
      try Loop.shared.beginWait(.joiningWithLimit, in: record.joiners, until: deadline)
      if deadline <= Loop.shared.now { Loop.shared.state.pointee.scheduler.endTurn() }
      return true
    } catch {
      // It was there before the wait could begin. The task has to end all the same.
      end(cancelledNow: true)
      return false
    }
  }

  /// The wait is over for now: cancels the task if there is a reason to.
  @inline(never)
  mutating func end(cancelledNow: Bool) {
    let loop = Loop.shared
    if loop.takePassedOnCancellation() {
      cancelled = true
      deadline = Clock.never
    }
    if cancelledNow {
      cancelled = true
    } else if loop.wakeReason != .deadline || cancelled || timedOut {
      return
    } else if allowances > 0, record.lastAwaited.isOwedAStep {
      // What the task waits for is there in this very instant, or it has not begun: it just has not had its turn.
      allowances -= 1
      deadline = loop.now
      return
    } else {
      timedOut = true
    }
    deadline = Clock.never
    _ = loop.cancel(record)
  }

  /// Whether the time was over first.
  @inline(never)
  func outcome() throws(TaskError) -> Bool {
    if closesCycle { throw .awaitsItself }
    if cancelled {
      record.pointee.flags.insert(.retrieved)
      throw .cancelled
    }
    if record.pointee.phase != .finished { throw .timedOut }
    return timedOut
  }
}

extension RecordPointer {
  /// The end of the chain of tasks that await each other's end, from this one on.
  fileprivate var lastAwaited: RecordPointer {
    var record = self
    while record.pointee.phase == .joining || record.pointee.phase == .joiningWithLimit { record = record.awaited }
    return record
  }

  /// Whether a task has been woken by what it waited for, or made, and has not run since.
  fileprivate var isOwedAStep: Bool {
    guard pointee.phase == .ready else { return false }
    return pointee.node.reason == .deadline || pointee.node.reason == .event
      || pointee.flags.contains(.unstarted)
  }
}
