// The scenarios of Benchmarks/Sources/Scenarios for the tiny face, under the same names; what they are is said there.
//
//     Scenarios NAME COUNT [PARAMETER]

import CTinyLinux
import UAsyncIO

@_silgen_name("tiny_resident_bytes") func residentBytes() -> Int
@_silgen_name("tiny_cpu_nanoseconds") func processorTime() -> Int64

struct Stopwatch {
  private var wall: Int64 = 0
  private var cpu: Int64 = 0

  mutating func start() {
    wall -= tiny_clock()
    cpu -= processorTime()
  }

  mutating func stop() {
    cpu += processorTime()
    wall += tiny_clock()
  }

  func report(_ operations: Int, bytes: Int? = nil) {
    write("operations=", operations)
    write(" wall=", Int(wall))
    write(" cpu=", Int(cpu))
    if let bytes { write(" bytes=", bytes) }
    writeText("\n")
  }

  private func write(_ name: StaticString, _ number: Int) {
    writeText(name)
    writeNumber(number)
  }
}

/// The same numbers in each language: a linear congruential generator, begun with 1.
struct RandomNumbers {
  private var state = 1

  mutating func next(below limit: Int) -> Int {
    state = state * 48_271 % 2_147_483_647
    return state % limit
  }
}

/// Ends the program where a scenario did not do what it should have, so that its times mean nothing.
func check(_ actual: Int, is expected: Int) {
  if actual == expected { return }
  writeText("a wrong result\n")
  exitProgram(1)
}

func switchTasks(_ count: Int, _ tasks: Int) async throws(TaskError) {
  let rounds = max(1, count / tasks)
  var started = 1
  var others: [LoopTask<Void>] = []
  for _ in 1..<max(2, tasks) where tasks > 1 {
    others.append(
      createTask { () throws(TaskError) in
        started += 1
        for _ in 0...rounds { try await yieldNow() }
      })
  }
  while started < tasks { try await yieldNow() }
  var stopwatch = Stopwatch()
  stopwatch.start()
  for _ in 0..<rounds { try await yieldNow() }
  stopwatch.stop()
  for task in others { try await task.value }
  stopwatch.report(rounds * tasks)
}

func spawnAndJoin(_ count: Int, _: Int) async throws(TaskError) {
  var stopwatch = Stopwatch()
  var sum = 0
  stopwatch.start()
  for number in 0..<count { sum += try await createTask { () throws(TaskError) in number }.value }
  stopwatch.stop()
  check(sum, is: count * (count - 1) / 2)
  stopwatch.report(count)
}

func parkTasks(_ count: Int, _ batch: Int) async throws(TaskError) {
  let batches = max(1, count / batch)
  var stopwatch = Stopwatch()
  var bytes = 0
  for number in 0..<batches {
    let never = Event()
    var waiting = 0
    let before = residentBytes()
    stopwatch.start()
    for _ in 0..<batch {
      // Its frames need 128 bytes.
      createTask(size: 192) { () throws(TaskError) in
        waiting += 1
        try await never.wait()
        waiting -= 1
      }
    }
    while waiting < batch { try await yieldNow() }
    stopwatch.stop()
    if number == 0 { bytes = (residentBytes() - before) / batch }
    if number == batches - 1 { break }
    never.set()
    while waiting > 0 { try await yieldNow() }
  }
  stopwatch.report(batches * batch, bytes: bytes)
}

func gatherTasks(_ count: Int, _ width: Int) async throws(TaskError) {
  let rounds = max(1, count / width)
  var stopwatch = Stopwatch()
  var sum = 0
  stopwatch.start()
  for _ in 0..<rounds {
    var tasks: [LoopTask<Int>] = []
    tasks.reserveCapacity(width)
    for number in 0..<width { tasks.append(createTask { () throws(TaskError) in number }) }
    for number in try await gather(tasks) { sum += number }
  }
  stopwatch.stop()
  check(sum, is: rounds * width * (width - 1) / 2)
  stopwatch.report(rounds * width)
}

func wakeTimers(_ count: Int, _ span: Int) async throws(TaskError) {
  var random = RandomNumbers()
  var woken = 0
  let all = Event()
  var stopwatch = Stopwatch()
  stopwatch.start()
  for _ in 0..<count {
    let time = 500 + random.next(below: span)
    createTask { () throws(TaskError) in
      try await sleepMs(time)
      woken += 1
      if woken == count { all.set() }
    }
  }
  try await all.wait()
  stopwatch.stop()
  stopwatch.report(count)
}

func sleepAmongSleepers(_ count: Int, _ others: Int) async throws(TaskError) {
  var random = RandomNumbers()
  var asleep = 0
  for _ in 0..<others {
    let time = 3_600_000 + random.next(below: 3_600_000)
    createTask { () throws(TaskError) in
      asleep += 1
      try await sleepMs(time)
    }
  }
  while asleep < others { try await yieldNow() }
  let sleepers = 1000
  let sleeps = max(1, count / sleepers)
  var times: [Int] = []
  for _ in 0..<sleepers { times.append(1 + random.next(below: 10)) }
  var stopwatch = Stopwatch()
  stopwatch.start()
  var tasks: [LoopTask<Void>] = []
  for time in times {
    tasks.append(createTask { () throws(TaskError) in for _ in 0..<sleeps { try await sleepMs(time) } })
  }
  for task in tasks { try await task.value }
  stopwatch.stop()
  stopwatch.report(sleeps * sleepers)
}

func cancelSleepers(_ count: Int, _ batch: Int) async throws(TaskError) {
  let batches = max(1, count / batch)
  var random = RandomNumbers()
  var stopwatch = Stopwatch()
  for _ in 0..<batches {
    var asleep = 0
    var tasks: [LoopTask<Void>] = []
    for _ in 0..<batch {
      let time = 3_600_000 + random.next(below: 3_600_000)
      tasks.append(
        createTask { () throws(TaskError) in
          asleep += 1
          try await sleepMs(time)
        })
    }
    while asleep < batch { try await yieldNow() }
    var cancelled = 0
    stopwatch.start()
    for task in tasks { task.cancel() }
    for task in tasks {
      if case .failure(let error) = await task.result, error == .cancelled { cancelled += 1 }
    }
    stopwatch.stop()
    check(cancelled, is: batch)
  }
  stopwatch.report(batches * batch)
}

func waitForResult(_ count: Int, _: Int) async throws(TaskError) {
  var stopwatch = Stopwatch()
  var sum = 0
  stopwatch.start()
  for number in 0..<count {
    sum += try await waitFor(5) { () throws(TaskError) in
      try await yieldNow()
      return number
    }
  }
  stopwatch.stop()
  check(sum, is: count * (count - 1) / 2)
  stopwatch.report(count)
}

func waitForTimeout(_ count: Int, _ tasks: Int) async throws(TaskError) {
  let rounds = max(1, count / tasks)
  var passed = 0
  var stopwatch = Stopwatch()
  stopwatch.start()
  var waiting: [LoopTask<Void>] = []
  for _ in 0..<tasks {
    waiting.append(
      createTask { () throws(TaskError) in
        for _ in 0..<rounds {
          do throws(TaskError) {
            try await waitForMs(1) { () throws(TaskError) in try await sleep(3600) }
          } catch {
            if error == .timedOut { passed += 1 }
          }
        }
      })
  }
  for task in waiting { try await task.value }
  stopwatch.stop()
  check(passed, is: rounds * tasks)
  stopwatch.report(passed)
}

func wakeWaiters(_ count: Int, _ waiters: Int) async throws(TaskError) {
  let rounds = max(1, count / waiters)
  let events = [Event(), Event()]
  var waiting = 0
  var tasks: [LoopTask<Void>] = []
  for _ in 0..<waiters {
    tasks.append(
      createTask { () throws(TaskError) in
        for round in 0..<rounds {
          waiting += 1
          try await events[round % 2].wait()
        }
      })
  }
  while waiting < waiters { try await yieldNow() }
  var stopwatch = Stopwatch()
  stopwatch.start()
  for round in 0..<rounds {
    waiting = 0
    events[(round + 1) % 2].clear()
    events[round % 2].set()
    while waiting < waiters, round < rounds - 1 { try await yieldNow() }
  }
  for task in tasks { try await task.value }
  stopwatch.stop()
  stopwatch.report(rounds * waiters)
}

func contendLock(_ count: Int, _ tasks: Int) async throws(TaskError) {
  let rounds = max(1, count / tasks)
  let lock = Lock()
  var holders = 0
  var together = 0
  var stopwatch = Stopwatch()
  stopwatch.start()
  var contenders: [LoopTask<Void>] = []
  for _ in 0..<tasks {
    contenders.append(
      createTask { () throws(TaskError) in
        for _ in 0..<rounds {
          try await lock.acquire()
          holders += 1
          try await yieldNow()
          together = max(together, holders)
          holders -= 1
          try lock.release()
        }
      })
  }
  for task in contenders { try await task.value }
  stopwatch.stop()
  check(together, is: 1)
  stopwatch.report(rounds * tasks)
}

func passThroughQueue(_ count: Int, _ room: Int) async throws(TaskError) {
  let queue = Queue<Int>(capacity: room)
  var sum = 0
  var stopwatch = Stopwatch()
  stopwatch.start()
  let producer = createTask { () throws(TaskError) in for number in 0..<count { try await queue.put(number) } }
  for _ in 0..<count { sum += try await queue.get() }
  stopwatch.stop()
  try await producer.value
  check(sum, is: count * (count - 1) / 2)
  stopwatch.report(count)
}

// MARK: - Arguments

func isArgument(_ index: Int, _ name: StaticString) -> Bool {
  guard let argument = programArgument(index) else { return false }
  for position in 0..<name.utf8CodeUnitCount where UInt8(bitPattern: argument[position]) != name.utf8Start[position] {
    return false
  }
  return argument[name.utf8CodeUnitCount] == 0
}

func number(_ index: Int) -> Int? {
  guard let digits = programArgument(index) else { return nil }
  var value = 0
  var position = 0
  while digits[position] != 0 {
    value = value * 10 + Int(digits[position]) - 48
    position += 1
  }
  return value
}

func scenario() async throws(TaskError) {
  let count = number(2) ?? 1000
  let parameter = number(3)
  if isArgument(1, "switch") { return try await switchTasks(count, parameter ?? 1) }
  if isArgument(1, "spawn") { return try await spawnAndJoin(count, 0) }
  if isArgument(1, "parked") { return try await parkTasks(count, parameter ?? 100_000) }
  if isArgument(1, "gather") { return try await gatherTasks(count, parameter ?? 1000) }
  if isArgument(1, "timers") { return try await wakeTimers(count, parameter ?? 2000) }
  if isArgument(1, "sleepAmong") { return try await sleepAmongSleepers(count, parameter ?? 1_000_000) }
  if isArgument(1, "cancel") { return try await cancelSleepers(count, parameter ?? 100_000) }
  if isArgument(1, "waitFor") { return try await waitForResult(count, 0) }
  if isArgument(1, "waitForTimeout") { return try await waitForTimeout(count, parameter ?? 1000) }
  if isArgument(1, "eventWake") { return try await wakeWaiters(count, parameter ?? 10_000) }
  if isArgument(1, "lock") { return try await contendLock(count, parameter ?? 100) }
  if isArgument(1, "queue") { return try await passThroughQueue(count, parameter ?? 16) }
  writeText("expected: Scenarios NAME COUNT [PARAMETER]\n")
}

@main struct Scenarios {
  static func main() throws(TaskError) {
    // What these need.
    useTaskSize(384)
    try run(size: 65_536) { () throws(TaskError) in try await scenario() }
  }
}
