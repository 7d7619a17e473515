import Scheduler

// A time limit around a coroutine.
//
// The coroutine runs as a task of its own, and the caller gathers that one task, with a deadline: see Gathering.swift.

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
  let gathering = Gathering.begin(capacity: 1, failsFast: false, deadline: Loop.shared.deadline(after: nanoseconds))
  gathering.add(task.object)
  await wait(for: gathering)
  try gathering.end()
  return try task.object.get()
}
