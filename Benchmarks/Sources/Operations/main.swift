// One operation, so many times: for counting what it costs.
//
//     Operations NAME COUNT        does it; for counting instructions from outside
//     Operations mallocs           prints how many allocations each operation makes
//     Operations memory COUNT      prints how many bytes a parked task takes, ours and a bare one

import BareHop
import CMallocCounter
import UAsyncIO

nonisolated(unsafe) let operations: [(name: String, run: (Int) throws -> Void)] = [
  ("hop", { count in runBare { for _ in 0..<count { await bareHop() } } }),
  ("yield", { count in try run { for _ in 0..<count { try await sleep(0) } } }),
  ("sleep", { count in try run(clock: .virtual) { for _ in 0..<count { try await sleepMs(1) } } }),
  ("event", eventPingPong),
  ("bareSpawn", { count in for _ in 0..<count { runBareTask() } }),
  ("spawn", { count in try run { for _ in 0..<count { _ = try await createTask { 1 }.value } } }),
  ("waitFor", { count in try run { for _ in 0..<count { _ = try await waitFor(5) { 1 } } } }),
  ("gather", { count in try run { for _ in 0..<count { _ = try await gather({ 1 }, { 2 }) } } }),
]

/// Two tasks wake each other through events: two suspensions and two wake-ups a round.
func eventPingPong(_ count: Int) throws {
  try run {
    let ping = Event()
    let pong = Event()
    createTask {
      while true {
        try await ping.wait()
        ping.clear()
        pong.set()
      }
    }
    for _ in 0..<count {
      ping.set()
      try await pong.wait()
      pong.clear()
    }
  }
}

func countMallocs() throws {
  for operation in operations {
    func allocations(_ count: Int) throws -> Int64 {
      let before = malloc_counter_allocations()
      try operation.run(count)
      return malloc_counter_allocations() - before
    }
    _ = try allocations(1000)
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
switch arguments.count > 1 ? arguments[1] : "" {
case "mallocs":
  try countMallocs()
case "memory":
  try measureMemory(arguments.count > 2 ? Int(arguments[2]) ?? 100_000 : 100_000)
case let name:
  guard arguments.count == 3, let count = Int(arguments[2]), let operation = operations.first(where: { $0.name == name })
  else {
    print("expected: Operations \(operations.map(\.name).joined(separator: "|")) COUNT, or mallocs, or memory COUNT")
    break
  }
  try operation.run(count)
}
