import Testing
import UAsyncIO
import UAsyncIOTesting

@Suite struct SleepTests {
  @Test func `durations beyond what can be counted are the longest and the shortest there are`() async throws {
    try await simulate {
      let longest = Duration.seconds(Int64.max)
      let shortest = Duration.seconds(Int64.min)
      for duration in [longest, longest + longest, .nanoseconds(Int64.max)] {
        try require(try await moveOn(after: 1) { _ in try await sleep(duration) } == nil, "it ends never")
        try require(try await moveOn(after: 1) { _ in try await sleep(duration, tolerance: duration) } == nil, "never")
        try require(try await moveOn(after: duration) { _ in 7 } == 7, "no limit")
        getEventLoop().callLater(duration) {}.cancel()
      }
      let now = loopTime()
      for duration in [shortest, shortest + shortest, .nanoseconds(-1)] {
        try await sleep(duration)
        try await sleep(duration, tolerance: duration)
        getEventLoop().callLater(duration) {}.cancel()
      }
      try require(loopTime() == now, "no time has passed")
    }
  }

  @Test func `in real time too, sleepers with tolerance sleep until the very same time`() async throws {
    try await onLoopThread {
      try run {
        for _ in 0..<20 { createTask(name: "sleeper") { try await sleep(.seconds(3600), tolerance: .seconds(3600)) } }
        try await yieldNow()
        let times = taskReport().filter { $0.name == "sleeper" }.map { $0.waitsFor.split(separator: "(")[0] }
        try require(times.count == 20 && Set(times).count == 1, "\(Set(times))")
      }
    }
  }

  @Test func `an hour of sleeps passes in virtual time`() async throws {
    let (woken, time) = try await simulate {
      var woken = 0
      let tasks = (0..<10).map { _ in
        createTask { for _ in 0..<3600 { try await sleep(1); woken += 1 } }
      }
      _ = try await gather(tasks)
      return (woken, loopTime())
    }
    #expect(woken == 36000)
    #expect(time == .seconds(3600))
  }

  @Test func `sleeps of every spelling take their time`() async throws {
    let times = try await simulate {
      var times: [Int] = []
      try await sleep(1)
      times.append(milliseconds())
      try await sleep(0.5)
      times.append(milliseconds())
      try await sleep(.milliseconds(250))
      times.append(milliseconds())
      try await sleepMs(10)
      times.append(milliseconds())
      try await sleepMs(0.5)
      try await sleepMs(0.5)
      times.append(milliseconds())
      return times
    }
    #expect(times == [1000, 1500, 1750, 1760, 1761])
  }

  @Test func `zero and negative times let the others run once, in order`() async throws {
    let log = try await simulate {
      var log: [String] = []
      let naps: [@LoopActor () async throws -> Void] = [
        { try await sleep(0) }, { try await sleep(-5) }, { try await sleep(-0.5) }, { try await sleep(.seconds(-1)) },
        { try await sleepMs(-1) }, { try await yieldNow() }, { try await sleep(Int.min) },
        { try await sleep(-Double.infinity) },
      ]
      let other = createTask { for index in naps.indices { log.append("other \(index)"); try await sleep(0) } }
      try await sleep(0)
      for (index, nap) in naps.enumerated() {
        log.append("main \(index)")
        try await nap()
      }
      try await other.value
      return log
    }
    #expect(log == (0..<8).flatMap { ["other \($0)", "main \($0)"] })
  }

  @Test func `a time that is not a number is refused where it is given`() async throws {
    let errors = try await simulate {
      var started = false
      return [
        await errorOf { try await sleep(.nan) },
        await errorOf { try await sleepMs(.nan) },
        await errorOf { try await waitFor(.nan) { started = true } },
        "\(started)",
      ]
    }
    #expect(errors == ["LoopError", "LoopError", "LoopError", "false"])
  }

  @Test func `infinite and enormous times end only with a cancellation`() async throws {
    let outcomes = try await simulate {
      let tasks = [
        createTask { try await sleep(.infinity) }, createTask { try await sleep(1e300) },
        createTask { try await sleep(Int.max) }, createTask { try await sleep(.seconds(Int64.max)) },
        createTask { try await sleepMs(Double.greatestFiniteMagnitude) },
      ]
      try await sleep(1_000_000_000)
      let done = tasks.map(\.isDone)
      for task in tasks { task.cancel() }
      let results = try await gatherResults(tasks)
      return done + results.map { $0.isCancelled }
    }
    #expect(outcomes == [false, false, false, false, false, true, true, true, true, true])
  }

  @Test func `equal deadlines end in the order of the calls`() async throws {
    let order = try await simulate {
      var order: [Int] = []
      let tasks = (0..<100).map { index in
        createTask {
          try await sleep(1); order.append(index)
        }
      }
      _ = try await gather(tasks)
      return order
    }
    #expect(order == Array(0..<100))
  }

  @Test func `a real sleep is never shorter than it says`() async throws {
    // Real time: 3 ms.
    let early = try await onLoopThread {
      try run {
        var early = 0
        let busy = createTask { while true { try await sleep(0) } }
        for _ in 0..<10 {
          let clock = ContinuousClock()
          let before = clock.now
          try await sleepMs(0.3)
          if clock.now - before < .microseconds(300) { early += 1 }
        }
        busy.cancel()
        return early
      }
    }
    #expect(early == 0)
  }
}

extension Result where Failure == any Error {
  var isCancelled: Bool {
    if case .failure(is CancellationError) = self { true } else { false }
  }
}
