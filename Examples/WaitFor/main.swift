// The manual's fourth example: four rounds of two seconds do not fit into seven.
//
//     swift run WaitFor                  takes seven seconds
//     swift run WaitFor --virtual-time   takes none

import UAsyncIO

@LoopActor
func bar(_ x: Int) async throws {
  var count = 0
  while true {
    count += 1
    print("Instance: \(x) count: \(count)")
    try await sleep(2)
    print("sleep count instance = \(x) count = \(count)")
  }
}

@LoopActor
func main() async throws {
  let task = createTask { try await waitFor(7) { try await bar(10) } }
  // A loop within the loop, as in the manual: `main` stands still here until the task has ended, all others go on.
  try run(task)
  // Never reached: the time-out leaves through `run`.
  try await sleep(10)
}

do {
  try run(clock: CommandLine.arguments.contains("--virtual-time") ? .virtual : .real, main)
} catch is TimeoutError {
  print("TimeoutError")
}
