import Testing
import UAsyncIO
import UAsyncIOTesting

@Suite struct LockTests {
  @Test func `a free lock is taken at once, without letting others run`() async throws {
    let log = try await simulate {
      var log: [String] = []
      let lock = Lock()
      let other = createTask { log.append("other") }
      log.append("\(lock.isLocked)")
      try await lock.acquire()
      log.append("\(lock.isLocked)")
      try lock.release()
      log.append("\(lock.isLocked)")
      try await other.value
      return log
    }
    #expect(log == ["false", "true", "false", "other"])
  }

  @Test func `whoever has waited longest is next`() async throws {
    let log = try await simulate {
      var log: [Int] = []
      let lock = Lock()
      let tasks = (0..<5).map { index in
        createTask {
          try await lock.withLock {
            log.append(index)
            try await sleep(1)
          }
        }
      }
      _ = try await gather(tasks)
      return log
    }
    #expect(log == [0, 1, 2, 3, 4])
  }

  @Test func `a lock that is handed over is not free for a newcomer`() async throws {
    let log = try await simulate {
      var log: [String] = []
      let lock = Lock()
      try await lock.acquire()
      let waiter = createTask {
        try await lock.acquire(); log.append("waiter")
        try await sleep(1)
        try lock.release()
      }
      try await sleep(1)
      try lock.release()
      log.append("\(lock.isLocked) \(lock.tryAcquire())")
      try await lock.acquire()
      log.append("main")
      try lock.release()
      try await waiter.value
      return log
    }
    #expect(log == ["true false", "waiter", "main"])
  }

  @Test func `one that is cancelled in the moment of the hand-over passes the lock on`() async throws {
    let log = try await simulate {
      var log: [String] = []
      let lock = Lock()
      try await lock.acquire()
      let first = createTask {
        log.append(await errorOf { try await lock.acquire() })
      }
      let second = createTask {
        try await lock.acquire(); log.append("second")
        try lock.release()
      }
      try await sleep(1)
      try lock.release()
      first.cancel()
      _ = await first.result
      try await second.value
      log.append("\(lock.isLocked)")
      return log
    }
    #expect(log == ["CancellationError", "second", "false"])
  }

  @Test func `releasing a lock that nobody holds is an error`() async throws {
    try await simulate {
      let lock = Lock()
      try require(await errorOf { try lock.release() } == "LoopError", "never acquired")
      try require(lock.tryAcquire(), "free all the same")
      try lock.release()
      try require(await errorOf { try lock.release() } == "LoopError", "released already")
    }
  }

  @Test func `withLock gives the lock back, whatever its body does`() async throws {
    try await simulate {
      let lock = Lock()
      try require(try await lock.withLock { lock.isLocked }, "held within")
      try require(!lock.isLocked, "returned")
      let error = await errorOf { try await lock.withLock { throw Boom() } }
      try require(error == "Boom" && !lock.isLocked, "thrown")
      let limit = await errorOf { try await waitFor(1) { try await lock.withLock { try await sleep(5) } } }
      try require(limit == "TimeoutError" && !lock.isLocked, "cancelled")
      let own = await errorOf { try await lock.withLock { try lock.release() } }
      try require(own == "LoopError" && !lock.isLocked, "released within")
    }
  }

  @Test func `the time limit of one who waits leaves the others where they are`() async throws {
    let log = try await simulate {
      var log: [String] = []
      let lock = Lock()
      try await lock.acquire()
      let limited = createTask { log.append(await errorOf { try await waitFor(1) { try await lock.acquire() } }) }
      let patient = createTask {
        try await lock.acquire()
        log.append("patient \(milliseconds())")
        try lock.release()
      }
      try await sleep(2)
      log.append("\(lock.statistics.isLocked) \(lock.statistics.waiters)")
      try lock.release()
      _ = try await gather(limited, patient)
      log.append("\(lock.statistics.isLocked) \(lock.statistics.waiters)")
      return log
    }
    #expect(log == ["TimeoutError", "true 1", "patient 2000", "false 0"])
  }

  @Test func `a report says who waits for a lock`() async throws {
    let waits = try await simulate {
      let lock = Lock()
      try await lock.acquire()
      let task = createTask(name: "patient") { try await lock.acquire() }
      try await sleep(1)
      let report = taskReport().map(\.description)
      try lock.release()
      try await task.value
      return report
    }
    #expect(waits == ["main: running", "patient: waiting for a lock"])
  }
}
