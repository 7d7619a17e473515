import UAsyncIO

/// One scenario of the comparison with other libraries, on our Swift face. Each program in Peers/ does the same, with the
/// same names and numbers, in its own language.
///
/// Each makes ready what it needs, then starts its stopwatch; what is only there for the measurement is outside of it. What
/// the operations are, and what the parameter means, is said where the scenario is.
public struct Scenario: Sendable {
  public let name: String
  /// The parameter, if none is given.
  public let usual: Int
  private let body: @Sendable (Int, Int) throws -> Measurement

  /// One that runs on the loop.
  private init(_ name: String, _ usual: Int, _ body: @escaping @LoopActor (Int, Int) async throws -> Measurement) {
    self.init(name, usual) { count, parameter in try run { try await body(count, parameter) } }
  }

  private init(_ name: String, _ usual: Int, outside body: @escaping @Sendable (Int, Int) throws -> Measurement) {
    self.name = name
    self.usual = usual
    self.body = body
  }

  /// Does so many operations, on the calling thread, and returns when all is over.
  public func measure(_ count: Int, _ parameter: Int? = nil) throws -> Measurement {
    try body(count, parameter ?? usual)
  }

  public static let all = [
    Scenario("switch", 1, switchTasks),
    Scenario("spawn", 0, spawnAndJoin),
    Scenario("parked", 100_000, parkTasks),
    Scenario("timers", 2000, wakeTimers),
    Scenario("sleepAmong", 1_000_000, sleepAmongSleepers),
    Scenario("cancel", 100_000, cancelSleepers),
    Scenario("eventWake", 10_000, wakeWaiters),
    Scenario("lock", 100, contendLock),
    Scenario("queue", 16, passThroughQueue),
    Scenario("gather", 1000, gatherTasks),
    Scenario("waitFor", 0, waitForResult),
    Scenario("waitForTimeout", 1000, waitForTimeout),
    Scenario("crossThreadLatency", 0, answerThread),
    Scenario("crossThreadThroughput", 0, hearThread),
    Scenario("bareHop", 0, outside: hopBare),
    Scenario("bareSuspend", 0, outside: suspendBare),
  ]

  public static func named(_ name: String) -> Scenario? { all.first { $0.name == name } }
}
