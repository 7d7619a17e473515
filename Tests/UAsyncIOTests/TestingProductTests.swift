import Testing
import UAsyncIO
import UAsyncIOTesting

@Suite struct TestingProductTests {
  @LoopActor static func threeWorkers() async throws {
    let workers = (0..<3).map { index in
      createTask(name: "worker \(index)") {
        for _ in 0..<3 { try await sleep(0) }; try await sleep(1)
      }
    }
    _ = try await gather(workers)
  }

  @Test func `the same order gives the same trace, different seeds different ones`() async throws {
    let fifo = try await trace(Self.threeWorkers)
    let again = try await trace(Self.threeWorkers)
    #expect(fifo == again)
    #expect(fifo.first == TraceStep(time: .zero, task: "main"))
    #expect(
      fifo.map(\.task).prefix(7) == ["main", "worker 0", "worker 1", "worker 2", "worker 0", "worker 1", "worker 2"])
    var traces: Set<[TraceStep]> = []
    for seed in UInt64(0)..<50 {
      let one = try await trace(order: .seeded(seed), Self.threeWorkers)
      let same = try await trace(order: .seeded(seed), Self.threeWorkers)
      #expect(one == same)
      traces.insert(one)
    }
    #expect(traces.count > 40)
  }

  @Test func `a failure under a seed names the seed`() async throws {
    do {
      try await simulateSeeds(0..<100) {
        var order: [Int] = []
        let tasks = (0..<3).map { index in createTask { order.append(index) } }
        _ = try await gather(tasks)
        try require(order != [2, 1, 0], "backwards")
      }
      Issue.record("no seed gave that order")
    } catch let failure as SeedFailure {
      #expect("\(failure)".contains("UASYNCIO_SEED=\(failure.seed)"))
      await #expect(throws: Broken.self) {
        try await simulate(order: .seeded(failure.seed)) {
          var order: [Int] = []
          let tasks = (0..<3).map { index in createTask { order.append(index) } }
          _ = try await gather(tasks)
          try require(order != [2, 1, 0], "backwards")
        }
      }
    }
  }

  @Test func `what is left behind is told`() async throws {
    do {
      try await simulate {
        createTask(name: "left") { try await sleep(60) }; try await sleep(1)
      }
      Issue.record("nothing was told")
    } catch let error as LeftBehindError {
      #expect(error.tasks.map(\.name) == ["left"])
      #expect(error.timers == 1)
    }
    try await simulate(forbidden: []) {
      createTask { try await sleep(60) }; try await sleep(1)
    }
  }

  @Test func `descriptors left open are told`() async throws {
    await #expect(throws: LeftBehindError.self) {
      try await simulate(forbidden: .descriptors) { KeptOpen.pipe = Pipe() }
    }
  }

  @Test func `the sweep cancels at every suspension, before and after the wake-up, and at no other`() async throws {
    let points = try await onLoopThread {
      var points: [String] = []
      let count = try cancelSweep {
        try await sleep(1)
        _ = try? await sleep(0)
        try await createTask { try await sleep(1) }.value
      } check: {
        points.append("\($0.suspension) \($0.moment) \($0.result.isCancelled)")
      }
      return points + ["\(count)"]
    }
    #expect(
      points == [
        "1 suspended true", "1 resuming true", "2 suspended false", "2 resuming false", "3 suspended true",
        "3 resuming true", "6",
      ])
  }

  @Test func `the sweep finds the point at which a careless lock is lost`() async throws {
    let failure = await onLoopThreadFailure {
      try cancelSweep(of: "second") {
        let lock = CarelessLock()
        let first = createTask {
          try await lock.acquire(); try await sleep(1); lock.release()
        }
        let second = createTask(name: "second") {
          try await lock.acquire(); lock.release()
        }
        try await first.value
        _ = await second.result
        try await waitFor(5) { try await lock.acquire() }
      } check: { outcome in
        try outcome.result.get()
      }
    }
    let sweep = try #require(failure as? SweepFailure)
    #expect(sweep.suspension == 1)
    #expect(sweep.underlying is TimeoutError)
  }

  @Test func `simulations from many tests at once take turns`() async throws {
    try await withThrowingTaskGroup(of: Int.self) { group in
      for index in 0..<20 {
        group.addTask {
          try await simulate {
            try await sleep(index); return index
          }
        }
      }
      var sum = 0
      while let value = try await group.next() { sum += value }
      #expect(sum == 190)
    }
  }
}

/// Where a test keeps what it ought to have closed.
@LoopActor private enum KeptOpen {
  static var pipe: Pipe?
}

/// A lock that hands itself to a waiter without asking whether that one still wants it.
@LoopActor final class CarelessLock {
  private var isLocked = false
  private var waiters: [Event] = []

  func acquire() async throws {
    guard isLocked else { return isLocked = true }
    let turn = Event()
    waiters.append(turn)
    try await turn.wait()
  }

  func release() {
    if waiters.isEmpty { isLocked = false } else { waiters.removeFirst().set() }
  }
}

/// The error that a body throws on the loop's thread.
func onLoopThreadFailure(_ body: @escaping @Sendable () throws -> Int) async -> (any Error)? {
  do {
    _ = try await onLoopThread(body)
    return nil
  } catch {
    return error
  }
}
