// One operation, so many times: for counting what it costs.
//
//     Operations NAME COUNT           does it; for counting instructions from outside
//     Operations mallocs              prints how many allocations each operation makes
//     Operations memory COUNT         prints how many bytes a parked task takes, ours and a bare one
//     Operations million [COUNT]      runs so many tasks that sleep different times, in virtual time
//     Operations hour [TASKS]         so many tasks sleep a second 3,600 times each, in virtual time
//     Operations lifetimes COUNT      reads values of tasks whose handles nobody uses again
//     Operations idle SECONDS         waits in real time, with nothing to do; see Scripts/check-idle

import BareHop
import CMallocCounter
import UAsyncIO

nonisolated(unsafe) let operations: [(name: String, run: (Int) throws -> Void)] = [
  ("suspend", { count in runSuspending { for _ in 0..<count { await bareSuspend() } } }),
  ("yield", { count in try run { for _ in 0..<count { try await yieldNow() } } }),
  ("sleep", { count in try run(clock: .virtual) { for _ in 0..<count { try await sleepMs(1) } } }),
  ("timers", manySleepers),
  ("event", eventPingPong),
  ("setEvent", setEvent),
  ("lock", contendedLock),
  ("freeLock", freeLock),
  ("semaphore", contendedSemaphore),
  ("freeSemaphore", freeSemaphore),
  ("queue", boundedQueue),
  ("freeQueue", freeQueue),
  ("priorityQueue", priorityQueue),
  ("messages", messages),
  ("threadQueue", threadQueue),
  ("bareSpawn", { count in for _ in 0..<count { runBareTask() } }),
  ("spawn", { count in try run { for _ in 0..<count { _ = try await createTask { 1 }.value } } }),
  ("cancel", cancelSleepers),
  ("waitFor", { count in try run { for _ in 0..<count { _ = try await waitFor(5) { 1 } } } }),
  ("gather", { count in try run { for _ in 0..<count { _ = try await gather({ 1 }, { 2 }) } } }),
  ("gatherArray", gatherArrays),
  (
    "group",
    { count in
      try run {
        for _ in 0..<count {
          try await withLoopTaskGroup { group in
            try group.createTask {}
            try group.createTask {}
          }
        }
      }
    }
  ),
  ("scope", { count in try run { for _ in 0..<count { _ = try await withTimeout(.seconds(5)) { _ in 1 } } } }),
]

func countMallocs() throws {
  for operation in operations {
    func allocations(_ count: Int) throws -> Int64 {
      let before = malloc_counter_allocations()
      try operation.run(count)
      return malloc_counter_allocations() - before
    }
    // What is allocated once, and stays, is no cost of an operation.
    _ = try allocations(2000)
    let some = try allocations(1000)
    let more = try allocations(2000)
    print(operation.name, Double(more - some) / 1000)
  }
}

func measureMemory(_ count: Int) throws {
  let start = malloc_counter_bytes_in_use()
  parkBareTasks(count)
  let bare = malloc_counter_bytes_in_use() - start - Int64(count * MemoryLayout<UnownedJob>.stride)
  let between = malloc_counter_bytes_in_use()
  try run {
    // The closure captures nothing, like the bare one: what it captured would be the user's.
    for _ in 0..<count { createTask { try await sleep(1000) } }
    try await sleep(0)
    try await sleep(0)
  }
  let ours = malloc_counter_bytes_in_use() - between
  print("bare", bare / Int64(count), "ours", ours / Int64(count), "difference", (ours - bare) / Int64(count))
}

let arguments = CommandLine.arguments
let number = arguments.count > 2 ? Int(arguments[2]) : nil
switch arguments.count > 1 ? arguments[1] : "" {
case "mallocs":
  try countMallocs()
case "memory":
  try measureMemory(number ?? 100_000)
case "million":
  try timed("million") { try manySleepers(number ?? 1_000_000) }
case "hour":
  try timed("hour") { try secondsOfAnHour(number ?? 1000) }
case "lifetimes":
  try readLastValues(number ?? 1000)
case "idle":
  try idle(seconds: number ?? 3)
case let name:
  guard let number, let operation = operations.first(where: { $0.name == name })
  else {
    print("expected: Operations \(operations.map(\.name).joined(separator: "|")) COUNT")
    print("or: Operations mallocs|memory|million|hour|lifetimes|idle [COUNT]")
    break
  }
  try operation.run(number)
}
