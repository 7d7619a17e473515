import Testing
import UAsyncIO
import UAsyncIOTesting

@Suite struct CallbackTests {
  @Test func `callbacks are called when they are due, in the order in which they were asked for`() async throws {
    try await simulate {
      let loop = getEventLoop()
      var log: [String] = []
      loop.callLater(.seconds(2)) { log.append("two \(milliseconds())") }
      loop.callAt(.seconds(1)) { log.append("one \(milliseconds())") }
      try loop.callLater(1.0) { log.append("also one") }
      loop.callSoon { log.append("soon") }
      createTask { log.append("task") }
      loop.callSoon { log.append("then") }
      try await sleep(3)
      try require(log == ["soon", "task", "then", "one 1000", "also one", "two 2000"], "\(log)")
    }
  }

  @Test func `a cancelled callback is not called, and lets go of what it holds`() async throws {
    let census = Census()
    try await simulate {
      let loop = getEventLoop()
      var handles: [TimerHandle] = []
      for delay in 0..<4 {
        let subject = Census.Subject(census)
        let body: @LoopActor () -> Void = { withExtendedLifetime(subject) { _ = Issue.record("called") } }
        handles.append(delay == 0 ? loop.callSoon(body) : loop.callLater(.seconds(delay), body))
      }
      try require(handles[0].when == nil && handles[2].when == .seconds(2), "when")
      for handle in handles {
        try require(handle.isPending && handle.cancel() && !handle.cancel() && !handle.isPending, "once")
      }
      try require(census.alive == 0, "\(census.alive) are held")
      try await sleep(5)
      let late = loop.callSoon {}
      try await yieldNow()
      try require(!late.isPending && !late.cancel(), "too late")
    }
  }

  @Test func `a callback may do what a task's step may do`() async throws {
    try await simulate {
      let event = Event()
      var isTask: Bool?
      getEventLoop().callLater(.seconds(1)) {
        isTask = currentTask() != nil
        event.set()
        createTask { try await sleep(1) }
      }
      try await event.wait()
      try require(milliseconds() == 1000 && isTask == false, "no task runs it")
      let nested = Event()
      getEventLoop().callSoon {
        _ = try? run { try await sleep(1) }
        nested.set()
      }
      try await nested.wait()
      try require(milliseconds() == 2000, "a nested run")
      try await sleep(1)
    }
  }

  @Test func `a fresh loop forgets its callbacks`() async throws {
    let census = Census()
    try await onLoopThread {
      try run {
        for delay in 0..<3 {
          let subject = Census.Subject(census)
          getEventLoop().callLater(.seconds(delay)) { withExtendedLifetime(subject) { _ = Issue.record("called") } }
        }
        let subject = Census.Subject(census)
        getEventLoop().callSoon { withExtendedLifetime(subject) { _ = Issue.record("called") } }
      }
      try newEventLoop()
      try require(census.alive == 0, "\(census.alive)")
    }
  }

  @Test func `callbacks that a fresh loop drops may cancel each other as they go`() async throws {
    let census = Census()
    try await onLoopThread {
      try run {
        for _ in 0..<50 {
          let owner = TimerOwner()
          getEventLoop().callLater(.seconds(1)) { withExtendedLifetime(owner) {} }
          for _ in 0..<10 {
            let subject = Census.Subject(census)
            owner.handles.append(getEventLoop().callLater(.seconds(2)) { withExtendedLifetime(subject) {} })
          }
        }
      }
      try newEventLoop()
      try require(census.alive == 0, "\(census.alive)")
    }
  }

  @Test func `in a seeded order callbacks come in any order among the tasks`() async throws {
    var orders: Set<String> = []
    for seed in 0..<50 {
      orders.insert(
        try await simulate(order: .seeded(UInt64(seed))) {
          var log = ""
          for name in ["a", "b"] {
            createTask { log += name }
            getEventLoop().callSoon { log += name.uppercased() }
          }
          try await sleep(1)
          return log
        })
    }
    #expect(orders.count > 10)
    #expect(
      try await trace {
        getEventLoop().callSoon {}; try await yieldNow()
      }.map(\.task).contains("a callback"))
  }
}

/// Cancels its timers when it goes.
@LoopActor
private final class TimerOwner {
  var handles: [TimerHandle] = []
  isolated deinit { for handle in handles { handle.cancel() } }
}

@Suite struct LoopTests {
  @Test func `a loop that runs for ever goes on until it is stopped`() async throws {
    try await onLoopThread {
      let loop = getEventLoop()
      nonisolated(unsafe) var ticks = 0
      createTask {
        while true {
          try await sleep(1)
          ticks += 1
          if ticks % 3 == 0 { loop.stop() }
        }
      }
      try loop.runForever(clock: .virtual)
      try require(ticks == 3, "\(ticks)")
      try loop.runForever(clock: .virtual)
      try require(ticks == 6 && !loop.isRunning, "it goes on where it was: \(ticks)")
      try run(clock: .virtual) {
        try require(loop.isRunning, "running")
        getEventLoop().callLater(.seconds(10)) { loop.stop() }
        try loop.runForever()
        try require(ticks > 6, "nested")
        loop.stop()
      }
      try loop.close()
      try require(try run { allTasks().count } == 1, "closed: only the new one")
    }
  }

  @Test func `a loop that runs for ever with nothing to do is a deadlock in virtual time`() async throws {
    try await onLoopThread {
      do {
        try getEventLoop().runForever(clock: .virtual)
        try require(false, "it throws")
      } catch is DeadlockError {}
    }
  }

  @Test func `all tasks are there, by their names, in the order of creation`() async throws {
    try await simulate {
      let second = createTask(name: "second") { try await sleep(1) }
      let third = createTask { try await sleep(1) }
      third.name = "third"
      try require(allTasks().map(\.name) == ["main", "second", "third"], "\(allTasks().map(\.name))")
      second.cancel()
      _ = await second.result
      try require(allTasks() == [currentTask(), AnyLoopTask(third)], "finished ones are gone")
      currentTask()?.name = "first"
      try require(currentTask()?.name == "first", "renamed")
      _ = await third.result
    }
  }

  @Test func `exception handlers are set, read, called and left to the default`() async throws {
    try await simulate {
      let loop = getEventLoop()
      try require(loop.exceptionHandler == nil, "none")
      var log: [String] = []
      loop.setExceptionHandler { log.append("\($0.message): \($0.error) \($0.task == nil)") }
      loop.callExceptionHandler(ExceptionContext(message: "by hand", error: Boom()))
      loop.exceptionHandler?(ExceptionContext(message: "read", error: Boom(), task: currentTask()))
      try require(log == ["by hand: Boom(code: 0) true", "read: Boom(code: 0) false"], "\(log)")
      loop.setExceptionHandler(nil)
      try require(loop.exceptionHandler == nil, "none again")
    }
  }

  @Test func `a task that stands still in a nested run is one of all tasks, and is not shut down`() async throws {
    try await simulate {
      let other = createTask(name: "other") { try await sleep(1) }
      try run {
        currentTask()?.name = "inner"
        try require(allTasks().map(\.name) == ["main", "other", "inner"], "\(allTasks().map(\.name))")
        let statistics = getEventLoop().statistics
        try require(statistics.tasks == 3 && statistics.ready == 2, "\(statistics)")
        try await yieldNow()
        try require(
          taskReport().map(\.waitsFor).first == "standing still while a run inside it lasts", "\(taskReport())")
        try require(await shutDown(grace: .seconds(5)).isEmpty, "nothing is left")
      }
      try require(other.isDone && allTasks().map(\.name) == ["main"], "\(allTasks().map(\.name))")
      try await yieldNow()
    }
  }

  @Test func `statistics count tasks, timers and steps, and keep the high-water marks`() async throws {
    try await simulate {
      let loop = getEventLoop()
      let event = Event()
      let tasks =
        (0..<5).map { n in createTask { try await sleep(1 + n) } }
        + (0..<3).map { _ in createTask { try await event.wait() } }
      loop.callLater(.seconds(1)) {}
      try await sleep(0.5)
      var statistics = loop.statistics
      try require(statistics.tasks == 9 && statistics.timers == 6 && statistics.waiting == 3, "\(statistics)")
      try require(statistics.ready == 1 && statistics.elsewhere == 0 && statistics.created == 9, "\(statistics)")
      event.set()
      _ = try await gather(tasks)
      statistics = loop.statistics
      try require(statistics.tasks == 1 && statistics.timers == 0 && statistics.waiting == 0, "\(statistics)")
      try require(statistics.tasksHighWaterMark == 9 && statistics.timersHighWaterMark == 7, "\(statistics)")
      // Main's four steps (one more would be a wake-up too many), two for each of the others, and the callback.
      try require(statistics.steps == 3 + 2 * 8 + 1 && statistics.turns > 0, "\(statistics)")
      try require(statistics.longestStep == nil, "not measured")
    }
  }

  @Test func `a fresh loop measures no steps until it is asked to`() async throws {
    try await onLoopThread {
      try run { getEventLoop().measureSteps(true) }
      try newEventLoop()
      try run {
        for _ in 0..<3 { try await yieldNow() }
        try require(getEventLoop().statistics.longestStep == nil, "it measures")
      }
    }
  }

  @Test func `the longest step is known, and whose it was`() async throws {
    try await simulate {
      let loop = getEventLoop()
      loop.measureSteps(true)
      let slow = createTask(name: "slow") {
        let clock = ContinuousClock()
        let end = clock.now + .milliseconds(20)
        while clock.now < end {}
      }
      try await slow.value
      try await yieldNow()
      let longest = loop.statistics.longestStep
      try require(longest?.task == "slow", "\(String(describing: longest))")
      try require(longest.map { $0.duration >= .milliseconds(20) } == true, "at least what it took")
      loop.measureSteps(false)
      try await yieldNow()
      try require(loop.statistics.longestStep == nil, "not measured any more")
    }
  }
}

@Suite struct DoneCallbackTests {
  @Test func `functions are called when the task has finished, in the order in which they were added`() async throws {
    try await simulate {
      var log: [String] = []
      let task = createTask { () async throws -> Int in
        try await sleep(1)
        return 7
      }
      task.addDoneCallback { log.append("first \((try? $0.resultIfDone?.get()) ?? 0)") }
      task.addDoneCallback { _ in log.append("second") }
      try require(task.resultIfDone == nil, "not yet")
      _ = try await task.value
      log.append("joiner")
      task.addDoneCallback { _ in log.append("late") }
      try await yieldNow()
      try require(log.filter { $0 != "joiner" } == ["first 7", "second", "late"], "\(log)")
      let cancelled = createTask { try await sleep(100) }
      cancelled.addDoneCallback { log.append("cancelled \($0.resultIfDone?.isCancelled == true)") }
      cancelled.cancel()
      try await sleep(1)
      try require(log.last == "cancelled true", "\(log)")
    }
  }

  @Test func `an error is reported once, however many functions do not ask for it`() async throws {
    try await simulate {
      var reported: [String] = []
      getEventLoop().setExceptionHandler { reported.append("\($0.error)") }
      let task = createTask { throw Boom(code: 1) }
      task.addDoneCallback { _ in }
      task.addDoneCallback { _ in }
      try await sleep(1)
      task.addDoneCallback { _ in }
      try await sleep(1)
      try require(reported == ["Boom(code: 1)"], "\(reported)")
    }
  }

  @Test func `a function that a fresh loop drops leaves nothing of its task`() async throws {
    let census = Census()
    try await onLoopThread {
      try run {
        let task = createTask { Census.Subject(census) }
        task.addDoneCallback { _ in Issue.record("called") }
        try await yieldNow()
        try require(task.isDone, "its turn has not come")
      }
      try newEventLoop()
      try require(census.alive == 0, "\(census.alive)")
    }
  }

  @Test func `an error is reported unless a function asks for it`() async throws {
    try await simulate {
      var reported: [String] = []
      getEventLoop().setExceptionHandler { reported.append("\($0.error)") }
      for code in 1...2 {
        let task = createTask { throw Boom(code: code) }
        task.addDoneCallback { task in if code == 1 { _ = task.resultIfDone } }
        try await sleep(1)
      }
      try require(reported == ["Boom(code: 2)"], "\(reported)")
    }
  }
}
