import Testing
import UAsyncIO
import UAsyncIOTesting

@Suite struct UnretrievedErrorTests {
  @Test func `an error that nobody retrieves is reported with its task, and stops nothing else`() async throws {
    let log = try await simulate {
      var log: [String] = []
      getEventLoop().setExceptionHandler { context in
        log.append("\(context.task?.name ?? "?") \(context.error) done: \(context.task?.isDone == true)")
        // The handler may use the loop.
        createTask { log.append("from the handler") }
      }
      createTask(name: "failing") { throw Boom(code: 3) }
      let other = createTask {
        try await sleep(2); log.append("other")
      }
      try await sleep(1)
      log.append("at 1 s")
      try await other.value
      return log
    }
    #expect(log == ["failing Boom(code: 3) done: true", "from the handler", "at 1 s", "other"])
  }

  @Test func `errors that somebody retrieves, and cancellations, are not reported`() async throws {
    let reported = try await simulate {
      var reported: [String] = []
      getEventLoop().setExceptionHandler { reported.append("\($0.task?.name ?? "?") \($0.error)") }
      let awaited = createTask { throw Boom() }
      _ = await awaited.result
      let gathered = (0..<3).map { index in
        createTask {
          try await sleep(index); throw Boom(code: index)
        }
      }
      _ = try await gatherResults(gathered)
      let cancelled = createTask { try await sleep(10) }
      try await sleep(1)
      cancelled.cancel()
      _ = try? await waitFor(1) { try await sleep(5) }
      // Retrieved in the turn after the failure.
      let late = createTask { throw Boom() }
      let reader = createTask { await late.result }
      _ = try await reader.value
      try await sleep(1)
      return reported
    }
    #expect(reported == [])
  }

  @Test func `an error is reported even if the run ends with the failure`() async throws {
    try await onLoopThread {
      let messages = Messages()
      try run {
        getEventLoop().setExceptionHandler { messages.add($0.message) }
        createTask(name: "last") { throw Boom() }
        try await sleep(0)
      }
      #expect(messages.all == ["an error in last was never retrieved"])
    }
  }

  @Test func `a handler may resume a task, and run the loop, even at the end of a run`() async throws {
    try await onLoopThread {
      let log = try run(clock: .virtual) {
        let gate = Gate()
        var log: [String] = []
        getEventLoop().setExceptionHandler { _ in
          log.append("handler \(currentTask() == nil)")
          gate.open()
        }
        createTask { throw Boom() }
        let waiting = createTask {
          try await yieldNow(); await gate.wait(); log.append("resumed")
        }
        try await waiting.value
        return log + taskReport().map(\.name)
      }
      #expect(log == ["handler true", "resumed", "task-1"])
      let messages = Messages()
      try run {
        getEventLoop().setExceptionHandler { _ in messages.add((try? run { "nested" }) ?? "refused") }
        createTask { throw Boom() }
        try await sleep(0)
      }
      #expect(messages.all == ["nested"])
    }
  }
}
