import Testing
import UAsyncIO
import UAsyncIOTesting

@Suite struct SemaphoreTests {
  @Test func `no more coroutines than permits are inside at once`() async throws {
    let (most, order, end) = try await simulate {
      var inside = 0
      var most = 0
      var order: [Int] = []
      let semaphore = try LoopSemaphore(3)
      let tasks = (0..<10).map { index in
        createTask {
          try await semaphore.withPermit {
            inside += 1
            most = max(most, inside)
            order.append(index)
            try await sleep(1)
            inside -= 1
          }
        }
      }
      _ = try await gather(tasks)
      return (most, order, milliseconds())
    }
    #expect(most == 3)
    #expect(order == Array(0..<10))
    #expect(end == 4000)
  }

  @Test func `a free permit is taken at once, without letting others run`() async throws {
    let log = try await simulate {
      var log: [String] = []
      let semaphore = try LoopSemaphore(2)
      let other = createTask { log.append("other") }
      try await semaphore.acquire()
      log.append("\(semaphore.permits)")
      log.append("\(semaphore.tryAcquire()) \(semaphore.permits)")
      log.append("\(semaphore.tryAcquire()) \(semaphore.permits)")
      try semaphore.release()
      log.append("\(semaphore.permits)")
      try await other.value
      return log
    }
    #expect(log == ["1", "true 0", "false 0", "1", "other"])
  }

  @Test func `a permit that is handed over is not free for a newcomer`() async throws {
    let log = try await simulate {
      var log: [String] = []
      let semaphore = try LoopSemaphore(0)
      let waiter = createTask {
        try await semaphore.acquire(); log.append("waiter")
      }
      try await sleep(1)
      try semaphore.release()
      log.append("\(semaphore.permits) \(semaphore.tryAcquire())")
      try await waiter.value
      return log
    }
    #expect(log == ["0 false", "waiter"])
  }

  @Test func `one that is cancelled in the moment of the hand-over passes the permit on`() async throws {
    let log = try await simulate {
      var log: [String] = []
      let semaphore = try LoopSemaphore(0, bound: 1)
      let first = createTask { log.append(await errorOf { try await semaphore.acquire() }) }
      let second = createTask { log.append(await errorOf { try await semaphore.acquire() }) }
      try await sleep(1)
      try semaphore.release()
      first.cancel()
      try await second.value
      second.cancel()
      _ = await first.result
      log.append("\(semaphore.permits)")
      return log
    }
    #expect(log == ["CancellationError", "none", "0"])
  }

  @Test func `a permit that nobody wants any more is free`() async throws {
    let permits = try await simulate {
      let semaphore = try LoopSemaphore(0)
      let only = createTask { try await semaphore.acquire() }
      try await sleep(1)
      try semaphore.release()
      only.cancel()
      _ = await only.result
      return semaphore.permits
    }
    #expect(permits == 1)
  }

  @Test func `without a bound, permits can be added; with one, too many are an error`() async throws {
    try await simulate {
      let open = try LoopSemaphore(1)
      try open.release()
      try require(open.permits == 2, "added")
      let bounded = try LoopSemaphore(1, bound: 2)
      try bounded.release()
      try require(await errorOf { try bounded.release() } == "LoopError", "full")
      try require(bounded.permits == 2, "refused")
      let within = await errorOf { try await bounded.withPermit { try bounded.release() } }
      try require(within == "LoopError" && bounded.permits == 2, "released within: \(within)")
      let full = try LoopSemaphore(.max)
      try require(await errorOf { try full.release() } == "LoopError", "as many as can be counted")
    }
  }

  @Test func `a permit released by another than its owner, who is cancelled, is there once only`() async throws {
    let permits = try await simulate {
      let semaphore = try LoopSemaphore(0, bound: 1)
      let owner = createTask { try await semaphore.acquire() }
      try await sleep(1)
      try semaphore.release()
      try semaphore.release()
      owner.cancel()
      _ = await owner.result
      return semaphore.permits
    }
    #expect(permits == 1)
  }

  @Test func `a number of permits that makes no sense is refused`() throws {
    #expect(throws: LoopError.self) { try LoopSemaphore(-1) }
    #expect(throws: LoopError.self) { try LoopSemaphore(3, bound: 2) }
    #expect(throws: LoopError.self) { try LoopSemaphore(0, bound: -1) }
    let error = #expect(throws: LoopError.self) { try LoopSemaphore(3, bound: 2) }
    #expect(error?.description == "a semaphore's bound cannot be 2: expected 3 or more, its number of permits")
    #expect(try LoopSemaphore(0, bound: 0).bound == 0)
  }

  @Test func `withPermit gives the permit back, whatever its body does`() async throws {
    try await simulate {
      let semaphore = try LoopSemaphore(1, bound: 1)
      try require(try await semaphore.withPermit { semaphore.permits } == 0, "taken within")
      try require(semaphore.permits == 1, "returned")
      let error = await errorOf { try await semaphore.withPermit { throw Boom() } }
      try require(error == "Boom" && semaphore.permits == 1, "thrown")
      let limit = await errorOf { try await waitFor(1) { try await semaphore.withPermit { try await sleep(5) } } }
      try require(limit == "TimeoutError" && semaphore.permits == 1, "cancelled")
    }
  }

  @Test func `statistics and reports tell who waits for a permit`() async throws {
    try await simulate {
      let semaphore = try LoopSemaphore(0, bound: 4)
      let task = createTask(name: "patient") { try await semaphore.acquire() }
      try await sleep(1)
      let statistics = semaphore.statistics
      try require(statistics.permits == 0 && statistics.bound == 4 && statistics.waiters == 1, "\(statistics)")
      let waits = taskReport().map(\.description)
      try require(waits == ["main: running", "patient: waiting for a semaphore's permit"], "\(waits)")
      try semaphore.release()
      try await task.value
      try require(semaphore.statistics.waiters == 0, "nobody waits")
    }
  }
}
