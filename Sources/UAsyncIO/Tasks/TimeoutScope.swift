import Scheduler

/// A time limit that can be read, moved and removed while it is on; see ``withTimeout(_:_:)-(Duration,_)``.
/// Python: `Timeout`.
@LoopActor
public final class TimeoutScope {
  // Touched on the loop's thread only.
  nonisolated(unsafe) var limit: Int64
  /// The task that waits for the scope's body.
  nonisolated(unsafe) var waiter: RecordPointer?
  nonisolated(unsafe) var isExpired = false
  /// What the body has captured, until it begins.
  nonisolated(unsafe) var contextOfBody: UnsafeMutableRawPointer?

  /// Whether the limit has passed, and the body was cancelled for it. Python: `expired()`.
  public var hasExpired: Bool { isExpired }

  nonisolated init(limit: Int64) { self.limit = limit }

  /// When the limit is, as a time of ``loopTime()``; nil is no limit.
  ///
  /// Setting it moves the limit; a time that has passed cancels the body as soon as it is suspended. Once the scope has
  /// expired, or its body has ended, setting it changes nothing. Python: `when()`, `reschedule(when)`.
  public var deadline: Duration? {
    get { limit == Clock.never ? nil : .nanoseconds(limit) }
    set {
      limit = newValue.map(TimeLimit.nanoseconds) ?? Clock.never
      guard let waiter, waiter.pointee.phase == .joiningWithLimit, !isExpired else { return }
      LoopCore.shared.state.pointee.scheduler.setDeadline(waiter.node, limit)
    }
  }
}

/// Runs `body` under a time limit that it may read, move and remove. Python: `timeout(delay)`; trio: `fail_after`.
///
/// ```swift
/// try await withTimeout(.seconds(10)) { scope in
///   try await greet()
///   scope.deadline = nil
///   try await serve()
/// }
/// ```
///
/// The body runs as a task of its own, as with ``waitFor(_:_:)-(Double,_)``, which is the same with a limit that stays
/// where it is. Scopes may be nested: the one whose limit has passed throws, and the others have not expired.
///
/// - Parameters:
///   - limit: how long the body may take.
///   - body: the coroutine, which is given the scope.
/// - Returns: what the body returns: also when the limit passes in the same instant, and when the body has caught its
///   cancellation and returns all the same. ``TimeoutScope/hasExpired`` tells.
/// - Throws: ``TimeoutError`` if the limit passed, after the body has ended; what the body throws; `CancellationError` if
///   the caller is cancelled meanwhile, after the body, which is cancelled too, has ended.
@LoopActor
public func withTimeout<Success>(
  _ limit: Duration, _ body: @escaping @LoopActor (TimeoutScope) async throws -> Success
) async throws -> Success {
  try await limited(TimeLimit.deadline(in: TimeLimit.nanoseconds(limit)), body)
}

/// Runs `body` under a time limit of a number of seconds; see ``withTimeout(_:_:)-(Duration,_)``.
///
/// - Throws: also ``LoopError/timeIsNotANumber``.
@LoopActor
public func withTimeout<Success>(
  _ seconds: Double, _ body: @escaping @LoopActor (TimeoutScope) async throws -> Success
) async throws -> Success {
  let nanoseconds = try TimeLimit.nanoseconds(seconds, unit: 1_000_000_000)
  return try await limited(TimeLimit.deadline(in: nanoseconds), body)
}

/// Runs `body` until a time of ``loopTime()`` at most; nil is no limit, until the body sets one. See
/// ``withTimeout(_:_:)-(Duration,_)``. Python: `timeout_at(when)`; trio: `fail_at`.
@LoopActor
public func withDeadline<Success>(
  _ deadline: Duration?, _ body: @escaping @LoopActor (TimeoutScope) async throws -> Success
) async throws -> Success {
  try await limited(deadline.map(TimeLimit.nanoseconds) ?? Clock.never, body)
}

/// Runs `body` under a time limit, and goes on without it when that has passed. trio: `move_on_after`.
///
/// - Returns: what the body returns; nil if the limit passed and the body was ended for it.
/// - Throws: what the body throws, the ``TimeoutError`` of another scope or `waitFor` within it included;
///   `CancellationError` if the caller is cancelled meanwhile.
@LoopActor
public func moveOn<Success>(
  after limit: Duration, _ body: @escaping @LoopActor (TimeoutScope) async throws -> Success
) async throws -> Success? {
  try await limitedOrNil(TimeLimit.deadline(in: TimeLimit.nanoseconds(limit)), body)
}

/// Runs `body` under a time limit of a number of seconds, and goes on without it when that has passed; see
/// ``moveOn(after:_:)-(Duration,_)``.
///
/// - Throws: also ``LoopError/timeIsNotANumber``.
@LoopActor
public func moveOn<Success>(
  after seconds: Double, _ body: @escaping @LoopActor (TimeoutScope) async throws -> Success
) async throws -> Success? {
  let nanoseconds = try TimeLimit.nanoseconds(seconds, unit: 1_000_000_000)
  return try await limitedOrNil(TimeLimit.deadline(in: nanoseconds), body)
}

/// Runs `body` until a time of ``loopTime()`` at most, and goes on without it then; see
/// ``moveOn(after:_:)-(Duration,_)``. trio: `move_on_at`.
@LoopActor
public func moveOn<Success>(
  at deadline: Duration?, _ body: @escaping @LoopActor (TimeoutScope) async throws -> Success
) async throws -> Success? {
  try await limitedOrNil(deadline.map(TimeLimit.nanoseconds) ?? Clock.never, body)
}

@inline(__always)
private nonisolated(nonsending) func limited<Success>(
  _ deadline: Int64, _ body: @escaping @LoopActor (TimeoutScope) async throws -> Success
) async throws -> Success {
  let scope = TimeoutScope(limit: deadline)
  let object = LoopCore.shared.spawn(in: scope, body)
  defer { withExtendedLifetime(object) {} }
  let fits = TaskObject.fits(Success.self)
  let place = try await limitedWait(for: object, until: deadline, scope: scope, fits: fits)
  guard let place else { throw TimeoutError() }
  return place.assumingMemoryBound(to: Success.self).pointee
}

@inline(__always)
private nonisolated(nonsending) func limitedOrNil<Success>(
  _ deadline: Int64, _ body: @escaping @LoopActor (TimeoutScope) async throws -> Success
) async throws -> Success? {
  let scope = TimeoutScope(limit: deadline)
  let object = LoopCore.shared.spawn(in: scope, body)
  defer { withExtendedLifetime(object) {} }
  let fits = TaskObject.fits(Success.self)
  let place = try await limitedWait(for: object, until: deadline, scope: scope, fits: fits)
  guard let place else { return nil }
  return place.assumingMemoryBound(to: Success.self).pointee
}
