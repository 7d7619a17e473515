import Testing
import UAsyncIO
import UAsyncIOTesting

@Suite struct EventTests {
  @Test func `set wakes all who wait, in the order in which they came`() async throws {
    let log = try await simulate {
      var log: [String] = []
      let event = Event()
      let tasks = (0..<4).map { index in
        createTask {
          try await event.wait(); log.append("\(index)")
        }
      }
      try await sleep(1)
      log.append("\(event.isSet)")
      event.set()
      log.append("\(event.isSet)")
      _ = try await gather(tasks)
      return log
    }
    #expect(log == ["false", "true", "0", "1", "2", "3"])
  }

  @Test func `waiting for an event that is set does not suspend`() async throws {
    let log = try await simulate {
      var log: [String] = []
      let event = Event.already
      let other = createTask { log.append("other") }
      try await event.wait()
      log.append("main")
      try await other.value
      return log
    }
    #expect(log == ["main", "other"])
  }

  @Test func `those whom set has woken stay woken when it is cleared`() async throws {
    let woken = try await simulate {
      var woken = 0
      let event = Event()
      let tasks = (0..<3).map { _ in
        createTask {
          try await event.wait(); woken += 1
        }
      }
      try await sleep(1)
      event.set()
      event.clear()
      _ = try await gather(tasks)
      let late = createTask {
        try await event.wait(); woken += 1
      }
      try await sleep(1)
      late.cancel()
      _ = await late.result
      return woken
    }
    #expect(woken == 3)
  }

  @Test func `a waiter that leaves, wherever in the queue, leaves the others in order`() async throws {
    for leaving in 0..<5 {
      let log = try await simulate {
        var log: [Int] = []
        let event = Event()
        let tasks = (0..<5).map { index in
          createTask {
            try await event.wait(); log.append(index)
          }
        }
        try await sleep(1)
        tasks[leaving].cancel()
        event.set()
        _ = try await gatherResults(tasks)
        return log
      }
      #expect(log == (0..<5).filter { $0 != leaving })
    }
  }

  @Test func `no wake-up is lost at any point of cancellation`() async throws {
    let points = try await onLoopThread {
      try cancelSweep {
        let event = Event()
        createTask {
          try await sleep(1); event.set()
        }
        let other = createTask {
          try await event.wait(); return 1
        }
        try await event.wait()
        try await sleep(1)
        return try await other.value
      } check: { outcome in
        try require(outcome.result.isCancelled, "cancelled")
        try require(
          outcome.leftovers.allSatisfy { $0.waitsFor != "waiting for an event" || outcome.suspension == 1 }, "woken")
      }
    }
    #expect(points == 4)
  }

  @Test func `an event set from another thread wakes the loop`() async throws {
    // Real time: as long as a thread takes.
    let done = try await onLoopThread {
      try run {
        let event = Event()
        Task.detached { await event.set() }
        try await waitFor(10) { try await event.wait() }
        return event.isSet
      }
    }
    #expect(done)
  }
}
