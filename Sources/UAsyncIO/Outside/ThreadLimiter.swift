import Scheduler

/// How many pieces of work may be on other threads at once; see ``toThread(abandonsOnCancel:limiter:_:)``.
///
/// Where more are asked for, they wait in the order in which they came. Give work that may block for long, or that must
/// not run beside itself, a limiter of its own: with a limit of 1 it is a queue.
///
/// trio: `CapacityLimiter`; Python: `ThreadPoolExecutor(max_workers)`.
public final class ThreadLimiter: Sendable {
  /// The limiter of work that is given no other; its limit is 40.
  public static let shared = ThreadLimiter(uncheckedLimit: 40)

  // Touched on the loop's thread only.
  private nonisolated(unsafe) var allowed: Int
  private nonisolated(unsafe) var working = 0
  private nonisolated(unsafe) var mostWorking = 0
  private let waiters = Waiters()

  /// A limiter that lets so many pieces of work run at once.
  ///
  /// - Throws: ``LoopError/outOfRange(_:value:expected:)`` for less than one.
  public init(_ limit: Int) throws(LoopError) {
    try Self.check(limit)
    allowed = limit
  }

  init(uncheckedLimit: Int) { allowed = uncheckedLimit }

  /// How many may run at once.
  @LoopActor
  public var limit: Int { allowed }

  /// Lets another number of pieces run at once. Work that runs already goes on, also where there is more of it.
  ///
  /// - Throws: ``LoopError/outOfRange(_:value:expected:)`` for less than one.
  @LoopActor
  public func setLimit(_ limit: Int) throws(LoopError) {
    try Self.check(limit)
    allowed = limit
    while working < allowed, waiters.wakeFirst() { begin() }
  }

  /// How it stands with the limiter now.
  @LoopActor
  public var statistics: ThreadStatistics {
    ThreadStatistics(limit: allowed, working: working, waiting: waiters.count, mostWorking: mostWorking)
  }

  nonisolated(nonsending) func acquire() async throws {
    try await waiters.takeTurn(.thread, ifNot: { take() }, passOn: { giveBack() })
  }

  func giveBack() { giveBack(in: &LoopCore.shared.state.pointee.scheduler) }

  /// Hands a permit to the one that has waited longest, or keeps it.
  func giveBack(in scheduler: inout Scheduler) {
    if working <= allowed, let node = waiters.list.pointee.front {
      scheduler.wake(node, .event)
    } else {
      working -= 1
    }
  }

  private func take() -> Bool {
    guard working < allowed else { return false }
    begin()
    return true
  }

  private func begin() {
    working += 1
    mostWorking = max(mostWorking, working)
  }

  private static func check(_ limit: Int) throws(LoopError) {
    guard limit >= 1 else { throw .outOfRange("the limit of threads", value: limit, expected: "at least 1") }
  }
}

/// How it stands with a ``ThreadLimiter``.
public struct ThreadStatistics: Hashable, Sendable {
  /// How many pieces of work may run at once.
  public let limit: Int
  /// How many do, those that were abandoned included.
  public let working: Int
  /// How many wait for their turn.
  public let waiting: Int
  /// The most that ever ran at once.
  public let mostWorking: Int
}
