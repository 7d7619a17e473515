// The manual's third example: a coroutine that would count for ever is given seven seconds, and gets five.
//
//     swift run CancelTask                  takes five seconds
//     swift run CancelTask --virtual-time   takes none

import UAsyncIO

@LoopActor
func bar(_ n: Int) async throws -> Int {
  print("Start cancellable bar()")
  var n = n
  while true {
    try await sleep(1)
    n += 1
  }
}

@LoopActor
func doCancel(_ task: LoopTask<Int>) async throws {
  try await sleep(5)
  print("About to cancel bar")
  task.cancel()
}

@LoopActor
func main() async throws {
  let task = createTask { try await waitFor(7) { try await bar(10) } }
  createTask { try await doCancel(task) }
  switch await task.result {
  case .success(let n): print("bar has counted to \(n)")
  case .failure(is TimeoutError): print("bar has used up its 7 seconds")
  case .failure(is CancellationError): print("bar was cancelled, 2 seconds before its limit")
  case .failure(let error): throw error
  }
}

try run(clock: CommandLine.arguments.contains("--virtual-time") ? .virtual : .real, main)
