// The scenarios of Benchmarks/Sources/Scenarios that make sense for SwiftNIO's event loop: it has callbacks, futures and
// scheduled callbacks, and no tasks of its own.
//
//     Scenarios NAME COUNT [PARAMETER]
//
// A scenario runs on the loop, and gives a future of what it has measured.

import Glibc
import NIOCore
import NIOPosix

typealias Scenario = @Sendable (EventLoop, Int, Int) throws -> EventLoopFuture<Measurement>

let scenarios: [(name: String, usual: Int, run: Scenario)] = [
  ("switch", 1, switchCallbacks),
  ("spawn", 0, submitAndAwait),
  ("gather", 1000, gatherFutures),
  ("timers", 2000, wakeTimers),
  ("sleepAmong", 1_000_000, sleepAmongSleepers),
  ("cancel", 100_000, cancelTimers),
  ("waitFor", 0, waitForResult),
  ("waitForTimeout", 1000, waitForTimeout),
  ("eventWake", 10_000, wakeWaiters),
  ("crossThreadLatency", 0, answerThread),
  ("crossThreadThroughput", 0, hearThread),
]

let arguments = CommandLine.arguments
let name = arguments.count > 1 ? arguments[1] : ""
let count = arguments.count > 2 ? Int(arguments[2]) ?? 0 : 0
guard let scenario = scenarios.first(where: { $0.name == name }), count > 0 else {
  print("expected: Scenarios \(scenarios.map(\.name).joined(separator: "|")) COUNT [PARAMETER]")
  exit(2)
}
let parameter = arguments.count > 3 ? Int(arguments[3]) ?? 0 : scenario.usual
let eventLoop = MultiThreadedEventLoopGroup(numberOfThreads: 1).next()
let measurement = eventLoop.flatSubmit { [run = scenario.run] in
  do { return try run(eventLoop, count, parameter) } catch { return eventLoop.makeFailedFuture(error) }
}
print(try measurement.wait())
exit(0)
