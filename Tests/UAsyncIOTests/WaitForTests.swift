import Testing
import UAsyncIO
import UAsyncIOTesting

@Suite struct WaitForTests {
  @Test func `in time it returns the value or throws the error, and leaves no timer`() async throws {
    try await simulate {
      let value = try await waitFor(5) {
        try await sleep(1); return 3
      }
      try require(value == 3 && milliseconds() == 1000, "the value, in its time")
      let ms = try await waitForMs(500) { 4 }
      try require(ms == 4, "milliseconds")
      let whole = 5
      let ints = try await waitFor(whole) { try await waitForMs(whole) { whole } }
      try require(ints == 5, "whole numbers in variables")
      let again = createTask { whole }
      try require(try await waitFor(again, timeout: whole) == 5, "a task, whole seconds")
      try require(try await waitForMs(again, timeout: whole) == 5, "a task, whole milliseconds")
      let duration = try await waitFor(.seconds(1)) { "five" }
      try require(duration == "five", "duration")
      let task = createTask {
        try await sleep(1); return 6
      }
      try require(try await waitFor(task, timeout: 2) == 6, "a task")
      try require(await errorOf { try await waitFor(5) { throw Boom() } } == "Boom", "its error")
      try require(milliseconds() == 2000, "nothing waited for the limits")
    }
  }

  @Test func `too late, the coroutine is cancelled, cleans up, and only then TimeoutError is thrown`() async throws {
    let log = try await simulate {
      var log: [String] = []
      log.append(
        await errorOf {
          try await waitFor(2) {
            do {
              try await sleep(100)
            } catch {
              log.append("\(type(of: error)) at \(milliseconds())")
              try await sleep(1)
              log.append("cleaned up")
              throw error
            }
          }
        })
      return log + ["\(milliseconds())"]
    }
    #expect(log == ["CancellationError at 2000", "cleaned up", "TimeoutError", "3000"])
  }

  @Test func `a limit of zero or less allows one step`() async throws {
    let log = try await simulate {
      var log: [String] = []
      for limit in [0.0, -1.0, -Double.infinity] {
        log.append("\(try await waitFor(limit) { 1 })")
        log.append(
          await errorOf {
            try await waitFor(limit) {
              log.append("step")
              try await sleep(0)
              log.append("second step")
            }
          })
      }
      return log + ["\(milliseconds())"]
    }
    #expect(log == ["1", "step", "TimeoutError", "1", "step", "TimeoutError", "1", "step", "TimeoutError", "0"])
  }

  @Test func `a limit of zero allows one step in any order, also of a body that has captured nothing`() async throws {
    try await simulateSeeds(0..<100) {
      let others = (0..<3).map { _ in createTask { try await yieldNow() } }
      try require(try await waitFor(0) { 1 } == 1, "one step")
      _ = try await gather(others)
    }
  }

  @Test func `an infinite limit is none`() async throws {
    let value = try await simulate {
      try await waitFor(.infinity) {
        try await sleep(1e9); return 1
      }
    }
    #expect(value == 1)
  }

  @Test func `a result that is due in the instant of the limit is not thrown away`() async throws {
    try await simulateSeeds(0..<1000) {
      try require(
        try await waitFor(1) {
          try await sleep(1); return 1
        } == 1, "sleep")
      try require(
        try await waitFor(1) {
          try await waitFor(5) {
            try await sleep(1); return 2
          }
        } == 2, "nested")
      let event = Event()
      let setter = createTask {
        try await sleep(1); event.set()
      }
      let waiter = createTask {
        try await event.wait(); return 3
      }
      try require(try await waitFor(waiter, timeout: 5) == 3, "event")
      try await setter.value
    }
  }

  @Test func `a value returned after a swallowed cancellation is returned`() async throws {
    let value = try await simulate {
      try await waitFor(1) { () async throws -> String in
        do { try await sleep(10) } catch { return "partial" }
        return "whole"
      }
    }
    #expect(value == "partial")
  }

  @Test func `an error thrown while cleaning up is thrown instead of TimeoutError`() async throws {
    let error = try await simulate {
      await errorOf { try await waitFor(1) { do { try await sleep(10) } catch { throw Boom() } } }
    }
    #expect(error == "Boom")
  }

  @Test func `cancelled from outside, it cancels the coroutine, waits for it, and throws`() async throws {
    let log = try await simulate {
      var log: [String] = []
      let task = createTask {
        log.append(
          await errorOf {
            try await waitFor(100) {
              do {
                try await sleep(50)
              } catch {
                log.append("inner \(type(of: error))")
                try await sleep(1)
                log.append("inner done")
              }
            }
          })
        // It was thrown once.
        try await sleep(1)
        log.append("outer went on")
      }
      try await sleep(1)
      task.cancel()
      try await task.value
      return log + ["\(milliseconds())"]
    }
    // The coroutine swallowed its cancellation; the caller's is not swallowed with it.
    #expect(log == ["inner CancellationError", "inner done", "CancellationError", "outer went on", "3000"])
  }

  @Test func `cancelled while the coroutine cleans up after its limit, it still throws CancellationError`() async throws
  {
    let log = try await simulate {
      var log: [String] = []
      let task = createTask {
        try await waitFor(1) {
          do { try await sleep(50) } catch { try await sleep(10); log.append("cleaned up") }
        }
      }
      try await sleep(2)
      task.cancel()
      log.append("\(type(of: await task.result.failure!)) at \(milliseconds())")
      return log
    }
    #expect(log == ["CancellationError at 2000"])
  }

  @Test func `a cancel and the limit in the same instant throw CancellationError, and cancel once`() async throws {
    try await simulateSeeds(0..<1000) {
      var thrown = 0
      let task = createTask {
        try await waitFor(1) {
          do { try await sleep(10) } catch { thrown += 1 }
          do { try await sleep(1) } catch { thrown += 1 }
        }
      }
      createTask {
        try await sleep(1); task.cancel()
      }
      try require(await task.result.isCancelled, "the outside cancel is not swallowed")
      try require(thrown == 1 || thrown == 2, "cancelled")
    }
  }

  @Test func `nothing is lost or left behind at any point of cancellation`() async throws {
    let points = try await onLoopThread {
      try cancelSweep {
        let inner = try? await waitFor(2) {
          try await sleep(1); return 1
        }
        try await sleep(1)
        let late = try? await waitFor(1) {
          try await sleep(5); return 2
        }
        return (inner, late)
      } check: { outcome in
        try require(outcome.leftovers.isEmpty, "\(outcome.leftovers)")
        guard case .success(let (inner, late)) = outcome.result else {
          return try require(outcome.suspension == 2, "who threw")
        }
        try require(late == nil && (inner == 1) == (outcome.suspension > 1), "the values")
      }
    }
    #expect(points >= 6)
  }
}

extension Result where Failure == any Error {
  var failure: (any Error)? {
    if case .failure(let error) = self { error } else { nil }
  }
}
