import Scheduler

/// Lets one coroutine in at a time, in the order in which they came. Python: `Lock`.
public final class Lock: Waitable {
  /// Whether somebody holds the lock. Python: `locked()`.
  public private(set) var isLocked = false

  /// A lock that nobody holds.
  public override init() {}

  /// Waits until the lock is free, and takes it; if it is free, takes it at once without letting others run.
  ///
  /// - Throws: ``TaskError/cancelled`` if the coroutine is cancelled meanwhile. Then it does not hold the lock; one that
  ///   was handed to it in that very moment goes on to the next.
  ///
  /// Python: `acquire()`.
  #if !UASYNCIO_BOARD
    @inline(__always)
  #endif
  public nonisolated(nonsending) func acquire() async throws(TaskError) {
    if tryAcquire() { return }
    let loop = Loop.shared
    try loop.beginWait(.waiting, in: waiters)
    await park()
    guard loop.takeCancellation() else { return }
    if loop.wakeReason == .event { handOver() }
    throw .cancelled
  }

  /// Takes the lock if it is free, at once. Returns whether it did.
  public func tryAcquire() -> Bool {
    if isLocked { return false }
    isLocked = true
    return true
  }

  /// Frees the lock, or hands it to the one who has waited longest.
  ///
  /// - Throws: ``TaskError/notLocked`` if nobody holds it.
  ///
  /// Python: `release()`.
  public func release() throws(TaskError) {
    guard isLocked else { throw .notLocked }
    handOver()
  }

  /// Runs `body` while holding the lock. Python: `async with lock`.
  ///
  /// - Throws: what `body` throws; ``TaskError/cancelled`` as ``acquire()`` does; ``TaskError/notLocked`` if `body` has
  ///   released the lock.
  public nonisolated(nonsending) func withLock<Success>(
    _ body: nonisolated(nonsending) () async throws(TaskError) -> Success
  ) async throws(TaskError) -> Success {
    try await acquire()
    let value: Success
    do throws(TaskError) {
      value = try await body()
    } catch {
      if isLocked { handOver() }
      throw error
    }
    try release()
    return value
  }

  private func handOver() {
    // Who is woken holds it already, so nobody can come between.
    if !wakeFirst() { isLocked = false }
  }
}
