// The manual's gather example: a coroutine that finishes, one that is cancelled, and one that takes too long.
//
//     swift run Gather                  takes seven seconds
//     swift run Gather --virtual-time   takes none

import UAsyncIO

@LoopActor
func barking(_ n: Int) async throws -> Int {
  print("Start barking")
  for _ in 0..<6 { try await sleep(1) }
  print("Done barking.")
  return 2 * n
}

@LoopActor
func foo(_ n: Int) async throws -> Int {
  print("Start timeout coro foo()")
  var n = n
  while true {
    try await sleep(1)
    n += 1
  }
}

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
  let tasks = [
    createTask { try await bar(70) },
    createTask { try await barking(21) },
    createTask { try await waitFor(7) { try await foo(10) } },
  ]
  createTask { try await doCancel(tasks[0]) }
  let results = try await gatherResults(tasks)
  print("Result: ", results.map(spelled))
}

func spelled(_ result: Result<Int, any Error>) -> String {
  switch result {
  case .success(let value): "\(value)"
  case .failure(let error): "\(type(of: error))"
  }
}

try run(clock: CommandLine.arguments.contains("--virtual-time") ? .virtual : .real, main)
