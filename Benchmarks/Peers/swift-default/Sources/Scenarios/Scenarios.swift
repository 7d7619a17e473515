// The scenarios of Benchmarks/Sources/Scenarios with what Swift brings itself: tasks on the global pool of threads.
//
//     Scenarios NAME COUNT [PARAMETER]
//
// Left out is what Swift has not: a lock that tasks may hold across an await, and a bounded queue.

import Glibc

@main
struct Scenarios {
  static let all: [(name: String, usual: Int, run: @Sendable (Int, Int) async throws -> Measurement)] = [
    ("switch", 1, switchTasks),
    ("spawn", 0, spawnAndJoin),
    ("parked", 100_000, parkTasks),
    ("gather", 1000, gatherTasks),
    ("timers", 2000, wakeTimers),
    ("sleepAmong", 1_000_000, sleepAmongSleepers),
    ("cancel", 100_000, cancelSleepers),
    ("eventWake", 10_000, wakeWaiters),
    ("waitFor", 0, waitForResult),
    ("waitForTimeout", 1000, waitForTimeout),
    ("crossThreadLatency", 0, answerThread),
    ("crossThreadThroughput", 0, hearThread),
  ]

  static func main() async throws {
    let arguments = CommandLine.arguments
    let name = arguments.count > 1 ? arguments[1] : ""
    let count = arguments.count > 2 ? Int(arguments[2]) ?? 0 : 0
    guard let scenario = all.first(where: { $0.name == name }), count > 0 else {
      print("expected: Scenarios \(all.map(\.name).joined(separator: "|")) COUNT [PARAMETER]")
      exit(2)
    }
    let parameter = arguments.count > 3 ? Int(arguments[3]) ?? 0 : scenario.usual
    // As a task on the pool: `main` is on the main actor.
    print(try await Task.detached { try await scenario.run(count, parameter) }.value)
    // Tasks that still wait are not worth taking apart.
    exit(0)
  }
}
