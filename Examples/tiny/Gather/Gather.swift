// The manual's gather example: a coroutine that finishes, one that is cancelled, and one that takes too long.

import UAsyncIO

func barking(_ n: Int) async throws(TaskError) -> Int {
  writeText("Start barking\n")
  for _ in 0..<6 { try await sleep(1) }
  writeText("Done barking.\n")
  return 2 * n
}

func foo(_ n: Int) async throws(TaskError) -> Int {
  writeText("Start timeout coro foo()\n")
  var n = n
  while true {
    try await sleep(1)
    n += 1
  }
}

func bar(_ n: Int) async throws(TaskError) -> Int {
  writeText("Start cancellable bar()\n")
  var n = n
  while true {
    try await sleep(1)
    n += 1
  }
}

func doCancel(_ task: LoopTask<Int>) async throws(TaskError) {
  try await sleep(5)
  writeText("About to cancel bar\n")
  task.cancel()
}

func gatherAll() async throws(TaskError) {
  let first = createTask { () throws(TaskError) in try await bar(70) }
  let second = createTask { () throws(TaskError) in try await barking(21) }
  let third = createTask { () throws(TaskError) in
    try await waitFor(7) { () throws(TaskError) in try await foo(10) }
  }
  createTask { () throws(TaskError) in try await doCancel(first) }
  let results = try await gatherResults(first, second, third)
  writeText("Result: ")
  show(results.0)
  show(results.1)
  show(results.2)
  writeText("\n")
}

func show(_ result: Result<Int, TaskError>) {
  writeText(" ")
  switch result {
  case .success(let value): writeNumber(value)
  case .failure(let error): writeError(error)
  }
}

@main struct Gather {
  static func main() throws(TaskError) {
    // The others need little; this one holds the bookkeeping of its gather.
    useTaskSize(44 * MemoryLayout<Int>.size)
    try run(size: 104 * MemoryLayout<Int>.size) { () throws(TaskError) in try await gatherAll() }
  }
}
