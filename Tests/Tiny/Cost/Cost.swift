// What an operation costs, in the emulator's nanoseconds: there each instruction takes one, so these are instructions.
//
// Lines `NAME NUMBER`, for Scripts/check-tiny to compare with Budgets/tiny.txt.

import CTiny
import UAsyncIO

private let rounds = 2000

/// The instructions of one of so many operations.
private func report(_ name: StaticString, since start: Int64, of count: Int) {
  writeText(name)
  writeText(" ")
  writeNumber(Int(tiny_board_now() - start) / count)
  writeText("\n")
}

private func switches() async throws(TaskError) {
  for _ in 0..<rounds { try await yieldNow() }
}

private func measureSwitches() async throws(TaskError) {
  let one = createTask(switches)
  let other = createTask(switches)
  let start = tiny_board_now()
  _ = try await gather(one, other)
  report("switch", since: start, of: 2 * rounds)
}

/// A timer set, and cancelled by an event before it is due, while 20 others wait: no time passes, only work.
private func measureTimers() async throws(TaskError) {
  let sleepers = (1...20).map { n in createTask { () throws(TaskError) in try await sleep(100 + n) } }
  try await sleep(0)
  let start = tiny_board_now()
  for _ in 0..<rounds {
    let task = createTask { () throws(TaskError) in try await sleep(50) }
    try await sleep(0)
    task.cancel()
    try await sleep(0)
  }
  report("timer", since: start, of: rounds)
  for sleeper in sleepers {
    sleeper.cancel()
    _ = await sleeper.result
  }
}

private func measureEvents() async throws(TaskError) {
  let ping = Event()
  let pong = Event()
  let other = createTask { () throws(TaskError) in
    for _ in 0..<rounds {
      try await ping.wait()
      ping.clear()
      pong.set()
    }
  }
  let start = tiny_board_now()
  for _ in 0..<rounds {
    ping.set()
    try await pong.wait()
    pong.clear()
  }
  report("event", since: start, of: 2 * rounds)
  try await other.value
}

private func nothing() async throws(TaskError) {}

private func measureSpawns() async throws(TaskError) {
  let start = tiny_board_now()
  for _ in 0..<rounds { try await createTask(nothing).value }
  report("spawn", since: start, of: rounds)
}

/// Bytes of the heap for each of 20 tasks that sleep, with room for frames that is just large enough.
private func measureMemory() async throws(TaskError) {
  let size = 128
  var tasks: [LoopTask<Void>] = []
  tasks.reserveCapacity(20)
  let empty = heapBytes()
  for _ in 0..<20 { tasks.append(createTask(size: size) { () throws(TaskError) in try await sleep(1) }) }
  let full = heapBytes()
  try await sleep(0)
  writeText("task-bytes ")
  writeNumber((full - empty) / 20 - size + tasks[0].frameBytes)
  writeText("\n")
  for task in tasks {
    task.cancel()
    _ = await task.result
  }
}

private func all() async throws(TaskError) {
  try await measureMemory()
  try await measureSwitches()
  try await measureTimers()
  try await measureEvents()
  try await measureSpawns()
}

@main struct Cost {
  static func main() throws(TaskError) { try run(size: 768, all) }
}
