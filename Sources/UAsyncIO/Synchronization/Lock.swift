import CUAsyncIO
import Scheduler

/// A lock that coroutines hold across awaits. Python: `Lock`.
///
/// Between two awaits nobody else runs, so most state needs no lock. This one is for what must stay as it is *while* its
/// holder awaits: a protocol on one connection, a file that is being rewritten.
///
/// It is fair: whoever has waited longest is next, and a newcomer cannot overtake. It is not recursive: a coroutine that
/// acquires it twice waits for itself. It belongs to nobody in particular: any coroutine may release it.
///
/// ```swift
/// let lock = Lock()
/// let answer = try await lock.withLock { try await radio.exchange(request) }
/// ```
public final class Lock: Sendable {
  // Touched on the loop's thread only.
  @exclusivity(unchecked) nonisolated(unsafe) var held = false
  @usableFromInline let waiters = Waiters()

  /// A lock that nobody holds.
  public init() {}

  /// Whether somebody holds the lock. Python: `locked()`.
  @LoopActor
  public var isLocked: Bool { held }

  /// Waits until the lock is free, and takes it; if it is free, at once, without letting others run.
  ///
  /// - Throws: `CancellationError` if the coroutine is cancelled meanwhile: it does not hold the lock then, and if the lock
  ///   was being handed to it in that moment, the next one gets it.
  ///
  /// Python: `acquire()`.
  @inlinable
  public nonisolated(nonsending) func acquire() async throws {
    if takeAtOnce() { return }
    guard try LoopCore.beginWaitInTask(.lock, in: waiters.list) else { return try await acquireFromElsewhere() }
    await park()
    try endAcquiring()
  }

  /// Takes the lock if it is free and this is the loop's thread.
  @usableFromInline
  func takeAtOnce() -> Bool { uasyncio_on_loop_thread() && take() }

  @usableFromInline
  func endAcquiring() throws {
    let loop = LoopCore.onItsThread
    if loop.takeCancellation() { try loop.giveUpTurn { handOver() } }
  }

  @usableFromInline
  nonisolated(nonsending) func acquireFromElsewhere() async throws {
    try await waiters.takeTurn(.lock, ifNot: { take() }, passOn: { handOver() })
  }

  /// Takes the lock if it is free; never suspends.
  ///
  /// - Returns: whether the caller holds the lock now.
  @LoopActor
  public func tryAcquire() -> Bool { take() }

  /// Gives the lock to the one that has waited longest, or to nobody. Python: `release()`.
  ///
  /// - Throws: ``LoopError/notAcquired(_:)`` if nobody holds it.
  @LoopActor
  public func release() throws(LoopError) {
    guard held else { throw .notAcquired("a lock") }
    handOver()
  }

  /// Runs `body` while holding the lock, whatever becomes of it. Python: `async with lock`.
  ///
  /// - Returns: what `body` returns.
  /// - Throws: what `body` throws; `CancellationError` if the coroutine is cancelled while it waits for the lock;
  ///   ``LoopError/notAcquired(_:)`` if `body` has released the lock itself.
  @LoopActor
  public func withLock<Success>(_ body: @LoopActor () async throws -> Success) async throws -> Success {
    try await acquire()
    return try await releasing({ () throws(LoopError) in try release() }, after: body)
  }

  /// How it stands with the lock now.
  @LoopActor
  public var statistics: LockStatistics { LockStatistics(isLocked: held, waiters: waiters.count) }

  func take() -> Bool {
    if held { return false }
    held = true
    return true
  }

  func handOver() { held = waiters.wakeFirst() }

  /// Takes the lock, however often the coroutine is cancelled meanwhile. Returns whether it was.
  ///
  /// - Throws: `CancellationError` where the task is being made to end and the lock is not free: it does not hold it then.
  @LoopActor
  func takeBack() async throws -> Bool {
    let loop = LoopCore.shared
    var isCancelled = false
    while !take() {
      // The reason of this wait only: one that could not begin has none.
      var reason = WakeReason.cancelled
      do {
        let woken = try await loop.wait(.lock, in: waiters.list, evenIfCancelled: isCancelled, unless: { take() })
        guard let woken else { break }
        reason = woken
        if loop.takeCancellation() { isCancelled = true }
      } catch {
        isCancelled = true
      }
      if reason == .event { break }
      if loop.running.unsafelyUnwrapped.pointee.flags.contains(.doomed) { throw CancellationError() }
    }
    return isCancelled
  }
}

/// How it stands with a ``Lock``.
public struct LockStatistics: Hashable, Sendable {
  /// Whether somebody holds the lock.
  public let isLocked: Bool
  /// How many coroutines wait for it.
  public let waiters: Int
}
