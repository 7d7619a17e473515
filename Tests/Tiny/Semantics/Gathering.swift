import UAsyncIO

func gatherTests() {
  test("values come in the order of the tasks, of whatever types") { () throws(TaskError) in
    let number = createTask { () throws(TaskError) in
      try await sleep(3)
      return 1
    }
    let truth = createTask { () throws(TaskError) in
      try await sleep(1)
      return true
    }
    let nothing = createTask { () throws(TaskError) in try await sleep(2) }
    let (a, b, _) = try await gather(number, truth, nothing)
    require(a == 1 && b && milliseconds() == 3000, "three types")
    let (c, d) = try await gather({ () throws(TaskError) in 3 }, { () throws(TaskError) in UInt8(4) })
    require(c == 3 && d == 4, "closures")
    let list = try await gather(
      (0..<20).map { n in
        createTask { () throws(TaskError) in
          try await sleepMs(20 - n)
          return n
        }
      })
    require(list == Array(0..<20), "an array")
  }

  test("six of unlike types are gathered at once, as values and as results") { () throws(TaskError) in
    let numbers = createTask { () throws(TaskError) in [1, 2] }
    let (a, b, c, d, e, _) = try await gather(
      createTask { () throws(TaskError) in 1 }, createTask { () throws(TaskError) in true }, numbers,
      createTask { () throws(TaskError) in UInt8(4) }, createTask { () throws(TaskError) in Int64(5) },
      createTask { () throws(TaskError) in try await sleep(1) })
    require(a == 1 && b && c.count == 2 && d == 4 && e == 5, "each in its place")
    let results = try await gatherResults(
      { () throws(TaskError) in 1 }, { () throws(TaskError) in true }, { () throws(TaskError) in try await sleep(1) },
      { () throws(TaskError) -> Int in throw .failure(4) }, { () throws(TaskError) in Int64(5) })
    require(results.3.failure == .failure(4) && results.4.failure == nil, "the error in its place")
    require(milliseconds() == 2000, "at once")
  }

  test("any number of them from two to six, as tasks and as closures") { () throws(TaskError) in
    func make(_ n: Int) -> LoopTask<Int> {
      createTask { () throws(TaskError) in
        try await sleepMs(7 - n)
        return n
      }
    }
    func one() async throws(TaskError) -> Int { 1 }
    func two() async throws(TaskError) -> Int { 2 }
    func three() async throws(TaskError) -> Int { throw .failure(3) }
    func four() async throws(TaskError) -> Int { 4 }
    let (a, b, c, d) = try await gather(make(1), make(2), make(3), make(4))
    require(a == 1 && b == 2 && c == 3 && d == 4, "four tasks")
    let (e, f, g, h, i) = try await gather(make(1), make(2), make(3), make(4), make(5))
    require(e == 1 && f == 2 && g == 3 && h == 4 && i == 5, "five tasks")
    let (j, k, l, m) = try await gather(one, two, four, one)
    require(j == 1 && k == 2 && l == 4 && m == 1, "four closures")
    let (n, o, p, q, r) = try await gather(one, two, four, one, two)
    require(n == 1 && o == 2 && p == 4 && q == 1 && r == 2, "five closures")
    let six = try await gather(one, two, four, one, two, four)
    require(six.0 == 1 && six.1 == 2 && six.2 == 4 && six.3 == 1 && six.4 == 2 && six.5 == 4, "six closures")
    for place in 0..<6 {
      func at(_ index: Int) -> LoopTask<Int> { index == place ? createTask(three) : make(index) }
      let results = try await gatherResults(at(0), at(1), at(2), at(3), at(4), at(5))
      let failures = [
        results.0.failure, results.1.failure, results.2.failure, results.3.failure, results.4.failure,
        results.5.failure,
      ]
      for index in 0..<6 { require(failures[index] == (index == place ? .failure(3) : nil), "the error in its place") }
    }
    let results = try await gatherResults(three, one, two, four, three, one)
    require(results.0.failure == .failure(3) && results.4.failure == .failure(3), "six closures, as results")
    require((try? results.1.get()) == 1 && (try? results.3.get()) == 4 && (try? results.5.get()) == 1, "the others")
    let (s, t, u, v) = try await gatherResults(make(1), createTask(three), make(3), make(4))
    require((try? s.get()) == 1 && t.failure == .failure(3), "four, as results")
    require((try? u.get()) == 3 && (try? v.get()) == 4, "and the others")
  }

  test("gather of nothing returns at once") { () throws(TaskError) in
    let empty: [LoopTask<Int>] = []
    require(try await gather(empty) == [], "values")
    require(try await gatherResults(empty).isEmpty, "results")
  }

  test("the same task twice, finished and failed tasks") { () throws(TaskError) in
    let task = createTask { () throws(TaskError) in
      try await sleep(1)
      return 7
    }
    require(try await gather([task, task]) == [7, 7], "twice")
    require(try await gather([task, createTask { () throws(TaskError) in 8 }]) == [7, 8], "finished")
    let failed = createTask { () throws(TaskError) -> Int in throw .failure(1) }
    _ = await failed.result
    let long = createTask { () throws(TaskError) in
      try await sleep(100)
      return 1
    }
    require(
      await errorOf { () throws(TaskError) in _ = try await gather([long, failed]) } == .failure(1), "failed already")
    require(milliseconds() == 1000, "at once")
    let results = try await gatherResults(task, failed)
    require((try? results.0.get()) == 7 && results.1.failure == .failure(1), "as results")
    long.cancel()
    _ = await long.result
  }

  test("the first failure is thrown at once, and the others go on") { () throws(TaskError) in
    let slow = createTask { () throws(TaskError) in
      try await sleep(10)
      return 1
    }
    let failing = createTask { () throws(TaskError) -> Int in
      try await sleep(1)
      throw .failure(1)
    }
    let alsoFailing = createTask { () throws(TaskError) -> Int in
      try await sleep(2)
      throw .failure(2)
    }
    let error = await errorOf { () throws(TaskError) in _ = try await gather([slow, alsoFailing, failing]) }
    require(error == .failure(1), "the first in time")
    require(milliseconds() == 1000, "at once")
    require(!slow.isDone, "the others go on")
    require(try await slow.value == 1, "to their end")
    _ = await alsoFailing.result
  }

  test("as results, errors and cancellations stand in their places") { () throws(TaskError) in
    let tasks = [
      createTask { () throws(TaskError) in
        try await sleep(1)
        return 1
      },
      createTask { () throws(TaskError) -> Int in throw .failure(3) },
      createTask { () throws(TaskError) in
        try await sleep(10)
        return 3
      },
      createTask { () throws(TaskError) in
        try await waitFor(2) { () throws(TaskError) in
          try await sleep(20)
          return 4
        }
      },
    ]
    createTask { () throws(TaskError) in
      try await sleep(1)
      tasks[2].cancel()
    }
    let results = try await gatherResults(tasks)
    require(try results[0].get() == 1, "a value")
    require(results[1].failure == .failure(3), "an error")
    require(results[2].isCancelled, "a cancellation")
    require(results[3].failure == .timedOut, "a time-out")
    require(milliseconds() == 2000, "when all have ended")
  }

  testSeeds("cancelled, it cancels all, and throws when all have ended") { () throws(TaskError) in
    var ended = 0
    let children = (0..<4).map { index in
      createTask { () throws(TaskError) in
        defer { ended += 1 }
        do throws(TaskError) { try await sleep(100) } catch {
          try await sleep(index)
          throw error
        }
      }
    }
    let gathering = createTask { () throws(TaskError) in _ = try await gather(children) }
    try await sleep(1)
    gathering.cancel()
    require(await gathering.result.isCancelled, "cancelled")
    require(ended == 4 && children.allSatisfy { $0.isDone }, "nothing is left")
    require(milliseconds() == 4000, "after the slowest clean-up")
  }

  test("cancelling tasks that gather each other's tasks visits each once") { () throws(TaskError) in
    // Levels of two ways each: more ways than any machine could go.
    var below = createTask { () throws(TaskError) in try await sleep(.infinity) }
    for _ in 0..<12 {
      let (one, task) = (below, below)
      below = createTask { () throws(TaskError) in _ = try await gather([one, task]) }
      let other = createTask { () throws(TaskError) in _ = try await gather([one, task]) }
      let (left, right) = (below, other)
      below = createTask { () throws(TaskError) in _ = try await gather([left, right]) }
    }
    try await sleep(1)
    below.cancel()
    require(await below.result.isCancelled, "cancelled")
  }
}
