import Testing
import UAsyncIO
import UAsyncIOTesting

@Suite struct GatherTests {
  @Test func `values come in the order of the tasks, of whatever types`() async throws {
    try await simulate {
      let number = createTask {
        try await sleep(3); return 1
      }
      let text = createTask {
        try await sleep(1); return "two"
      }
      let nothing = createTask { try await sleep(2) }
      let (a, b, _) = try await gather(number, text, nothing)
      try require(a == 1 && b == "two" && milliseconds() == 3000, "three types")
      let (c, d) = try await gather({ 3 }, { "four" })
      try require(c == 3 && d == "four", "closures")
      let five = try await gather({ 1 }, { 2 }, { 3 }, { 4 })
      try require(five == (1, 2, 3, 4), "four closures")
      let list = try await gather(
        (0..<100).map { n in
          createTask {
            try await sleepMs(100 - n); return n
          }
        })
      try require(list == Array(0..<100), "an array")
    }
  }

  @Test func `gather of nothing returns at once`() async throws {
    try await simulate {
      let empty: [LoopTask<Int>] = []
      try require(try await gather(empty) == [], "values")
      try require(try await gatherResults(empty).isEmpty, "results")
      try await gather()
    }
  }

  @Test func `the same task twice, finished and failed tasks`() async throws {
    try await simulate {
      let task = createTask {
        try await sleep(1); return 7
      }
      try require(try await gather([task, task]) == [7, 7], "twice")
      try require(try await gather([task, createTask { 8 }]) == [7, 8], "finished")
      let failed = createTask { () async throws -> Int in throw Boom() }
      _ = await failed.result
      let long = createTask {
        try await sleep(100); return 1
      }
      try require(await errorOf { _ = try await gather([long, failed]) } == "Boom", "failed already")
      try require(milliseconds() == 1000, "at once")
      let results = try await gatherResults(task, failed)
      try require((try? results.0.get()) == 7 && results.1.failure is Boom, "as results")
      long.cancel()
      _ = await long.result
    }
  }

  @Test func `the first failure is thrown at once, and the others go on`() async throws {
    try await simulate {
      let slow = createTask {
        try await sleep(10); return 1
      }
      let failing = createTask { () async throws -> Int in
        try await sleep(1); throw Boom(code: 1)
      }
      let alsoFailing = createTask { () async throws -> Int in
        try await sleep(2); throw Boom(code: 2)
      }
      do {
        _ = try await gather([slow, alsoFailing, failing])
        throw Broken(description: "no error")
      } catch let error as Boom {
        try require(error.code == 1, "the first in time")
      }
      try require(milliseconds() == 1000, "at once")
      try require(!slow.isDone, "the others go on")
      try require(try await slow.value == 1, "to their end")
      _ = await alsoFailing.result
    }
  }

  @Test func `as results, errors and cancellations stand in their places`() async throws {
    try await simulate {
      let tasks = [
        createTask {
          try await sleep(1); return 1
        },
        createTask { () async throws -> Int in throw Boom() },
        createTask {
          try await sleep(10); return 3
        },
        createTask {
          try await waitFor(2) {
            try await sleep(20); return 4
          }
        },
      ]
      createTask {
        try await sleep(1); tasks[2].cancel()
      }
      let results = try await gatherResults(tasks)
      try require(try results[0].get() == 1, "a value")
      try require(results[1].failure is Boom, "an error")
      try require(results[2].isCancelled, "a cancellation")
      try require(results[3].failure is TimeoutError, "a time-out")
      try require(milliseconds() == 2000, "when all have ended")
      let (a, b) = try await gatherResults({ 1 }, { () async throws -> Int in throw Boom() })
      try require((try? a.get()) == 1 && b.failure is Boom, "closures")
    }
  }

  @Test func `cancelled, it cancels all, and throws when all have ended`() async throws {
    try await simulateSeeds(0..<1000) {
      var ended = 0
      let children = (0..<4).map { index in
        createTask {
          defer { ended += 1 }
          do { try await sleep(100) } catch { try await sleep(index); throw error }
        }
      }
      let gathering = createTask { _ = try await gather(children) }
      try await sleep(1)
      gathering.cancel()
      try require(await gathering.result.isCancelled, "cancelled")
      try require(ended == 4 && children.allSatisfy { $0.isDone }, "nothing is left")
      try require(milliseconds() == 4000, "after the slowest clean-up")
    }
  }

  @Test func `a cancel at any point leaves nothing behind`() async throws {
    let points = try await onLoopThread {
      try cancelSweep {
        let (a, b) = try await gather(
          {
            try await sleep(1); return 1
          },
          {
            try await sleep(2); return 2
          })
        try await sleep(0)
        let results = try await gatherResults(
          {
            try await sleep(1); return a
          },
          {
            try await Event.already.wait(); return b
          })
        return try results.0.get() + results.1.get()
      } check: { outcome in
        try require(outcome.leftovers.isEmpty, "\(outcome.leftovers)")
        try require(outcome.result.isCancelled, "\(outcome.result)")
      }
    }
    #expect(points == 6)
  }
}

@Suite struct GatherOfGathersTests {
  @Test func `cancelling tasks that gather each other's tasks visits each once`() async throws {
    // Forty levels of two ways each: more ways than any machine could go.
    try await simulate {
      var below = createTask { try await sleep(.infinity) }
      for _ in 0..<40 {
        let (one, task) = (below, below)
        below = createTask { _ = try await gather([one, task]) }
        let other = createTask { _ = try await gather([one, task]) }
        let (left, right) = (below, other)
        below = createTask { _ = try await gather([left, right]) }
      }
      try await sleep(1)
      below.cancel()
      try require(await below.result.isCancelled, "cancelled")
    }
  }
}
