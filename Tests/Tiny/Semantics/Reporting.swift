import UAsyncIO

nonisolated(unsafe) private var told: [(task: Int, error: TaskError, isDone: Bool)] = []

/// Notes of what the handler is told, from here on.
private func listen() {
  told = []
  setExceptionHandler { task, error in told.append((task.number, error, task.isDone)) }
}

func reportTests() {
  test("an error that nobody retrieves is reported with its task, and stops nothing else") { () throws(TaskError) in
    var seen = 0
    var fromHandler = false
    setExceptionHandler { task, error in
      seen = task.isDone && error == .failure(3) ? task.number : -1
      // The handler may use the loop.
      createTask { () throws(TaskError) in fromHandler = true }
    }
    let failing = AnyLoopTask(createTask { () throws(TaskError) in throw .failure(3) })
    let other = createTask { () throws(TaskError) in try await sleep(2) }
    try await sleep(1)
    require(seen == failing.number && fromHandler, "in the turn in which it failed")
    try await other.value
    require(milliseconds() == 2000, "the other goes on")
    setExceptionHandler(nil)
  }

  test("a handler may run the loop while the task whose run has called it stands still") { () throws(TaskError) in
    var isOnceInList = false
    setExceptionHandler { _, _ in try? run { () throws(TaskError) in try await sleep(1) } }
    let task = createTask { () throws(TaskError) in
      let standing = currentTask()
      // Its first step: it has never been suspended.
      try run { () throws(TaskError) in
        createTask { () throws(TaskError) in throw .failure(1) }
        try await sleep(5)
        var count = 0
        forEachTask { if $0 == standing { count += 1 } }
        isOnceInList = count == 1
        standing?.cancel()
      }
      require(await errorOf { () throws(TaskError) in try await sleep(1) } == .cancelled, "its next await throws")
      setExceptionHandler(nil)
    }
    try await task.value
    require(isOnceInList, "listed once")
  }

  test("errors that somebody retrieves, and cancellations, are not reported") { () throws(TaskError) in
    listen()
    let awaited = createTask { () throws(TaskError) in throw .failure(1) }
    _ = await awaited.result
    let gathered = (0..<3).map { index in
      createTask { () throws(TaskError) in
        try await sleep(index)
        throw .failure(index)
      }
    }
    try await gatherResults(gathered)
    let cancelled = createTask { () throws(TaskError) in try await sleep(10) }
    try await sleep(1)
    cancelled.cancel()
    _ = await errorOf { () throws(TaskError) in
      try await waitFor(1) { () throws(TaskError) in try await sleep(5) }
    }
    // Retrieved in the turn after the failure.
    let late = createTask { () throws(TaskError) in throw .failure(4) }
    let reader = createTask { () throws(TaskError) in await late.result.failure == .failure(4) }
    require(try await reader.value, "just in time")
    try await sleep(1)
    require(told.isEmpty, "nothing is told")
    setExceptionHandler(nil)
  }

  test("those who await tasks are all there, one behind another and beside each other") { () throws(TaskError) in
    let first = createTask { () throws(TaskError) in try await sleep(1) }
    var all = [first]
    func awaiting(_ task: LoopTask<Void>) {
      all.append(createTask { () throws(TaskError) in try await task.value })
    }
    awaiting(first)  // 1
    awaiting(first)  // 2
    awaiting(all[1])  // 3
    awaiting(all[3])  // 4
    all.append(createTask { () throws(TaskError) in try await gather([first, all[2], all[4]]) })  // 5
    awaiting(all[5])  // 6
    awaiting(first)  // 7
    awaiting(all[2])  // 8
    try await sleep(0)
    var seen: [AnyLoopTask] = []
    forEachTask { if $0 != currentTask() { seen.append($0) } }
    require(seen == all.map { AnyLoopTask($0) }, "each once")
    let others = Array(all)
    all = []
    try await gather(others)
  }

  test("all tasks are there, in the order of creation, and finished ones are not") { () throws(TaskError) in
    func numbers() -> [Int] {
      var numbers: [Int] = []
      forEachTask { numbers.append($0.number) }
      return numbers
    }
    let main = currentTask()?.number ?? 0
    let second = createTask { () throws(TaskError) in try await sleep(1) }
    let event = Event()
    let third = createTask { () throws(TaskError) in try await event.wait() }
    require(numbers() == [main, main + 1, main + 2], "running, and ready")
    try await sleep(0)
    require(numbers() == [main, main + 1, main + 2], "running, asleep and waiting")
    second.cancel()
    _ = await second.result
    require(numbers() == [main, main + 2], "without the finished one")
    event.set()
    try await third.value
    try run { () throws(TaskError) in
      let inner = currentTask()?.number ?? 0
      require(numbers() == [main, inner], "who stands still in a nested run is there too")
      try run { () throws(TaskError) in require(numbers() == [main, inner, inner + 1], "however deep") }
      try await sleep(0)
      require(numbers() == [main, inner], "and stays there")
    }
    require(numbers() == [main], "and back")
  }
}

/// What concerns the ends of runs, and cannot be inside of one.
/// How many steps a task does after a run inside of it, in which the outer run's task has ended, before that returns.
private func stepsAfterInnerRun(_ inner: @escaping Coroutine<Void>) -> Int {
  var steps = 0
  var stepsAtEnd = -1
  do throws(TaskError) {
    try run(clock: .virtual) { () throws(TaskError) in }
    let main = createTask { () throws(TaskError) in try await sleep(1) }
    createTask { () throws(TaskError) in try await sleep(2) }
    let other = createTask { () throws(TaskError) in
      do throws(TaskError) { try run(inner) } catch { require(error == .deadlock, "stuck") }
      for _ in 0..<3 {
        steps += 1
        try await yieldNow()
      }
    }
    try run(main)
    stepsAtEnd = steps
    try run(other)
    forEachTask { $0.cancel() }
    try run { () throws(TaskError) in try await sleep(0) }
  } catch {}
  return stepsAtEnd
}

func endOfRunTests() {
  let afterEnd = stepsAfterInnerRun { () throws(TaskError) in try await sleep(2) }
  let afterDeadlock = stepsAfterInnerRun { () throws(TaskError) in try await Event().wait() }
  test("a run whose task has ended in a run inside of it returns when that step is over") { () throws(TaskError) in
    require(afterEnd == 1, "the inner run has come to its end")
    require(afterDeadlock == 1, "the inner run could not")
  }

  var isAwaitedTooLong = true
  do throws(TaskError) {
    let main = createTask { () throws(TaskError) in try await sleep(1) }
    let waiter = createTask { () throws(TaskError) in try await main.value }
    try run(main)
    isAwaitedTooLong = waiter.isDone
    try run(waiter)
  } catch {}
  test("a run returns before those go on that await its task, too") { () throws(TaskError) in
    require(!isAwaitedTooLong, "at once")
  }

  listen()
  var isOver = false
  var toldAtEnd = 0
  do throws(TaskError) {
    try run(clock: .virtual) { () throws(TaskError) in
      // Somebody is ready when the run ends, so the turn is not over.
      createTask { () throws(TaskError) in while !isOver { try await yieldNow() } }
      createTask { () throws(TaskError) in throw .failure(6) }
      try await sleep(0)
    }
    toldAtEnd = told.count
  } catch {}
  isOver = true
  test("an error is reported even if the run ends with the failure") { () throws(TaskError) in
    require(toldAtEnd == 1 && told[0].error == .failure(6) && told[0].isDone, "told")
    try await sleep(0)
  }

  var nested: TaskError?
  setExceptionHandler { _, _ in
    do throws(TaskError) { try run { () throws(TaskError) in throw .failure(8) } } catch { nested = error }
  }
  do throws(TaskError) {
    try run { () throws(TaskError) in
      createTask { () throws(TaskError) in throw .failure(7) }
      try await sleep(0)
    }
  } catch {}
  test("a handler may run the loop, even at the end of a run") { () throws(TaskError) in
    require(nested == .failure(8), "to its end")
  }
  setExceptionHandler(nil)

  var left: LoopTask<Int>?
  do throws(TaskError) {
    try run(clock: .virtual) { () throws(TaskError) in
      left = createTask { () throws(TaskError) in
        try await sleep(2)
        return 5
      }
      try await sleep(1)
    }
  } catch {}
  test("tasks left by a run go on with the next one") { () throws(TaskError) in
    require(left?.isDone == false, "where they were")
    require(try await left?.value == 5 && milliseconds() == 1000, "in their time")
    if let left { require(try run(left) == 5, "run returns the value of one that has finished") }
  }

  var orders: [[Int]] = []
  for round in 0..<20 as Range<UInt64> {
    do throws(TaskError) {
      try run(clock: .virtual, order: round < 2 ? .fifo : .seeded(round / 2)) { () throws(TaskError) in
        var order: [Int] = []
        try await gather(
          (0..<6).map { n in
            createTask { () throws(TaskError) in
              order.append(n)
              try await sleep(0)
              order.append(n)
            }
          })
        orders.append(order)
      }
    } catch {}
  }
  test("the same seed gives the same order, other seeds others, and without one they run in turn") {
    () throws(TaskError) in
    require(orders.count == 20 && orders[0] == [0, 1, 2, 3, 4, 5, 0, 1, 2, 3, 4, 5], "in turn")
    for round in 0..<10 { require(orders[2 * round] == orders[2 * round + 1], "the same") }
    var different = 0
    for seed in 1..<10 where !orders[..<(2 * seed)].contains(orders[2 * seed]) { different += 1 }
    require(different > 7, "others")
    for order in orders {
      let (first, second) = (order.prefix(6), order.suffix(6))
      require((0..<6).allSatisfy { first.contains($0) && second.contains($0) }, "each once in a turn")
    }
  }

  var errors: [TaskError] = []
  for _ in 0..<2 {
    do throws(TaskError) { try run { () throws(TaskError) in throw .failure(1) } } catch { errors.append(error) }
  }
  test("run throws the error, and can be called again") { () throws(TaskError) in
    require(errors == [.failure(1), .failure(1)], "each time")
  }

  var early = 0
  do throws(TaskError) {
    try run(clock: .real) { () throws(TaskError) in
      let busy = createTask { () throws(TaskError) in while true { try await sleep(0) } }
      for _ in 0..<10 {
        let before = loopNanoseconds()
        try await sleepMs(0.3)
        if loopNanoseconds() - before < 300_000 { early += 1 }
      }
      busy.cancel()
      _ = await busy.result
    }
  } catch { early = -1 }
  test("realTime: a sleep is never shorter than it says") { () throws(TaskError) in require(early == 0, "never") }
}
