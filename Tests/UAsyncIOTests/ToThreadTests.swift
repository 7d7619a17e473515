import Synchronization
import Testing
import UAsyncIO
import UAsyncIOTesting

#if canImport(Glibc)
  import Glibc
#elseif canImport(Musl)
  import Musl
#endif

@Suite struct ToThreadTests {
  @Test func `work of a task that was left behind does not touch a fresh loop's clock`() async throws {
    try await onLoopThread {
      let gate = Messages()
      try run {
        createTask(name: "stubborn") {
          for _ in 0...100 { try? await sleep(1) }
          try await toThread { while gate.all.isEmpty { usleep(1000) } }
        }
        try await yieldNow()
      }
      try require(try newEventLoop() == ["stubborn"], "it is left behind")
      gate.add("open")
      // The letter of its end arrives.
      try run { while ThreadLimiter.shared.statistics.working > 0 { try await sleepMs(1) } }
      try run(clock: .virtual) {
        let early = Messages()
        let sleeper = createTask {
          try await sleep(1)
          early.add("too early")
        }
        try await toThread {
          for _ in 0..<100 where early.all.isEmpty { usleep(1000) }
        }
        try require(early.all.isEmpty, "the clock must stand still while a thread works")
        sleeper.cancel()
      }
    }
  }

  @Test func `the work's value arrives, and its error`() async throws {
    let (value, error) = try await simulate {
      let value = try await toThread { 6 * 7 }
      return (value, await errorText { try await toThread { throw Boom(code: 3) } })
    }
    #expect(value == 42)
    #expect(error == "Boom(code: 3)")
  }

  @Test func `the loop goes on while a thread works, and virtual time stands still`() async throws {
    for _ in 0..<20 {
      let log = try await simulate {
        var log: [String] = []
        let gate = ThreadGate()
        let timer = createTask {
          try await sleep(1); log.append("timer \(milliseconds())")
        }
        let busy = createTask {
          for _ in 0..<100 { try await sleep(0) }
          log.append("busy \(milliseconds())")
          gate.open()
        }
        try await toThread { gate.wait() }
        log.append("work \(milliseconds())")
        try await gather(timer, busy)
        return log
      }
      #expect(log == ["busy 0", "work 0", "timer 1000"])
    }
  }

  @Test func `a cancelled caller waits until the work is over, however often it is cancelled`() async throws {
    let log = try await simulate {
      var log: [String] = []
      let gate = ThreadGate()
      let task = createTask {
        log.append(await errorOf { try await toThread { gate.wait() } })
        log.append(await errorOf { try await sleep(1) })
      }
      try await sleep(0)
      for _ in 0..<3 {
        task.cancel()
        try await sleep(0)
      }
      log.append("\(task.isDone)")
      gate.open()
      _ = await task.result
      return log
    }
    #expect(log == ["false", "CancellationError", "none"])
  }

  @Test func `a caller that abandons its work goes on at once, and the permit comes back when the work is over`()
    async throws
  {
    let log = try await simulate {
      var log: [String] = []
      let gate = ThreadGate()
      let limiter = try ThreadLimiter(1)
      let task = createTask { try await toThread(abandonsOnCancel: true, limiter: limiter) { gate.wait() } }
      let next = createTask { try await toThread(limiter: limiter) { "next" } }
      try await sleep(0)
      try await sleep(0)
      task.cancel()
      log.append("\((await task.result).isCancelled)")
      log.append("\(limiter.statistics)")
      // Nobody waits for it, so time goes on.
      try await sleep(1)
      log.append("\(milliseconds()) \(next.isDone)")
      gate.open()
      // Real time: as long as the thread takes.
      while limiter.statistics.waiting > 0 { try await sleep(0) }
      log.append(try await next.value)
      log.append("\(limiter.statistics)")
      return log
    }
    #expect(
      log == [
        "true", "ThreadStatistics(limit: 1, working: 1, waiting: 1, mostWorking: 1)", "1000 false", "next",
        "ThreadStatistics(limit: 1, working: 0, waiting: 0, mostWorking: 1)",
      ])
  }

  @Test func `beyond the limit work waits in the order in which it came, and one that is cancelled never begins`()
    async throws
  {
    let (begun, most) = try await simulate {
      let begun = Messages()
      let limiter = try ThreadLimiter(1)
      let tasks = (0..<8).map { index in
        createTask { try await toThread(limiter: limiter) { begun.add("\(index)") } }
      }
      try await sleep(0)
      tasks[5].cancel()
      _ = try await gatherResults(tasks)
      return (begun.all, limiter.statistics.mostWorking)
    }
    #expect(begun == ["0", "1", "2", "3", "4", "6", "7"])
    #expect(most == 1)
  }

  @Test func `a limit that is raised lets more work begin, and one that is lowered lets it run out`() async throws {
    let log = try await simulate {
      var log: [String] = []
      let gate = ThreadGate()
      let limiter = try ThreadLimiter(1)
      let tasks = (0..<6).map { _ in createTask { try await toThread(limiter: limiter) { gate.wait() } } }
      try await sleep(0)
      log.append("\(limiter.statistics.working) \(limiter.statistics.waiting)")
      try limiter.setLimit(4)
      log.append("\(limiter.statistics.working) \(limiter.statistics.waiting)")
      try limiter.setLimit(2)
      while !tasks[0].isDone || !tasks[1].isDone {
        gate.open()
        try await sleep(0)
        try require(limiter.statistics.working <= 4, "the limit")
      }
      for _ in tasks { gate.open() }
      try await gather(tasks)
      log.append("\(limiter.statistics.working) \(limiter.statistics.waiting)")
      log.append(await errorText { try limiter.setLimit(0) })
      return log
    }
    #expect(log == ["1 5", "4 2", "0 0", "the limit of threads cannot be 0: expected at least 1"])
  }

  @Test func `no permit is lost at any point of cancellation, and no work goes on unseen`() async throws {
    for abandons in [false, true] {
      let points = try await onLoopThread {
        try cancelSweep(of: "worker") {
          let limiter = try ThreadLimiter(1)
          let running = Atomic64()
          let first = createTask { try await toThread(limiter: limiter) {} }
          let worker = createTask(name: "worker") {
            try await sleep(0)
            defer { if !abandons, running.value != 0 { running.add(100) } }
            return try await toThread(abandonsOnCancel: abandons, limiter: limiter) {
              running.add(1)
              usleep(100)
              running.add(-1)
              return 1
            }
          }
          let others = (0..<3).map { _ in createTask { try await toThread(limiter: limiter) {} } }
          _ = await worker.result
          _ = try await gatherResults(others + [first])
          // Real time: as long as an abandoned thread takes.
          while limiter.statistics.working > 0 { try await sleep(0) }
          try require(running.value == 0, "the work goes on behind its caller's back")
          try require(limiter.statistics.waiting == 0, "all permits are back")
          return try await worker.value
        } check: { outcome in
          try require(outcome.result.isCancelled, "cancelled: \(outcome.result)")
          try require(outcome.leftovers.isEmpty, "all ended: \(outcome.leftovers)")
        }
      }
      #expect(points == 6)
    }
  }

  @Test func `under any order and cancellation the limit holds, and every permit comes back`() async throws {
    try await simulateSeeds(0..<1000) {
      let limiter = try ThreadLimiter(2)
      let running = Atomic64()
      let tooMany = Atomic64()
      let tasks = (0..<6).map { index in
        createTask {
          try await toThread(abandonsOnCancel: index.isMultiple(of: 2), limiter: limiter) {
            running.add(1)
            if running.value > 2 { tooMany.add(1) }
            running.add(-1)
          }
        }
      }
      let killer = createTask {
        for index in [1, 4, 2] {
          try await sleep(0)
          tasks[index].cancel()
        }
      }
      _ = try await gatherResults(tasks + [killer])
      while limiter.statistics.working > 0 { try await sleep(0) }
      try require(tooMany.value == 0, "more than the limit at once")
      try require(limiter.statistics.waiting == 0, "nobody waits")
    }
  }

  @Test func `the loop may be emptied while threads work, and what they then say is no harm`() async throws {
    let (left, log) = try await onLoopThread {
      let gate = ThreadGate()
      let log = Messages()
      let limiter = try ThreadLimiter(4)
      try run(clock: .virtual) {
        for abandons in [false, true, false] {
          createTask {
            let outcome = await errorOf {
              try await toThread(abandonsOnCancel: abandons, limiter: limiter) { gate.wait() }
            }
            log.add(outcome)
          }
        }
        try await sleep(0)
      }
      let left = try newEventLoop()
      log.add("emptied")
      for _ in 0..<3 { gate.open() }
      // Virtual time is not held by what the old loop began.
      try run(clock: .virtual) { try await sleep(3600) }
      try run { while limiter.statistics.working > 0 { try await sleepMs(1) } }
      return (left, log.all)
    }
    #expect(left == [])
    #expect(log == ["CancellationError", "CancellationError", "CancellationError", "emptied"])
  }

  @Test func `a thread that calls back into the loop may let virtual time pass`() async throws {
    let times = try await simulate {
      let timer = createTask { () -> Int in
        try await sleep(2); return milliseconds()
      }
      let inside = try await toThread {
        try runFromThread { () -> Int in
          try await sleep(5); return milliseconds()
        }
      }
      return [inside, try await timer.value, milliseconds()]
    }
    #expect(times == [5000, 2000, 5000])
  }

  @Test func `native tasks and other actors may have work done too, and their cancellation reaches it`() async throws {
    let results = try await onLoopThread {
      try run {
        let value = try await Task.detached { try await toThread { 1 } }.value
        let gate = ThreadGate()
        let native = Task { @LoopActor in await errorOf { try await toThread(abandonsOnCancel: true) { gate.wait() } } }
        let patient = Task { @LoopActor in await errorOf { try await toThread { gate.wait() } } }
        try await sleepMs(1)
        native.cancel()
        patient.cancel()
        let first = await native.value
        gate.open()
        gate.open()
        return ["\(value)", first, await patient.value]
      }
    }
    #expect(results == ["1", "CancellationError", "CancellationError"])
  }

  @Test func `realTime: threads are used again, and end when they have been idle for long enough`() async throws {
    try await onLoopThread {
      let patience = Workers.patience.load(ordering: .relaxed)
      defer { Workers.patience.store(patience, ordering: .relaxed) }
      try run {
        let limiter = try ThreadLimiter(1)
        let before = Workers.startedCount
        for _ in 0..<500 { try await toThread(limiter: limiter) {} }
        // A thread says that it is done before it is idle, so the next one may find it busy still.
        try require(Workers.startedCount - before <= 4, "\(Workers.startedCount - before) threads for one at a time")
        Workers.patience.store(1_000_000, ordering: .relaxed)
        // Those that wait already have the patience that they began with: each gets something to do once more.
        let gate = ThreadGate()
        let count = min(Workers.idleCount + 1, 40)
        let everybody = (0..<count).map { _ in createTask { try await toThread { gate.wait() } } }
        while ThreadLimiter.shared.statistics.working < count { try await sleepMs(1) }
        for _ in everybody { gate.open() }
        try await gather(everybody)
        while Workers.idleCount > 0 { try await sleepMs(1) }
        try require(try await toThread { "again" } == "again", "a new thread")
      }
    }
  }

  @Test func `realTime: 100,000 pieces of work on eight threads all arrive`() async throws {
    let sums = try await onLoopThread {
      try run {
        let limiter = try ThreadLimiter(8)
        let tasks = (0..<100).map { index in
          createTask { () -> Int in
            var sum = 0
            for number in 0..<1000 { sum += try await toThread(limiter: limiter) { index + number } }
            return sum
          }
        }
        return try await gather(tasks)
      }
    }
    #expect(sums == (0..<100).map { 1000 * $0 + 499_500 })
  }
}

/// Something for threads to block in.
private final class ThreadGate: @unchecked Sendable {
  private let semaphore = UnsafeMutablePointer<sem_t>.allocate(capacity: 1)

  init() { sem_init(semaphore, 0, 0) }

  deinit {
    sem_destroy(semaphore)
    semaphore.deallocate()
  }

  func wait() { while sem_wait(semaphore) != 0 {} }

  func open() { sem_post(semaphore) }
}
