import Testing
import UAsyncIO
import UAsyncIOTesting

/// Every function that waits for time or for tasks, cancelled at each of its suspensions, in both moments.
///
/// Each scenario is the body of a task named "subject", and the main coroutine looks after what is left: it must be able to
/// await everything that goes on, and find that nothing was lost.
@Suite struct TaskSweepTests {
  @Test func `waits for time leave nothing behind wherever they are cancelled`() async throws {
    try await sweep(points: 2) { try await sleep(1) }
    try await sweep(points: 2) { try await sleep(0.5) }
    try await sweep(points: 2) { try await sleep(.seconds(1)) }
    try await sweep(points: 2) { try await sleep(.seconds(1), tolerance: .seconds(1)) }
    try await sweep(points: 2) { try await sleepMs(1) }
    try await sweep(points: 2) { try await sleepMs(0.5) }
    try await sweep(points: 2) { try await yieldNow() }
    try await sweep(points: 6) {
      for try await tick in try ticker(every: .seconds(1)) where tick.number == 3 { break }
    }
  }

  @Test func `limits end their body, wherever they are cancelled`() async throws {
    let census = Census()
    @LoopActor func body() async throws {
      let subject = Census.Subject(census)
      defer { withExtendedLifetime(subject) {} }
      do { try await sleep(1) } catch {
        try await sleep(1)
        throw error
      }
    }
    func check() throws { try require(census.alive == 0, "\(census.alive) bodies go on") }
    for limit in [0.5, 1, 1.5, 2] {
      try await sweep(points: nil, check) { try await waitFor(limit) { try await body() } }
      try await sweep(points: nil, check) { try await waitForMs(limit * 1000) { try await body() } }
      try await sweep(points: nil, check) {
        let task = createTask { try await body() }
        try await waitFor(task, timeout: limit)
      }
      try await sweep(points: nil, check) { try await withTimeout(limit) { _ in try await body() } }
      try await sweep(points: nil, check) { try await withDeadline(.seconds(limit)) { _ in try await body() } }
      try await sweep(points: nil, check) { _ = try await moveOn(after: limit) { _ in try await body() } }
      try await sweep(points: nil, check) {
        try await withTimeout(.seconds(0.1)) { scope in
          scope.deadline = .seconds(limit)
          try await body()
        }
      }
    }
  }

  @Test func `who awaits tasks takes them along, or leaves them alone, as it says`() async throws {
    let census = Census()
    @LoopActor func member() async throws -> Int {
      let subject = Census.Subject(census)
      defer { withExtendedLifetime(subject) {} }
      try await sleep(1)
      try await sleep(1)
      return 7
    }
    func nobody() throws { try require(census.alive == 0, "\(census.alive) go on") }
    try await sweep(points: 2, nobody) { _ = try await createTask { try await member() }.value }
    try await sweep(points: 2, nobody) { _ = await createTask { try await member() }.result }
    try await sweep(points: 2, nobody) { _ = try await gather({ try await member() }, { try await member() }) }
    try await sweep(points: 2, nobody) { _ = try await gatherResults({ try await member() }, { try await member() }) }
    try await sweep(points: 2, nobody) {
      try await withLoopTaskGroup { group in
        for _ in 0..<3 { try group.createTask { try await member() } }
        try group.createBackgroundTask { try await sleep(100) }
      }
    }
    try await sweep(points: 2, nobody) {
      _ = try await withLoopTaskGroup(collecting: Int.self) { group in
        for _ in 0..<3 { try group.createTask { try await member() } }
      }
    }
    // These do not end the tasks; the main coroutine finds that they ended by themselves.
    try await sweep(points: 2, waitsFor: 3) { _ = try await shield { try await member() } }
    try await sweep(points: 2, waitsFor: 3) {
      let tasks = (0..<2).map { _ in createTask { try await member() } }
      _ = try await wait(for: tasks, until: .firstCompleted)
    }
    try await sweep(points: 2, waitsFor: 3) {
      let tasks = (0..<2).map { _ in createTask { try await member() } }
      _ = try await wait(for: tasks, timeout: .seconds(1))
    }
    try await sweep(points: nil, waitsFor: 4) {
      let tasks = (0..<3).map { n in
        createTask {
          try await sleep(0.3 * Double(n))
          return try await member()
        }
      }
      for try await task in asCompleted(tasks) { _ = try await task.value }
    }
  }

  /// Cancels `subject` at each point; whatever comes of it, everything must have ended after `waitsFor` seconds.
  private func sweep(
    points: Int?, waitsFor seconds: Int = 0, _ check: () throws -> Void = {},
    _ subject: @escaping @LoopActor () async throws -> Void
  ) async throws {
    for order in [LoopOrder.fifo, .seeded(1), .seeded(2)] {
      nonisolated(unsafe) var swept = 0
      try await onLoopThread {
        swept = try cancelSweep(of: "subject", order: order) {
          let task = createTask(name: "subject") { try await subject() }
          let result = await task.result
          if case .failure(let error) = result {
            try require(error is CancellationError || error is TimeoutError, "\(error)")
          }
          try await sleep(seconds)
        } check: { outcome in
          _ = try outcome.result.get()
          try require(outcome.leftovers.isEmpty, "\(outcome.leftovers)")
        }
      }
      try check()
      if let points { #expect(swept == points) } else { #expect(swept > 0) }
    }
  }
}
