import CUAsyncIO
import Scheduler

/// A number of permits that coroutines take and give back. (The C library has the plain name.) Python: `Semaphore`, `BoundedSemaphore`.
///
/// It keeps a number of coroutines from doing the same thing at the same time: connections to one server, say.
///
/// It is fair: whoever has waited longest gets the next permit, and a newcomer cannot overtake. Permits belong to nobody
/// in particular: any coroutine may release one, also one that has never acquired any.
///
/// ```swift
/// let connections = try LoopSemaphore(4)
/// let pages = (1...12).map { page in
///   createTask {
///     try await connections.withPermit { try await fetch(page) }
///   }
/// }
/// ```
public final class LoopSemaphore: Sendable {
  // Touched on the loop's thread only.
  @exclusivity(unchecked) nonisolated(unsafe) var free: Int
  @usableFromInline let waiters = Waiters()

  /// The most permits that may be free; nil is no bound.
  public let bound: Int?

  /// A semaphore with so many free permits.
  ///
  /// - Parameters:
  ///   - permits: how many permits are free in the beginning.
  ///   - bound: the most that may ever be free. To release more is a mistake in the program then, and an error. Python's
  ///     `BoundedSemaphore(n)` is `LoopSemaphore(n, bound: n)`.
  /// - Throws: ``LoopError/outOfRange(_:value:expected:)`` if `permits` is negative, or `bound` less than `permits`.
  public init(_ permits: Int, bound: Int? = nil) throws(LoopError) {
    if permits < 0 {
      throw .outOfRange("a semaphore's number of permits", value: permits, expected: "0 or more")
    }
    if let bound, bound < permits {
      throw .outOfRange("a semaphore's bound", value: bound, expected: "\(permits) or more, its number of permits")
    }
    free = permits
    self.bound = bound
  }

  /// How many permits are free now.
  @LoopActor
  public var permits: Int { free }

  /// Waits until a permit is free, and takes it; if one is free, at once, without letting others run.
  ///
  /// - Throws: `CancellationError` if the coroutine is cancelled meanwhile: it has no permit then, and if one was being
  ///   handed to it in that moment, the next one gets it.
  ///
  /// Python: `acquire()`.
  @inlinable
  public nonisolated(nonsending) func acquire() async throws {
    if takeAtOnce() { return }
    guard try LoopCore.beginWaitInTask(.permit, in: waiters.list) else { return try await acquireFromElsewhere() }
    await park()
    try endAcquiring()
  }

  /// Takes a permit if it is free and this is the loop's thread.
  @usableFromInline
  func takeAtOnce() -> Bool { uasyncio_on_loop_thread() && take() }

  @usableFromInline
  func endAcquiring() throws {
    let loop = LoopCore.onItsThread
    if loop.takeCancellation() { try loop.giveUpTurn { handOver() } }
  }

  @usableFromInline
  nonisolated(nonsending) func acquireFromElsewhere() async throws {
    try await waiters.takeTurn(.permit, ifNot: { take() }, passOn: { handOver() })
  }

  /// Takes a permit if one is free; never suspends.
  ///
  /// - Returns: whether the caller has a permit now.
  @LoopActor
  public func tryAcquire() -> Bool { take() }

  /// Gives a permit to the one that has waited longest, or frees it. Python: `release()`.
  ///
  /// - Throws: ``LoopError/tooManyPermits(bound:)`` if as many permits are free as may be.
  @LoopActor
  public func release() throws(LoopError) {
    guard free < limit else { throw .tooManyPermits(bound: limit) }
    handOver()
  }

  /// Runs `body` with a permit, and gives it back, whatever becomes of it. Python: `async with semaphore`.
  ///
  /// - Returns: what `body` returns.
  /// - Throws: what `body` throws; `CancellationError` if the coroutine is cancelled while it waits for the permit;
  ///   ``LoopError/tooManyPermits(bound:)`` if `body` has released the permit itself.
  @LoopActor
  public func withPermit<Success>(_ body: @LoopActor () async throws -> Success) async throws -> Success {
    try await acquire()
    return try await releasing({ () throws(LoopError) in try release() }, after: body)
  }

  /// How it stands with the semaphore now.
  @LoopActor
  public var statistics: SemaphoreStatistics {
    SemaphoreStatistics(permits: free, bound: bound, waiters: waiters.count)
  }

  func take() -> Bool {
    if free == 0 { return false }
    free -= 1
    return true
  }

  func handOver() {
    // Where somebody else has released the permit of a coroutine that was cancelled, it is there already.
    if !waiters.wakeFirst(), free < limit { free += 1 }
  }

  private var limit: Int { bound ?? .max }
}

/// How it stands with a ``LoopSemaphore``.
public struct SemaphoreStatistics: Hashable, Sendable {
  /// How many permits are free.
  public let permits: Int
  /// The most that may be free; nil is no bound.
  public let bound: Int?
  /// How many coroutines wait for a permit.
  public let waiters: Int
}
