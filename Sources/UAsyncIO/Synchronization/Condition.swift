// A condition is a lock and a list of those who wait for a notification. The one hard thing about it is its promise that
// `wait` ends with the lock held, whatever ends it: the caller's next line is inside `withLock` again. So taking the lock
// back goes on through cancellations, which are remembered and thrown afterwards. Only a task that is being made to end
// (see FreshLoop.swift) does not wait for it.

import Scheduler

/// A lock, and a way of waiting, while it is let go, for what others do under it. Python: `Condition`.
///
/// Use it where coroutines wait until shared state is as they need it, and the state has a lock. Whoever changes it
/// notifies; whoever was notified has the lock again when ``wait()`` returns, and looks.
///
/// ```swift
/// let condition = Condition()
/// createTask {
///   try await condition.withLock {
///     try await condition.wait { stock >= 10 }
///     stock -= 10
///   }
/// }
/// try await condition.withLock {
///   stock += 10
///   try condition.notifyAll()
/// }
/// ```
public final class Condition: Sendable {
  /// The condition's lock. Several conditions may have the same.
  public let lock: Lock
  private let waiters = Waiters()

  /// A condition with a lock of its own, or with one that is there already.
  public init(_ lock: Lock = Lock()) { self.lock = lock }

  // MARK: - The lock

  /// Whether somebody holds the lock. Python: `locked()`.
  @LoopActor
  public var isLocked: Bool { lock.isLocked }

  /// Waits until the lock is free, and takes it; see ``Lock/acquire()``. Python: `acquire()`.
  public nonisolated(nonsending) func acquire() async throws { try await lock.acquire() }

  /// Takes the lock if it is free; see ``Lock/tryAcquire()``.
  @LoopActor
  public func tryAcquire() -> Bool { lock.tryAcquire() }

  /// Gives the lock to the one that has waited longest, or to nobody; see ``Lock/release()``. Python: `release()`.
  ///
  /// - Throws: ``LoopError/notAcquired(_:)`` if nobody holds it.
  @LoopActor
  public func release() throws(LoopError) { try lock.release() }

  /// Runs `body` while holding the lock, whatever becomes of it; see ``Lock/withLock(_:)``. Python: `async with condition`.
  @LoopActor
  public func withLock<Success>(_ body: @LoopActor () async throws -> Success) async throws -> Success {
    try await lock.withLock(body)
  }

  // MARK: - Waiting

  /// Lets the lock go, waits to be notified, and takes the lock again.
  ///
  /// Others may have had the lock in between: look whether things are as you need them, or use ``wait(until:)``.
  ///
  /// - Throws: ``LoopError/lockNotHeld`` if nobody holds the lock; `CancellationError` if the coroutine is cancelled
  ///   meanwhile. **The lock is held then too**: the error is thrown when it has been taken again, which may take a while.
  ///   A notification that was meant for the cancelled coroutine goes to the next one.
  ///
  /// Python: `wait()`.
  @LoopActor
  public func wait() async throws {
    try requireLock()
    lock.handOver()
    var isNotified = true
    do {
      try await waiters.takeTurn(.condition, ifNot: { false }, passOn: { waiters.wakeFirst() })
    } catch {
      isNotified = false
    }
    if try await lock.takeBack() {
      if isNotified { waiters.wakeFirst() }
      throw CancellationError()
    }
    if !isNotified { throw CancellationError() }
  }

  /// Waits to be notified until `predicate` says yes, which it is asked at once, and each time with the lock held.
  ///
  /// - Throws: what `predicate` throws; what ``wait()`` throws. The lock is held then too.
  ///
  /// Python: `wait_for(predicate)`.
  @LoopActor
  public func wait(until predicate: @LoopActor () throws -> Bool) async throws {
    try requireLock()
    while try !predicate() { try await wait() }
  }

  // MARK: - Notifying

  /// Lets the `count` coroutines go on that have waited longest, or all if there are fewer, each when it gets the lock.
  ///
  /// - Throws: ``LoopError/lockNotHeld`` if nobody holds the lock; ``LoopError/outOfRange(_:value:expected:)`` if `count` is
  ///   negative.
  ///
  /// Python: `notify(n)`.
  @LoopActor
  public func notify(_ count: Int = 1) throws(LoopError) {
    try requireLock()
    if count < 0 { throw .outOfRange("a number of coroutines to notify", value: count, expected: "0 or more") }
    var left = count
    while left > 0, waiters.wakeFirst() { left -= 1 }
  }

  /// Lets all go on who wait, each when it gets the lock. Python: `notify_all()`.
  ///
  /// - Throws: ``LoopError/lockNotHeld`` if nobody holds the lock.
  @LoopActor
  public func notifyAll() throws(LoopError) {
    try requireLock()
    waiters.wakeAll()
  }

  /// How it stands with the condition now.
  @LoopActor
  public var statistics: ConditionStatistics {
    ConditionStatistics(waiters: waiters.count, lock: lock.statistics)
  }

  @LoopActor
  private func requireLock() throws(LoopError) {
    if !lock.isLocked { throw .lockNotHeld }
  }
}

/// How it stands with a ``Condition``.
public struct ConditionStatistics: Hashable, Sendable {
  /// How many coroutines wait to be notified.
  public let waiters: Int
  /// How it stands with its lock. Those who were notified and want it back wait for it there.
  public let lock: LockStatistics
}
