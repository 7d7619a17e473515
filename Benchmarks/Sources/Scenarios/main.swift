// One scenario of the comparison with other libraries, on our Swift face. Each program in Peers/ does the same, with the same
// names and numbers, in its own language; Scripts/compare-peers runs them all.
//
//     Scenarios NAME COUNT [PARAMETER]
//
// Prints the number of operations, and the nanoseconds that they took together: by the clock on the wall, and of the
// processor, all threads of the process added up.
//
// Each scenario makes ready what it needs, then starts its stopwatch; what is only there for the measurement is outside
// of it. What the operations are, and what the parameter means, is said where the scenario is.

import BareHop
import UAsyncIO

let scenarios: [(name: String, usual: Int, run: @LoopActor (Int, Int) async throws -> Measurement)] = [
  ("switch", 1, switchTasks),
  ("spawn", 0, spawnAndJoin),
  ("parked", 100_000, parkTasks),
  ("timers", 2000, wakeTimers),
  ("sleepAmong", 1_000_000, sleepAmongSleepers),
  ("cancel", 100_000, cancelSleepers),
  ("eventWake", 10_000, wakeWaiters),
  ("lock", 100, contendLock),
  ("queue", 16, passThroughQueue),
  ("gather", 1000, gatherTasks),
  ("waitFor", 0, waitForResult),
  ("waitForTimeout", 1000, waitForTimeout),
  ("crossThreadLatency", 0, answerThread),
  ("crossThreadThroughput", 0, hearThread),
]

let arguments = CommandLine.arguments
let name = arguments.count > 1 ? arguments[1] : ""
let count = arguments.count > 2 ? Int(arguments[2]) ?? 0 : 0
if let floor = floors[name], count > 0 {
  print(floor(count))
} else if let scenario = scenarios.first(where: { $0.name == name }), count > 0 {
  let parameter = arguments.count > 3 ? Int(arguments[3]) ?? 0 : scenario.usual
  print(try run { try await scenario.run(count, parameter) })
} else {
  print(
    "expected: Scenarios \((scenarios.map(\.name) + floors.keys.sorted()).joined(separator: "|")) COUNT [PARAMETER]")
}
