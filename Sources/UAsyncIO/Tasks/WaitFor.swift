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

// What the functions above are made of runs where they do. Were it isolated to the loop by name, each of these would be
// another two changes of actors.

@inline(__always)
private nonisolated(nonsending) func waitFor<Success>(
  nanoseconds: Int64, _ body: @escaping @LoopActor () async throws -> Success
) async throws -> Success {
  try await waitFor(createTask(body), nanoseconds: nanoseconds)
}

@inline(__always)
private nonisolated(nonsending) func waitFor<Success>(
  _ task: LoopTask<Success>, nanoseconds: Int64
) async throws -> Success {
  let limit = TimeLimit.deadline(in: nanoseconds)
  defer { withExtendedLifetime(task.object) {} }
  let place = try await limitedWait(for: task.object, until: limit, scope: nil, fits: TaskObject.fits(Success.self))
  guard let place else { throw TimeoutError() }
  return place.assumingMemoryBound(to: Success.self).pointee
}
