import Testing
import UAsyncIO
import UAsyncIOTesting

@Suite struct BarrierTests {
  @Test func `all go on when the last has come, each with its place`() async throws {
    let log = try await simulate {
      var log: [String] = []
      let barrier = try Barrier(3)
      let tasks = (0..<3).map { index in
        createTask {
          try await sleep(index)
          let place = try await barrier.wait()
          log.append("\(index): \(place) at \(milliseconds())")
        }
      }
      _ = try await gather(tasks)
      try require(barrier.waiting == 0 && !barrier.isBroken && barrier.parties == 3, "as new")
      return log.sorted()
    }
    #expect(log == ["0: 0 at 2000", "1: 1 at 2000", "2: 2 at 2000"])
  }

  @Test func `the last one does not suspend`() async throws {
    let log = try await simulate {
      var log: [String] = []
      let barrier = try Barrier(1)
      let other = createTask { log.append("other") }
      log.append("\(try await barrier.wait()) \(try await barrier.wait())")
      try await other.value
      return log
    }
    #expect(log == ["0 0", "other"])
  }

  @Test func `it is used again and again, in any order, and no round is mixed with another`() async throws {
    try await simulateSeeds(0..<100) {
      let barrier = try Barrier(3)
      var places: [[Int]] = Array(repeating: [], count: 5)
      var inRound = [0, 0, 0]
      let tasks = (0..<3).map { index in
        createTask {
          for round in 0..<5 {
            inRound[index] = round
            places[round].append(try await barrier.wait())
            try require(inRound.allSatisfy { abs($0 - round) <= 1 }, "nobody is a round ahead")
          }
        }
      }
      _ = try await gather(tasks)
      for round in places { try require(round.sorted() == [0, 1, 2], "\(round)") }
    }
  }

  @Test func `one that is cancelled has left at once`() async throws {
    let log = try await simulate {
      var log: [String] = []
      let barrier = try Barrier(2)
      let first = createTask { log.append(await errorOf { try await barrier.wait() }) }
      try await sleep(1)
      first.cancel()
      // It has not run yet, and counts no more.
      let second = createTask { log.append("second \(try await barrier.wait())") }
      try await sleep(1)
      log.append("\(barrier.waiting)")
      log.append("main \(try await barrier.wait())")
      try await second.value
      try await first.value
      return log
    }
    #expect(log == ["CancellationError", "1", "main 1", "second 0"])
  }

  @Test func `places stay different when one has left`() async throws {
    let places = try await simulate {
      var places: [Int] = []
      let barrier = try Barrier(3)
      let early = (0..<2).map { _ in createTask { places.append(try await barrier.wait()) } }
      try await sleep(1)
      early[0].cancel()
      let late = (0..<2).map { _ in createTask { places.append(try await barrier.wait()) } }
      _ = await early[0].result
      _ = try await gather([early[1]] + late)
      return places.sorted()
    }
    #expect(places == [0, 1, 2])
  }

  @Test func `one that is cancelled when the barrier is full does not hold the others back`() async throws {
    let log = try await simulate {
      var log: [String] = []
      let barrier = try Barrier(2)
      let first = createTask { log.append(await errorOf { try await barrier.wait() }) }
      try await sleep(1)
      log.append("main \(try await barrier.wait())")
      first.cancel()
      try await first.value
      return log
    }
    #expect(log == ["main 1", "CancellationError"])
  }

  @Test func `aborting breaks it for those who wait and those who come, until it is reset`() async throws {
    let log = try await simulate {
      var log: [String] = []
      let barrier = try Barrier(3)
      let tasks = (0..<2).map { _ in createTask { log.append(await errorOf { try await barrier.wait() }) } }
      try await sleep(1)
      try require(barrier.statistics.waiting == 2, "two wait")
      barrier.abort()
      try require(barrier.isBroken && barrier.waiting == 0, "broken")
      log.append("newcomer " + (await errorOf { try await barrier.wait() }))
      _ = try await gather(tasks)
      barrier.reset()
      try require(!barrier.isBroken, "as new")
      let others = (0..<2).map { _ in createTask { try await barrier.wait() } }
      log.append("\(try await barrier.wait())")
      _ = try await gather(others)
      return log
    }
    #expect(log == ["newcomer BrokenBarrierError", "BrokenBarrierError", "BrokenBarrierError", "0"])
  }

  @Test func `a reset sends away those who wait, and not those who come`() async throws {
    let log = try await simulate {
      var log: [String] = []
      let barrier = try Barrier(2)
      let first = createTask { log.append("first " + (await errorOf { try await barrier.wait() })) }
      try await sleep(1)
      barrier.reset()
      let second = createTask { log.append("second " + (await errorOf { try await barrier.wait() })) }
      try await first.value
      try await sleep(1)
      try await barrier.wait()
      try await second.value
      return log
    }
    #expect(log == ["first BrokenBarrierError", "second none"])
  }

  @Test func `those whom a full barrier has let go are not sent back by an abort`() async throws {
    let places = try await simulate {
      let barrier = try Barrier(2)
      let first = createTask { try await barrier.wait() }
      try await sleep(1)
      let place = try await barrier.wait()
      barrier.abort()
      return [try await first.value, place]
    }
    #expect(places == [0, 1])
  }

  @Test func `a number of parties that makes no sense is refused`() {
    #expect(throws: LoopError.self) { try Barrier(0) }
    #expect(throws: LoopError.self) { try Barrier(-1) }
  }

  @Test func `a report says who waits at a barrier`() async throws {
    let waits = try await simulate {
      let barrier = try Barrier(2)
      let task = createTask(name: "patient") { try await barrier.wait() }
      try await sleep(1)
      let report = taskReport().map(\.description)
      try await barrier.wait()
      _ = try await task.value
      return report
    }
    #expect(waits == ["main: running", "patient: waiting at a barrier"])
  }
}
