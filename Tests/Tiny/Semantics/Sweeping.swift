// Cancelled at every point: each scenario is run again and again, and its victim is cancelled a turn later each time,
// until it has ended before. What must hold then is exact: who holds what, what was handed over, who still runs.

import UAsyncIO

/// Something that one task does among others.
class Scenario {
  let subject = Subject()
  /// Makes the others.
  func prepare() {}
  /// What the victim does.
  func victim() async throws(TaskError) {}
  /// What must hold once it has ended. Leaves nobody behind.
  func check() async throws(TaskError) {}
}

private let mostMilliseconds = 6
private let mostTurns = 6

private func cancelled(_ scenario: Scenario, after delay: Int, _ turns: Int) async throws(TaskError) {
  scenario.prepare()
  let victim = createTask { () throws(TaskError) in try await scenario.victim() }
  if delay > 0 { try await sleepMs(delay) }
  for _ in 0..<turns { try await sleep(0) }
  let wasRunning = victim.cancel()
  require(await victim.result.isCancelled == wasRunning, "cancelled if and only if it had not ended")
  try await scenario.check()
}

/// In the usual order at every point, and at a point for each seed in other orders.
private func sweep(_ property: StaticString, _ make: @escaping () -> Scenario) {
  test(property) { () throws(TaskError) in
    for delay in 0..<mostMilliseconds {
      for turns in 0..<mostTurns { try await cancelled(make(), after: delay, turns) }
    }
    require(Subject.alive == 0, "nothing is left of it")
  }
  var point = 0
  testSeeds(property) { () throws(TaskError) in
    point += 1
    try await cancelled(make(), after: point / mostTurns % mostMilliseconds, point % mostTurns)
  }
}

private final class Events: Scenario {
  let event = Event()
  var woken = 0
  var others: [LoopTask<Void>] = []

  override func prepare() {
    for _ in 0..<2 {
      others.append(
        createTask { () throws(TaskError) in
          try await self.event.wait()
          self.woken += 1
        })
    }
    others.append(
      createTask { () throws(TaskError) in
        try await sleepMs(3)
        self.event.set()
      })
  }

  override func victim() async throws(TaskError) {
    try await event.wait()
    try await sleepMs(1)
  }

  override func check() async throws(TaskError) {
    try await gather(others)
    require(woken == 2, "the others are woken, each once")
    others = []
  }
}

private final class Locks: Scenario {
  let lock = Lock()
  var inside = 0
  var entered = 0
  var others: [LoopTask<Void>] = []

  func enter(_ times: Int) async throws(TaskError) {
    for _ in 0..<times {
      try await lock.acquire()
      inside += 1
      require(inside == 1, "one at a time")
      defer {
        inside -= 1
        try? lock.release()
      }
      try await sleepMs(1)
    }
  }

  override func prepare() {
    for _ in 0..<2 {
      others.append(
        createTask { () throws(TaskError) in
          try await self.enter(2)
          self.entered += 2
        })
    }
  }

  override func victim() async throws(TaskError) { try await enter(3) }

  override func check() async throws(TaskError) {
    try await gather(others)
    others = []
    require(entered == 4 && inside == 0, "the others come in as often as they want to")
    require(!lock.isLocked, "nobody holds it")
  }
}

/// The limit of one passes in the very moment in which the one before it leaves.
private final class LimitedLocks: Scenario {
  let lock = Lock()
  var entered = 0
  var others: [LoopTask<Void>] = []

  func enter(_ limit: Int) async throws(TaskError) {
    try await waitForMs(limit) { () throws(TaskError) in
      try await self.lock.withLock { () throws(TaskError) in try await sleepMs(1) }
    }
  }

  override func prepare() {
    others.append(createTask { () throws(TaskError) in try await self.enter(10) })
  }

  override func victim() async throws(TaskError) {
    let late = createTask { () throws(TaskError) in
      try await yieldNow()
      return await errorOf { () throws(TaskError) in try await self.enter(2) }
    }
    let last = createTask { () throws(TaskError) in
      try await yieldNow()
      try await yieldNow()
      try await self.enter(10)
      self.entered += 1
    }
    others.append(last)
    let error = await errorOf { () throws(TaskError) in try await self.enter(2) }
    let lateError = try await late.value
    // A cancellation is passed on to the one that is awaited.
    for error in [error, lateError] { if let error, error != .timedOut { throw error } }
  }

  override func check() async throws(TaskError) {
    let made = others.count
    try await gather(others)
    others = []
    require(entered == made - 1 && !lock.isLocked, "those with time come in, and it is free")
  }
}

/// A body that takes a while to end, under limits that pass before, with and behind its end.
private final class LimitedBodies: Counting {
  override func victim() async throws(TaskError) {
    for limit in 1...4 {
      do throws(TaskError) {
        try await waitForMs(Double(limit) * 0.5) { () throws(TaskError) in try await self.work(1) }
      } catch {
        if error != .timedOut { throw error }
      }
      require(running == 0, "it has ended when the limit throws")
    }
    let task = createTask { () throws(TaskError) in try await self.work(3) }
    do throws(TaskError) { try await waitForMs(task, timeout: 1) } catch {
      if error != .timedOut { throw error }
    }
  }
}

private final class Putting: Scenario {
  let queue = Queue<Int>(capacity: 1)
  var put = 0
  var got = 0
  var others: [LoopTask<Void>] = []

  func fill(_ count: Int) async throws(TaskError) {
    for _ in 0..<count {
      try await queue.put(1)
      put += 1
    }
  }

  override func prepare() {
    others.append(
      createTask { () throws(TaskError) in
        while true {
          self.got += try await self.queue.get()
          try await sleepMs(1)
        }
      })
    others.append(createTask { () throws(TaskError) in try await self.fill(4) })
  }

  override func victim() async throws(TaskError) { try await fill(4) }

  override func check() async throws(TaskError) {
    try await sleepMs(12)
    // Whoever is promised a place fills it, or another one does.
    require(others[1].isDone && put >= 4 && got == put, "what was put in comes out, and what was not does not")
    others[0].cancel()
    for other in others { _ = await other.result }
    others = []
    require(queue.tryPut(1) && !queue.tryPut(2), "its place is free again")
  }
}

private final class Getting: Scenario {
  let queue = Queue<Int>(capacity: 2)
  var got = 0
  var sum = 0
  var others: [LoopTask<Void>] = []

  func take() async throws(TaskError) {
    while got < 6 {
      sum += try await queue.get()
      got += 1
    }
  }

  override func prepare() {
    others.append(createTask { () throws(TaskError) in try await self.take() })
    others.append(
      createTask { () throws(TaskError) in
        for number in 1...6 {
          try await self.queue.put(number)
          if number % 2 == 0 { try await sleepMs(1) }
        }
      })
  }

  override func victim() async throws(TaskError) { try await take() }

  override func check() async throws(TaskError) {
    // Whoever is promised an element takes it, or another one does: nobody waits beside one that is there.
    try await sleepMs(10)
    require(got == 6 && sum == 21 && queue.isEmpty, "each once, none left out")
    for other in others {
      other.cancel()
      _ = await other.result
    }
    others = []
  }
}

/// Notes who runs.
private class Counting: Scenario {
  var running = 0

  func work(_ milliseconds: Int) async throws(TaskError) {
    running += 1
    defer { running -= 1 }
    do throws(TaskError) {
      try await sleepMs(milliseconds)
    } catch {
      // Cleaning up takes time, and nobody may go on before.
      try await sleepMs(1)
      throw error
    }
  }

  override func check() async throws(TaskError) { require(running == 0, "who was awaited has ended") }
}

private final class Limits: Counting {
  override func victim() async throws(TaskError) {
    try await waitForMs(3) { () throws(TaskError) in try await self.work(2) }
    do throws(TaskError) {
      try await waitForMs(2) { () throws(TaskError) in
        try await waitForMs(10) { () throws(TaskError) in try await self.work(5) }
      }
      require(false, "it takes too long")
    } catch {
      if error != .timedOut { throw error }
    }
  }
}

private final class Gathers: Counting {
  override func victim() async throws(TaskError) {
    let first = createTask { () throws(TaskError) in try await self.work(1) }
    let second = createTask { () throws(TaskError) in try await self.work(2) }
    let third = createTask { () throws(TaskError) in
      try await gather(
        { () throws(TaskError) in try await self.work(3) }, { () throws(TaskError) in try await self.work(1) })
    }
    try await gather(first, second, third)
    try await gatherResults([first, second])
  }
}

private final class Joins: Counting {
  override func victim() async throws(TaskError) {
    for _ in 0..<2 { try await createTask { () throws(TaskError) in try await self.work(2) }.value }
    for _ in 0..<2 { try await sleepMs(1) }
  }
}

private final class Flags: Scenario {
  let flag = ThreadSafeFlag()
  var seen = 0
  var other: LoopTask<Void>?

  override func prepare() {
    other = createTask { () throws(TaskError) in
      for _ in 0..<3 {
        try await sleepMs(1)
        self.flag.set()
      }
    }
  }

  override func victim() async throws(TaskError) {
    while seen < 3 {
      try await flag.wait()
      seen += 1
    }
  }

  override func check() async throws(TaskError) {
    try await other?.value
    other = nil
    if seen == 3 { return }
    let before = milliseconds()
    try await flag.wait()
    require(milliseconds() == before, "what nobody has seen is still there")
  }
}

/// Timers of random lengths, many of them equal, of which some are taken out: the others end in the order of their deadlines,
/// equal ones in the order in which they began.
private func timersInOrder() async throws(TaskError) {
  var random = UInt32(truncatingIfNeeded: loopNanoseconds()) | 1
  func draw(_ bound: UInt32) -> Int {
    random = random &* 1_664_525 &+ 1_013_904_223
    return Int((random >> 16) % bound)
  }
  let began = milliseconds()
  var last = (-1, -1)
  var ended = 0
  var tasks: [LoopTask<Void>] = []
  for index in 0..<24 {
    let delay = 1 + draw(6)
    tasks.append(
      createTask { () throws(TaskError) in
        try await sleepMs(delay)
        require(milliseconds() == began + delay, "on time")
        require(last.0 < delay || (last.0 == delay && last.1 < index), "in order")
        last = (delay, index)
        ended += 1
      })
  }
  var removed = 0
  for _ in 0..<6 {
    if draw(2) == 0 { try await sleep(0) }
    if tasks[draw(24)].cancel() { removed += 1 }
  }
  for task in tasks { _ = await task.result }
  // One that is cancelled twice before it has run is cancelled once.
  require(ended >= 24 - removed && ended <= 24, "all but those taken out")
}

func sweepTests() {
  sweep("events lose nobody, wherever one is cancelled") { Events() }
  sweep("locks are free again, wherever one is cancelled") { Locks() }
  sweep("a lock's turn under a limit is passed on, wherever one is cancelled") { LimitedLocks() }
  sweep("what is put in comes out, wherever the one who puts is cancelled") { Putting() }
  sweep("what is put in comes out, wherever the one who gets is cancelled") { Getting() }
  sweep("limits leave nobody behind, wherever one is cancelled") { Limits() }
  sweep("limits end their body, wherever one is cancelled") { LimitedBodies() }
  sweep("gathers leave nobody behind, wherever one is cancelled") { Gathers() }
  sweep("who awaits a task ends after it, wherever it is cancelled") { Joins() }
  sweep("flags lose nothing, wherever one is cancelled") { Flags() }
  test("timers end in order, whichever of them are taken out") { () throws(TaskError) in
    for _ in 0..<100 { try await timersInOrder() }
  }
}
