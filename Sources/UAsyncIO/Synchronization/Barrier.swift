// A barrier is used again and again, and those whom one round lets go may run long after the next has begun. So each
// round is an object, which says how it ended, and those who wait keep theirs. Who has arrived is who is in the list, and
// nothing else counts them: one that is cancelled is out of it at once, and cannot be counted before it has left.

import Scheduler

/// A place where coroutines wait for each other until so many are there, and then all go on. Python: `Barrier`.
///
/// ```swift
/// let barrier = try Barrier(3)
/// for player in players {
///   createTask {
///     try await player.getReady()
///     if try await barrier.wait() == 0 { print("go") }
///     try await player.play()
///   }
/// }
/// ```
public final class Barrier: Sendable {
  /// One filling of the barrier.
  private final class Round {
    /// The places of those whom it let go; nil as long as it has not.
    var places: [NodePointer: Int]?
    /// Whether it ended without being full.
    var isBroken = false
  }

  // Touched on the loop's thread only.
  private nonisolated(unsafe) var round = Round()
  private let waiters = Waiters()

  /// How many coroutines it takes. Python: `parties`.
  public let parties: Int

  /// A barrier for so many coroutines.
  ///
  /// - Throws: ``LoopError/outOfRange(_:value:expected:)`` if `parties` is less than 1.
  public init(_ parties: Int) throws(LoopError) {
    if parties < 1 { throw .outOfRange("a barrier's number of parties", value: parties, expected: "1 or more") }
    self.parties = parties
  }

  /// Waits until as many coroutines wait as it takes. The last one to come does not suspend.
  ///
  /// - Returns: in which place the coroutine came, from 0 to one less than ``parties``; another one for each.
  /// - Throws: ``BrokenBarrierError`` if the barrier is broken, or somebody breaks or resets it meanwhile;
  ///   `CancellationError` if the coroutine is cancelled meanwhile: it has left then, and the others wait for another. If
  ///   the barrier was full already, they go on all the same.
  ///
  /// Python: `wait()`.
  @LoopActor @discardableResult
  public func wait() async throws -> Int {
    let round = round
    if round.isBroken { throw BrokenBarrierError() }
    let place = waiters.count
    if place == parties - 1 {
      letGo()
      return place
    }
    try await waiters.takeTurn(.barrier, ifNot: { false }, passOn: {})
    // Woken without a place: the round was broken.
    guard let place = round.places?[LoopCore.shared.running.unsafelyUnwrapped.node] else { throw BrokenBarrierError() }
    return place
  }

  /// Breaks the barrier: those who wait throw ``BrokenBarrierError``, and so does whoever comes, until ``reset()``.
  /// Python: `abort()`.
  @LoopActor
  public func abort() {
    round.isBroken = true
    waiters.wakeAll()
  }

  /// Begins anew: those who wait throw ``BrokenBarrierError``, and the barrier is as new. Python: `reset()`.
  @LoopActor
  public func reset() {
    round = Round()
    waiters.wakeAll()
  }

  /// How many coroutines wait. Python: `n_waiting`.
  @LoopActor
  public var waiting: Int { waiters.count }

  /// Whether the barrier is broken. Python: `broken`.
  @LoopActor
  public var isBroken: Bool { round.isBroken }

  /// How it stands with the barrier now.
  @LoopActor
  public var statistics: BarrierStatistics {
    BarrierStatistics(parties: parties, waiting: waiters.count, isBroken: round.isBroken)
  }

  /// Ends the round: all who wait go on, in the order in which they came.
  @LoopActor
  private func letGo() {
    var places: [NodePointer: Int] = [:]
    waiters.list.pointee.forEach { places[$0] = places.count }
    round.places = places
    round = Round()
    waiters.wakeAll()
  }
}

/// A ``Barrier`` was broken or reset while a coroutine waited at it, or is broken. Python: `BrokenBarrierError`.
public struct BrokenBarrierError: Error, Hashable, Sendable, CustomStringConvertible {
  public init() {}
  public var description: String { "the barrier is broken" }
}

/// How it stands with a ``Barrier``.
public struct BarrierStatistics: Hashable, Sendable {
  /// How many coroutines it takes.
  public let parties: Int
  /// How many wait.
  public let waiting: Int
  /// Whether it is broken.
  public let isBroken: Bool
}
