import Testing
import UAsyncIO
import UAsyncIOTesting

@Suite struct CancelTests {
  @Test func `a cancelled sleep throws at once, and the task has ended`() async throws {
    let (time, cancelled, again) = try await simulate {
      let task = createTask { try await sleep(100) }
      try await sleep(1)
      try require(task.cancel(), "it was running")
      let result = await task.result
      return (milliseconds(), result.isCancelled, task.cancel())
    }
    #expect(time == 1000)
    #expect(cancelled)
    #expect(!again, "cancelling a finished task has no effect")
  }

  @Test func `cancelled before its first step, a body never runs`() async throws {
    let (ran, cancelled) = try await simulate {
      var ran = false
      let task = createTask { ran = true }
      task.cancel()
      task.cancel()
      let result = await task.result
      return (ran, result.isCancelled)
    }
    #expect(!ran)
    #expect(cancelled)
  }

  @Test func `a task that cancels itself meets it at its next await`() async throws {
    let log = try await simulate {
      var log: [String] = []
      let task = createTask {
        currentTask()!.cancel()
        log.append("goes on")
        log.append(await errorOf { try await sleep(1) })
        log.append(await errorOf { try await sleep(1) })
      }
      try await task.value
      return log + ["\(milliseconds())"]
    }
    #expect(log == ["goes on", "CancellationError", "none", "1000"])
  }

  @Test func `cancelled when woken already but not run, the await throws`() async throws {
    let log = try await simulate {
      var log: [String] = []
      let event = Event()
      let task = createTask { log.append(await errorOf { try await event.wait() }) }
      try await sleep(0)
      event.set()
      task.cancel()
      try await task.value
      return log
    }
    #expect(log == ["CancellationError"])
  }

  @Test func `cancelled twice before it runs, it throws once`() async throws {
    let log = try await simulate {
      var log: [String] = []
      let task = createTask {
        log.append(await errorOf { try await sleep(10) })
        log.append(await errorOf { try await sleep(10) })
      }
      try await sleep(1)
      task.cancel()
      task.cancel()
      try await task.value
      return log + ["\(milliseconds())"]
    }
    #expect(log == ["CancellationError", "none", "11000"])
  }

  @Test func `a task may catch its cancellation, clean up with awaits, and go on`() async throws {
    let (log, value, time) = try await simulate {
      var log: [String] = []
      let task = createTask {
        do {
          try await sleep(100)
        } catch is CancellationError {
          log.append("caught")
          try await sleep(2)
          log.append("cleaned up")
        }
        try await Event.already.wait()
        try await sleep(1)
        return 7
      }
      try await sleep(1)
      task.cancel()
      let value = try await task.value
      return (log, value, milliseconds())
    }
    #expect(log == ["caught", "cleaned up"])
    #expect(value == 7)
    #expect(time == 4000)
  }

  @Test func `cancelling one who awaits a task cancels that task, down the chain`() async throws {
    let log = try await simulate {
      var log: [String] = []
      let inner = createTask { log.append("inner " + (await errorOf { try await sleep(100) })) }
      let middle = createTask { log.append("middle " + (await errorOf { try await inner.value })) }
      let outer = createTask { log.append("outer " + (await errorOf { try await middle.value })) }
      try await sleep(1)
      outer.cancel()
      try await outer.value
      return log
    }
    // The inner one swallowed it, so the others never hear of it.
    #expect(log == ["inner CancellationError", "middle none", "outer none"])
  }

  @Test func `swift's own flag stays untouched`() async throws {
    let flags = try await simulate {
      var flags: [Bool] = []
      let task = createTask {
        try? await sleep(10)
        flags.append(Task.isCancelled)
        try await Task.sleep(for: .milliseconds(1))
        flags.append(Task.isCancelled)
      }
      try await sleep(1)
      task.cancel()
      try await task.value
      return flags
    }
    #expect(flags == [false, false])
  }

  @Test func `every await of a cancelled task ends in any order of tasks`() async throws {
    try await simulateSeeds(0..<1000) {
      let event = Event()
      let tasks = [
        createTask { try await event.wait() },
        createTask { try await sleep(5) },
        createTask {
          for _ in 0..<20 { try await sleep(0) }; try await sleep(.infinity)
        },
        createTask { try await waitFor(100) { try await event.wait() } },
        createTask { _ = try await gather({ try await event.wait() }, { try await sleep(50) }) },
      ]
      try await sleepMs(1)
      for task in tasks { task.cancel() }
      for task in tasks { try require(await task.result.isCancelled, "cancelled") }
      try require(loopTime() < .seconds(1), "nobody waited")
    }
  }
}

extension Event {
  /// An event that is set.
  @LoopActor static var already: Event {
    let event = Event()
    event.set()
    return event
  }

  @Test func `a cancellation that comes back to its sender, and that it does not meet, is the waiter's again`()
    async throws
  {
    try await simulate {
      for limited in [false, true] {
        var waiter: LoopTask<Void>?
        var isOver = false
        let sender = createTask {
          try await sleepMs(10)
          waiter?.cancel()
        }
        let task = createTask {
          if limited {
            try await waitForMs(1000) {
              try await sender.value
              try await Event().wait()
            }
          } else {
            try await sender.value
            isOver = true
          }
        }
        waiter = task
        try require(await task.result.isCancelled && !isOver, "cancelled, limited: \(limited)")
        try require(await sender.result.failure == nil, "the sender has ended as it wanted to")
      }
      try require(milliseconds() == 20, "at once: \(milliseconds())")
    }
  }

  @Test func `a limit still ends what its caller's cancellation did not`() async throws {
    try await simulate {
      let task = createTask {
        try await waitFor(5) {
          try? await sleep(100)
          try await sleep(100)
        }
      }
      try await sleep(1)
      task.cancel()
      try require(await task.result.isCancelled && milliseconds() == 5000, "\(milliseconds())")
    }
  }

  @Test func `those whom nested gathers wait for are cancelled in the order of the gathers`() async throws {
    try await simulate {
      var order: [String] = []
      @LoopActor func sleeper(_ name: String) -> LoopTask<Void> {
        createTask {
          do { try await sleep(100) } catch {
            order.append(name)
            throw error
          }
        }
      }
      let shared = sleeper("shared")
      let own = sleeper("own")
      let last = sleeper("last")
      let inner = createTask { _ = try await gather([own, shared]) }
      let outer = createTask { _ = try await gather([inner, shared, last]) }
      try await sleep(1)
      outer.cancel()
      _ = await outer.result
      try require(order == ["own", "shared", "last"], "\(order)")
    }
  }
}
