import Testing
import UAsyncIO
import UAsyncIOTesting

/// Native tasks that are begun with `Task.immediate` run within the step of another until they wait.
@Suite struct ImmediateTests {
  @Test func `what waits within another task's step waits for itself, and the other goes on at once`() async throws {
    let log = try await simulate { () -> [String] in
      let log = Messages()
      let native = Task.immediate { @LoopActor in
        try await sleep(2)
        log.add("native at \(loopTime())")
      }
      log.add("begun")
      try await sleep(1)
      log.add("own at \(loopTime())")
      try await native.value
      return log.all
    }
    #expect(log == ["begun", "own at 1.0 seconds", "native at 2.0 seconds"])
  }

  @Test(arguments: waits)
  func `it may wait for anything, and is woken`(wait: Wait) async throws {
    try await simulateSeeds(0..<20) {
      let things = Things()
      try await things.lock.acquire()
      let natives = (0..<3).map { _ in
        Task.immediate { @LoopActor in
          try await wait.body(things)
          return loopTime()
        }
      }
      try await sleep(1)
      things.event.set()
      try things.lock.release()
      for number in 0..<3 { try await things.queue.put(number) }
      for native in natives { try require(try await native.value <= .seconds(2), "late") }
    }
  }

  @Test func `one within another, and those who begin them, all wait as themselves`() async throws {
    let log = try await simulate { () -> [String] in
      let log = Messages()
      let outer = Task.immediate { @LoopActor in
        let inner = Task.immediate { @LoopActor in
          try await sleep(3)
          log.add("inner")
        }
        let other = Task.immediate { @LoopActor in
          try await sleep(1)
          log.add("other")
        }
        try await sleep(2)
        log.add("outer")
        try await inner.value
        try await other.value
      }
      try await sleep(2.5)
      log.add("host")
      try await outer.value
      return log.all
    }
    #expect(log == ["other", "outer", "host", "inner"])
  }

  @Test func `one that is begun in a callback waits like any other`() async throws {
    let times = try await simulate { () -> [Duration] in
      let done = Event()
      var times: [Duration] = []
      try getEventLoop().callSoon {
        Task.immediate { @LoopActor in
          try await sleep(1)
          times.append(loopTime())
          done.set()
        }
        times.append(loopTime())
      }
      try await done.wait()
      return times
    }
    #expect(times == [.zero, .seconds(1)])
  }

  @Test func `a native cancellation reaches it where it waits, and not the task in whose step it began`() async throws {
    let log = try await simulate { () -> [String] in
      let log = Messages()
      let native = Task.immediate { @LoopActor in log.add(await errorOf { try await sleep(100) }) }
      createTask { native.cancel() }
      try await sleep(1)
      await native.value
      log.add("\(loopTime())")
      return log.all
    }
    #expect(log.count == 2 && log[0].contains("CancellationError"))
    #expect(log.last == "1.0 seconds")
  }

  @Test func `it is no task of ours, and what begins it still is one`() async throws {
    let log = try await simulate { () -> [Bool] in
      let before = currentTask()
      var inside: AnyLoopTask? = before
      Task.immediate { @LoopActor in inside = currentTask() }
      return [before != nil, inside == nil, currentTask() == before]
    }
    #expect(log == [true, true, true])
  }

  @Test func `one that ends or goes elsewhere without waiting leaves nothing behind`() async throws {
    let sum = try await simulate(silence: .milliseconds(1)) { () -> Int in
      var sum = 0
      let lock = Lock()
      for number in 0..<10 {
        let native = Task.immediate { @LoopActor in
          // Asks, and does not wait.
          try await lock.withLock { sum += 1 }
          if number.isMultiple(of: 2) { await Task.yield() }
          try await yieldNow()
          sum += 1
        }
        try await lock.withLock { sum += 1 }
        try await native.value
      }
      return sum
    }
    #expect(sum == 30)
  }
}

@LoopActor
final class Things {
  let event = Event()
  let lock = Lock()
  let queue = Queue<Int>()
  nonisolated init() {}
}

struct Wait: Sendable, CustomTestStringConvertible {
  let testDescription: String
  let body: @LoopActor @Sendable (Things) async throws -> Void
}

private let waits = [
  Wait(testDescription: "sleep") { _ in try await sleep(1) },
  Wait(testDescription: "yieldNow") { _ in try await yieldNow() },
  Wait(testDescription: "event") { try await $0.event.wait() },
  Wait(testDescription: "lock") { try await $0.lock.withLock {} },
  Wait(testDescription: "queue") { _ = try await $0.queue.get() },
  Wait(testDescription: "a task's value") { _ in try await createTask { try await sleep(1) }.value },
  Wait(testDescription: "waitFor") { _ in try await waitFor(5) { try await sleep(1) } },
  Wait(testDescription: "gather") { _ in _ = try await gather({ try await sleep(1) }, { try await sleep(2) }) },
  Wait(testDescription: "withTimeout") { _ in try await withTimeout(.seconds(5)) { _ in try await sleep(1) } },
  Wait(testDescription: "group") { _ in
    try await withLoopTaskGroup { group in _ = try group.createTask { try await sleep(1) } }
  },
]
