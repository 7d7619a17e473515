import UAsyncIO

func runTests() {
  test("a task does nothing before its turn, and tasks start in the order of creation") { () throws(TaskError) in
    var log: [Int] = []
    let tasks = (0..<3).map { n in createTask { () throws(TaskError) in log.append(n) } }
    require(log.isEmpty, "nothing yet")
    try await gather(tasks)
    require(log == [0, 1, 2], "in order")
  }

  test("values, errors and what a handle tells") { () throws(TaskError) in
    let task = createTask(name: "seven") { () throws(TaskError) in
      try await sleep(1)
      return 7
    }
    require(!task.isDone && AnyLoopTask(task).givenName.map { $0[0] } == UInt8(ascii: "s"), "before")
    require(try await task.value == 7 && task.isDone, "after")
    require(try await task.value == 7, "again")
    let failing = createTask { () throws(TaskError) in throw .failure(2) }
    require(await failing.result.failure == .failure(2), "an error")
    require(task == task && AnyLoopTask(task) != AnyLoopTask(failing), "identity")
  }

  test("several tasks may await one") { () throws(TaskError) in
    let one = createTask { () throws(TaskError) in
      try await sleep(1)
      return 5
    }
    let others = (0..<3).map { _ in createTask { () throws(TaskError) in try await one.value } }
    require(try await gather(others) == [5, 5, 5], "all")
  }

  test("who awaits a task goes on behind those that are ready when it ends") { () throws(TaskError) in
    var log: [Int] = []
    let awaited = createTask { () throws(TaskError) in log.append(1) }
    let other = createTask { () throws(TaskError) in log.append(2) }
    try await awaited.value
    log.append(3)
    try await other.value
    require(log == [1, 2, 3], "in order")
  }

  test("currentTask is the running one, after every await") { () throws(TaskError) in
    let main = currentTask()
    let task = createTask { () throws(TaskError) in
      let own = currentTask()
      try await sleep(1)
      require(own == currentTask() && own != main, "its own")
    }
    try await task.value
    require(currentTask() == main, "mine")
  }

  test("awaiting itself and awaiting each other are refused") { () throws(TaskError) in
    var own: LoopTask<Void>?
    let task = createTask { () throws(TaskError) in
      if let own { try await own.value }
    }
    own = task
    require(await task.result.failure == .awaitsItself, "itself")
    var second: LoopTask<Void>?
    let first = createTask { () throws(TaskError) in
      if let second { try await second.value }
    }
    second = createTask { () throws(TaskError) in
      let error = await errorOf { () throws(TaskError) in _ = try await gather([first]) }
      require(error == .awaitsItself, "each other, by gather")
      let late = await errorOf { () throws(TaskError) in try await waitFor(first, timeout: 1) }
      require(late == .awaitsItself, "each other, by waitFor")
    }
    try await first.value
    own = nil
    second = nil
  }

  test("awaiting each other through a gather and a time limit, and a nested run of oneself, are refused") {
    () throws(TaskError) in
    // Whoever waits second would close the circle.
    var gathering: LoopTask<Void>?
    let child = createTask { () throws(TaskError) in
      if let gathering { try await waitFor(gathering, timeout: 5) }
    }
    gathering = createTask { () throws(TaskError) in
      let error = await errorOf { () throws(TaskError) in _ = try await gather([child]) }
      require(error == .awaitsItself, "the gather closes it")
    }
    if let gathering { try await gather(gathering, child) }
    var own: LoopTask<Void>?
    own = createTask { () throws(TaskError) in
      guard let own else { return }
      require(
        await errorOf { () throws(TaskError) in _ = try await gather([own]) } == .awaitsItself, "a gather of itself")
      require(await errorOf { () throws(TaskError) in try run(own) } == .awaitsItself, "a run of itself")
    }
    try await own?.value
    own = nil
    gathering = nil
  }

  test("a chain of tasks completes and is cancelled without recursion") { () throws(TaskError) in
    #if os(Linux)
      let length = 100_000
    #else
      let length = 60
    #endif
    for cancels in [false, true] {
      var last = createTask { () throws(TaskError) in
        try await sleep(10)
        return 0
      }
      let first = last
      for _ in 0..<length {
        let awaited = last
        let subject = Subject()
        last = createTask { () throws(TaskError) in
          let value = try await awaited.value + 1
          _ = subject
          return value
        }
      }
      try await sleep(1)
      require(Subject.alive == length, "all of them")
      if cancels { last.cancel() }
      let result = await last.result
      require(result.isCancelled == cancels && first.isDone, "to its end")
      require(cancels || (try? result.get()) == length, "through all of them")
      require(Subject.alive == 0, "released")
    }
  }

  test("a result of any size and alignment is in its task as long as somebody holds that, asked for or not") {
    () throws(TaskError) in
    let wide = createTask { () throws(TaskError) in (1 as UInt8, 2.5, [3, 4]) }
    let vector = createTask { () throws(TaskError) in
      try await sleep(1)
      return SIMD4<Float>(1, 2, 3, 4)
    }
    let absent = createTask { () throws(TaskError) -> Subject? in nil }
    let (byte, double, array) = try await wide.value
    require(byte == 1 && double == 2.5 && array == [3, 4], "of several fields")
    let four = try await vector.value
    require(four == SIMD4(1, 2, 3, 4), "of sixteen bytes")
    require(try await absent.value == nil, "none")
    var asked: LoopTask<Subject>? = createTask { () throws(TaskError) in Subject() }
    var unasked: LoopTask<Subject>? = createTask { () throws(TaskError) in Subject() }
    createTask { () throws(TaskError) in Subject() }
    let failing = createTask { () throws(TaskError) -> Subject in throw .failure(3) }
    let unbegun = createTask { () throws(TaskError) in Subject() }
    unbegun.cancel()
    require(await failing.result.failure == .failure(3), "no result but an error")
    require(await unbegun.result.isCancelled, "nor of one that never began")
    do {
      let one = try await asked?.value
      let other = try await asked?.value
      require(one === other && unasked?.isDone == true, "the same one")
    }
    require(Subject.alive == 2, "held by their tasks")
    asked = nil
    unasked = nil
    require(Subject.alive == 0, "and released with them")
  }

  test("what a task leaves behind is let go when no task is running") { () throws(TaskError) in
    var seen: [AnyLoopTask?] = []
    let task = createTask { () throws(TaskError) in
      let own = currentTask()
      createTask { [mourner = Mourner { seen.append(currentTask()) }] () throws(TaskError) in
        try await sleep(1)
        withExtendedLifetime(mourner) {}
      }
      createTask { () throws(TaskError) in
        try await sleep(1)
        return Mourner { seen.append(currentTask()) }
      }
      try await sleep(2)
      require(own == currentTask(), "and then the next one is")
    }
    try await task.value
    require(seen == [nil, nil], "what it had captured, and its result")
  }

  test("while what a task has captured is let go, it has finished, and its result is there") { () throws(TaskError) in
    var ending: LoopTask<Int>?
    var others: [Int] = []
    let mourner = { (mourned: LoopTask<Int>?) in
      guard let mourned else { return }
      require(currentTask() == nil && mourned.isDone && !mourned.cancel(), "finished")
      forEachTask { require($0 != AnyLoopTask(mourned), "and not among the others") }
      let value = try? run { () throws(TaskError) -> Int in
        try await sleep(1)
        return try await mourned.value
      }
      require(value == 7 && others == [1, 2], "a run, in which the others go on")
      require((try? run(mourned)) == 7, "a run of itself")
    }
    let task = createTask { [mourner = Mourner { mourner(ending) }] () throws(TaskError) -> Int in
      try await sleep(1)
      withExtendedLifetime(mourner) {}
      return 7
    }
    ending = task
    createTask { () throws(TaskError) in
      others.append(1)
      try await sleep(1.5)
      others.append(2)
    }
    require(try await task.value == 7 && others == [1, 2], "awaited by one")
    require(milliseconds() == 2000, "which goes on after that run")
    ending = nil
  }

  test("the runtime can be verified within a task, and nobody else runs meanwhile") { () throws(TaskError) in
    let main = currentTask()
    var ran = 0
    let others = (0..<3).map { _ in createTask { () throws(TaskError) in ran += 1 } }
    verifyRuntime()
    require(currentTask() == main && ran == 0, "nobody")
    try await gather(others)
    require(ran == 3, "but afterwards")
  }

  test("an object may be held by others while it is destroyed, and is destroyed once") { () throws(TaskError) in
    for _ in 0..<2 { Clinging.makeAndDrop() }
    require(Clinging.destroyed == 2 && Clinging.held == nil, "in order")
    try await createTask { () throws(TaskError) in Clinging.makeAndDrop() }.value
    require(Clinging.destroyed == 3, "in a task")
  }

  test("no room at all may be asked for, too") { () throws(TaskError) in
    for size in [0, 1, 0, 40, 0] {
      let sum = withUnsafeTemporaryAllocation(byteCount: size, alignment: 8) { room in
        for index in room.indices { room[index] = 1 }
        return room.reduce(0) { $0 + Int($1) }
      }
      try await sleepMs(1)
      require(sum == size, "as much as was asked for")
    }
    require(milliseconds() == 5, "and the task goes on")
  }

  test("the running task, and those whose runs last, are running; others are not") { () throws(TaskError) in
    func isRunning(_ task: AnyLoopTask?) -> Bool {
      task.map { $0.state.utf8Start[0] == UInt8(ascii: "r") && $0.state.utf8Start[1] == UInt8(ascii: "u") } ?? false
    }
    let main = currentTask()
    let other = createTask { () throws(TaskError) in
      require(isRunning(currentTask()) && !isRunning(main), "itself")
      try await yieldNow()
    }
    require(isRunning(main) && !isRunning(AnyLoopTask(other)), "in its first step")
    try await other.value
    require(isRunning(main) && !isRunning(AnyLoopTask(other)), "after an await")
    for _ in 0..<2 {
      try run { () throws(TaskError) in
        require(isRunning(main) && isRunning(currentTask()), "two of them")
        var count = 0
        forEachTask { _ in count += 1 }
        require(count == 2, "in the list")
      }
      require(isRunning(main), "and back")
    }
    let observer = createTask { () throws(TaskError) in require(!isRunning(main), "ready again") }
    try await yieldNow()
    try await observer.value
  }

  test("nested, it drives the loop while the others advance and the caller stands still") { () throws(TaskError) in
    let main = currentTask()
    let failing = createTask { () throws(TaskError) in
      try await sleep(6)
      throw .failure(1)
    }
    var ticks = 0
    let other = createTask { () throws(TaskError) in
      for _ in 0..<5 {
        try await sleep(1)
        ticks += 1
      }
    }
    try run { () throws(TaskError) in try await sleep(3.5) }
    require(ticks == 3 && milliseconds() == 3500, "the other advanced")
    try await sleep(0)
    try await other.value
    require(
      await errorOf { () throws(TaskError) in try run { () throws(TaskError) in try run(failing) } } == .failure(1),
      "a failing task, two levels down")
    require(currentTask() == main, "and back")
    require(
      await errorOf { () throws(TaskError) in try run(clock: .virtual) { () throws(TaskError) in } }
        == .cannotChangeWhileRunning, "another clock")
  }

  test("what tasks hold is released with them") { () throws(TaskError) in
    do {
      let subject = Subject()
      let tasks = (0..<3).map { n in
        createTask { () throws(TaskError) in
          _ = subject
          if n == 1 { throw .failure(1) }
          try await sleep(n)
          return subject
        }
      }
      _ = try await gatherResults(tasks)
    }
    require(Subject.alive == 0, "nothing is alive")
  }

  test("@LoopActor functions run where all others do") { () throws(TaskError) in
    let task = createTask { () throws(TaskError) in await isolated(20) }
    require(try await task.value == 41, "the value")
  }
}

@LoopActor private func isolated(_ n: Int) async -> Int { await isolatedToo(n) + n }
@LoopActor private func isolatedToo(_ n: Int) async -> Int {
  _ = await errorOf { () throws(TaskError) in try await sleep(1) }
  return n + 1
}

nonisolated(unsafe) private var reported = 0

/// What concerns runs as a whole, and cannot be inside of one.
func wholeRunTests() {
  test("errors that nobody retrieves are reported, others are not") { () throws(TaskError) in
    reported = 0
    setExceptionHandler { _, error in reported += error == .failure(1) ? 1 : 100 }
    createTask { () throws(TaskError) in throw .failure(1) }
    let asked = createTask { () throws(TaskError) in throw .failure(2) }
    let cancelled = createTask { () throws(TaskError) in try await sleep(10) }
    _ = await asked.result
    cancelled.cancel()
    try await sleep(1)
    require(reported == 1, "once")
    setExceptionHandler(nil)
  }

  test("a value can be read again and again") { () throws(TaskError) in
    let pair = createTask { () throws(TaskError) in (1, 2, 3, 4) }
    _ = try await pair.value
    let (_, b, _, d) = try await pair.value
    require(b == 2 && d == 4, "a large value")
  }

  var caught: TaskError?
  do throws(TaskError) {
    try run(clock: .virtual) { () throws(TaskError) in try await Event().wait() }
  } catch { caught = error }
  test("in virtual time a program that can never go on ends with an error") { () throws(TaskError) in
    require(caught == .deadlock, "deadlock")
    var left: AnyLoopTask?
    forEachTask { if $0 != currentTask() { left = $0 } }
    require(left?.cancel() == true, "it is still there, and can be ended")
    try await sleep(0)
  }

  let early = createTask { () throws(TaskError) in
    try await sleep(1)
    return 3
  }
  var value = 0
  do throws(TaskError) { value = try run(early) } catch {}
  test("a task made before run starts with it") { () throws(TaskError) in require(value == 3, "its value") }
}

/// Says when it goes.
/// Holds itself while it is destroyed.
private final class Clinging {
  nonisolated(unsafe) static var held: Clinging?
  nonisolated(unsafe) static var destroyed = 0

  @inline(never)
  static func makeAndDrop() { held = Clinging(); held = nil }

  deinit {
    Clinging.destroyed += 1
    Clinging.held = self
    Clinging.held = nil
  }
}
