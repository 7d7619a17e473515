import Testing
import UAsyncIO
import UAsyncIOTesting

@Suite struct TickerTests {
  @Test func `ticks do not drift, however long the work between takes`() async throws {
    try await simulate {
      try await sleep(0.25)
      var times: [Int] = []
      for try await tick in try ticker(every: .seconds(1)) {
        times.append(milliseconds())
        try require(tick.number == times.count && tick.missed == 0 && tick.lag == .zero, "\(tick)")
        if tick.number == 5 { break }
        try await sleep(0.1 * Double(tick.number))
      }
      try require(times == [1250, 2250, 3250, 4250, 5250], "\(times)")
    }
  }

  @Test func `who is too slow gets one tick at once, which tells how many were missed`() async throws {
    try await simulate {
      var log: [String] = []
      for try await tick in try ticker(every: .seconds(1)) {
        log.append("\(tick.number) \(milliseconds()) lag \(Int(tick.lag / .milliseconds(1))) missed \(tick.missed)")
        if log.count == 1 { try await sleep(3.5) }
        if log.count == 4 { break }
      }
      try require(
        log == [
          "1 1000 lag 0 missed 0", "4 4500 lag 500 missed 2", "5 5000 lag 0 missed 0", "6 6000 lag 0 missed 0",
        ], "\(log)")
    }
  }

  @Test func `a ticker that is always late lets others run`() async throws {
    try await onLoopThread {
      try run {
        var others = 0
        let other = createTask {
          while true {
            try await yieldNow()
            others += 1
          }
        }
        var ticks = 0
        for try await _ in try ticker(every: .nanoseconds(1)) {
          ticks += 1
          if ticks == 100 { break }
        }
        other.cancel()
        try require(others >= 50, "\(others)")
      }
    }
  }

  @Test func `a tick is not lost when the one who waits for it is cancelled`() async throws {
    try await simulate {
      var iterator = try ticker(every: .seconds(1)).makeAsyncIterator()
      let waiter = createTask { try await iterator.next()?.number }
      try await sleep(0.5)
      waiter.cancel()
      try require(await waiter.result.isCancelled, "cancelled")
      try require(try await iterator.next()?.number == 1 && milliseconds() == 1000, "the first")
      try require(await errorOf { _ = try ticker(every: .zero) } == "LoopError", "no period")
    }
  }
}

@Suite struct ToleranceTests {
  @Test func `sleepers with tolerance wake up together, never early, never too late`() async throws {
    try await simulate {
      var wakeUps: Set<Int> = []
      let tasks = (0..<100).map { n in
        createTask {
          let begin = loopTime()
          let duration = Duration.milliseconds(1000 + 7 * n)
          try await sleep(duration, tolerance: .seconds(1))
          let slept = loopTime() - begin
          try require(slept >= duration && slept <= duration + .seconds(1), "\(slept)")
          wakeUps.insert(milliseconds())
        }
      }
      _ = try await gather(tasks)
      try require(wakeUps.count <= 3, "\(wakeUps.count) wake-ups for 100 sleepers")
      let begin = loopTime()
      try await sleep(.milliseconds(1500), tolerance: .zero)
      try require(loopTime() - begin == .milliseconds(1500), "no tolerance")
      try await sleep(.seconds(-1), tolerance: .seconds(1))
      try require(loopTime() - begin == .milliseconds(1500), "only a turn")
    }
  }
}
