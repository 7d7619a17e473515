import Testing
import UAsyncIO
import UAsyncIOTesting

@Suite struct ConditionTests {
  @Test func `notify lets go those who have waited longest, each with the lock`() async throws {
    let log = try await simulate {
      var log: [String] = []
      let condition = Condition()
      let tasks = (0..<4).map { index in
        createTask {
          try await condition.withLock {
            try await condition.wait()
            try require(condition.isLocked, "with the lock")
            log.append("\(index) at \(milliseconds())")
            try await sleep(1)
          }
        }
      }
      try await sleep(1)
      try await condition.withLock { try condition.notify() }
      try await sleep(5)
      try await condition.withLock { try condition.notify(2) }
      try await sleep(4)
      try require(condition.statistics.waiters == 1, "one is left")
      try await condition.withLock { try condition.notifyAll() }
      _ = try await gather(tasks)
      try require(!condition.isLocked, "free again")
      return log
    }
    #expect(log == ["0 at 1000", "1 at 6000", "2 at 7000", "3 at 10000"])
  }

  @Test func `a notification without waiters is none`() async throws {
    try await simulate {
      let condition = Condition()
      try await condition.withLock { try condition.notify(3) }
      let late = createTask { try await condition.withLock { try await condition.wait() } }
      try await sleep(1)
      try require(!late.isDone, "it came too late for it")
      try await condition.withLock { try condition.notifyAll() }
      try await late.value
    }
  }

  @Test func `waiting lets the lock go, and the predicate is asked with it`() async throws {
    let log = try await simulate {
      var log: [String] = []
      var stock = 0
      let condition = Condition()
      let consumer = createTask {
        try await condition.withLock {
          try await condition.wait {
            log.append("asked: \(stock) \(condition.isLocked)")
            return stock >= 2
          }
          stock -= 2
        }
      }
      for _ in 0..<3 {
        try await sleep(1)
        try await condition.withLock {
          stock += 1
          try condition.notify()
        }
      }
      try await consumer.value
      log.append("\(stock)")
      return log
    }
    #expect(log == ["asked: 0 true", "asked: 1 true", "asked: 2 true", "1"])
  }

  @Test func `a predicate that throws leaves the lock held`() async throws {
    try await simulate {
      let condition = Condition()
      try await condition.acquire()
      try require(await errorOf { try await condition.wait { throw Boom() } } == "Boom", "thrown")
      try require(condition.isLocked, "held")
      try condition.release()
    }
  }

  @Test func `without the lock neither waiting nor notifying is possible`() async throws {
    let errors = try await simulate {
      let condition = Condition()
      return [
        await errorOf { try await condition.wait() },
        await errorOf { try await condition.wait { true } },
        await errorOf { try condition.notify() },
        await errorOf { try condition.notifyAll() },
        await errorOf { try condition.release() },
        await errorOf { try await condition.withLock { try condition.notify(-1) } },
      ]
    }
    #expect(errors == Array(repeating: "LoopError", count: 6))
  }

  @Test func `a cancelled wait holds the lock when it throws, however long that takes`() async throws {
    let log = try await simulate {
      var log: [String] = []
      let condition = Condition()
      let waiter = createTask {
        try await condition.acquire()
        do {
          try await condition.wait()
        } catch {
          log.append("\(type(of: error)) at \(milliseconds()), locked: \(condition.isLocked)")
          // It was thrown once: what follows is not cancelled.
          try await sleep(1)
          try condition.release()
          log.append("went on")
        }
      }
      try await sleep(1)
      try await condition.acquire()
      // Three times: while it waits for the notification, and while it waits for the lock.
      for _ in 0..<3 {
        waiter.cancel()
        try await sleep(1)
      }
      try condition.release()
      try await waiter.value
      return log
    }
    #expect(log == ["CancellationError at 4000, locked: true", "went on"])
  }

  @Test func `a notification whose receiver is cancelled before it has the lock goes to the next`() async throws {
    let log = try await simulate {
      var log: [String] = []
      let condition = Condition()
      let tasks = ["first", "second"].map { name in
        createTask {
          try await condition.withLock {
            try await condition.wait()
            log.append("\(name) at \(milliseconds())")
          }
        }
      }
      try await sleep(1)
      try await condition.withLock {
        try condition.notify()
        // It wakes, and waits for the lock.
        try await sleep(1)
        tasks[0].cancel()
        try await sleep(1)
      }
      log.append(await errorOf { try await tasks[0].value })
      try await tasks[1].value
      try require(!condition.isLocked && condition.statistics.waiters == 0, "\(condition.statistics)")
      return log
    }
    #expect(log.sorted() == ["CancellationError", "second at 3000"])
  }

  @Test func `conditions can share a lock`() async throws {
    let log = try await simulate {
      var log: [String] = []
      let lock = Lock()
      let full = Condition(lock)
      let empty = Condition(lock)
      var item: Int?
      let consumer = createTask {
        for _ in 0..<3 {
          try await lock.withLock {
            try await full.wait { item != nil }
            log.append("\(item ?? -1)")
            item = nil
            try empty.notify()
          }
        }
      }
      for number in 0..<3 {
        try await lock.withLock {
          try await empty.wait { item == nil }
          item = number
          try full.notify()
        }
      }
      try await consumer.value
      return log
    }
    #expect(log == ["0", "1", "2"])
  }

  @Test func `a guest's cancelled wait holds the lock when it throws`() async throws {
    let log = try await simulate {
      var log: [String] = []
      let condition = Condition()
      let guest = Task { @LoopActor in
        try? await condition.acquire()
        log.append(await errorOf { try await condition.wait() } + " at \(milliseconds()) \(condition.isLocked)")
        try? condition.release()
      }
      try await sleep(1)
      try await condition.acquire()
      guest.cancel()
      try await sleep(1)
      try condition.release()
      try await sleep(1)
      log.append("\(condition.isLocked)")
      return log
    }
    #expect(log == ["CancellationError at 2000 true", "false"])
  }

  @Test func `a fresh loop ends those who wait, and leaves the lock free`() async throws {
    let condition = Condition()
    let (left, free) = try await onLoopThread {
      try run(clock: .virtual) {
        for _ in 0..<3 {
          createTask { try await condition.withLock { try await condition.wait() } }
        }
        createTask {
          try await sleep(0.5)
          try await condition.withLock { try await sleep(3600) }
        }
        try await sleep(1)
      }
      let left = try newEventLoop()
      return (left, try run { condition.statistics })
    }
    #expect(left == [])
    #expect(!free.lock.isLocked)
    #expect(free.waiters == 0 && free.lock.waiters == 0)
  }

  @Test func `a report says who waits to be notified`() async throws {
    let waits = try await simulate {
      let condition = Condition()
      let task = createTask(name: "patient") { try await condition.withLock { try await condition.wait() } }
      try await sleep(1)
      let report = taskReport().map(\.description)
      try await condition.withLock { try condition.notify() }
      try await task.value
      return report
    }
    #expect(waits == ["main: running", "patient: waiting for a condition"])
  }
}
