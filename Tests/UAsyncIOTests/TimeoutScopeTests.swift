import Testing
import UAsyncIO
import UAsyncIOTesting

@Suite struct TimeoutScopeTests {
  @Test func `a scope throws when its limit has passed, and its body has ended`() async throws {
    try await simulate {
      var cleanedUp = false
      var inner: TimeoutScope?
      let error = await errorOf {
        try await withTimeout(.seconds(1)) { scope in
          inner = scope
          defer { cleanedUp = true }
          try await sleep(100)
        }
      }
      try require(error == "TimeoutError" && cleanedUp && milliseconds() == 1000, error)
      try require(inner?.hasExpired == true, "expired")
      let value = try await withTimeout(2.5) { scope in
        try await sleep(2)
        return scope.hasExpired ? 0 : 7
      }
      try require(value == 7 && milliseconds() == 3000, "in time")
      let at = await errorOf { try await withDeadline(.seconds(4)) { _ in try await sleep(100) } }
      try require(at == "TimeoutError" && milliseconds() == 4000, "at a time")
    }
  }

  @Test func `a limit can be read, moved in both directions, and removed`() async throws {
    try await simulate {
      let value = try await withTimeout(.seconds(1)) { scope in
        try require(scope.deadline == .seconds(1), "read")
        scope.deadline = .seconds(10)
        try await sleep(5)
        scope.deadline = nil
        try await sleep(100)
        try require(scope.deadline == nil, "none")
        return 1
      }
      try require(value == 1 && milliseconds() == 105_000, "moved and removed")
      let error = await errorOf {
        try await withDeadline(nil) { scope in
          createTask {
            try await sleep(1)
            scope.deadline = loopTime() + .seconds(1)
          }
          try await sleep(1000)
        }
      }
      try require(error == "TimeoutError" && milliseconds() == 107_000, "set from another task: \(milliseconds())")
      let past = await errorOf {
        try await withTimeout(.seconds(100)) { scope in
          scope.deadline = .zero
          try await sleep(50)
        }
      }
      try require(past == "TimeoutError" && milliseconds() == 107_000, "a time that has passed")
    }
  }

  @Test func `the scope whose limit passed throws, and the others have not expired`() async throws {
    try await simulate {
      var scopes: [TimeoutScope] = []
      let inner = try await withTimeout(.seconds(10)) { outer in
        scopes.append(outer)
        return await errorOf {
          try await withTimeout(.seconds(1)) { inner in
            scopes.append(inner)
            try await sleep(100)
          }
        }
      }
      try require(inner == "TimeoutError" && scopes.map(\.hasExpired) == [false, true], "the inner one")
      scopes = []
      let outer: Int? = try await moveOn(after: .seconds(1)) { outer in
        scopes.append(outer)
        return try await moveOn(after: .seconds(10)) { inner in
          scopes.append(inner)
          try await sleep(100)
          return 1
        } ?? 2
      }
      try require(outer == nil && scopes.map(\.hasExpired) == [true, false], "the outer one")
    }
  }

  @Test func `a body that is still cleaning up after its own limit is ended by an outer one`() async throws {
    try await simulate {
      var scopes: [TimeoutScope] = []
      let error = await errorOf {
        try await withTimeout(.seconds(2)) { outer in
          scopes.append(outer)
          try await withTimeout(.seconds(1)) { inner in
            scopes.append(inner)
            do { try await sleep(100) } catch { try await sleep(100) }
          }
        }
      }
      try require(error == "TimeoutError" && scopes.map(\.hasExpired) == [true, true], error)
      try require(milliseconds() == 2000, "\(milliseconds())")
    }
  }

  @Test func `moving on gives nil for its own limit only`() async throws {
    try await simulate {
      let none: Int? = try await moveOn(after: .seconds(1)) { _ in
        try await sleep(100)
        return 1
      }
      try require(none == nil && milliseconds() == 1000, "its own")
      let some: Int? = try await moveOn(after: 10) { _ in 3 }
      try require(some == 3, "in time")
      let error = await errorOf {
        _ = try await moveOn(at: .seconds(100)) { _ in try await waitFor(1) { try await sleep(50) } }
      }
      try require(error == "TimeoutError" && milliseconds() == 2000, "another's is an error")
      let swallowed: Int? = try await moveOn(after: 1) { scope in
        try? await sleep(100)
        return scope.hasExpired ? 4 : 0
      }
      try require(swallowed == 4, "a value that comes all the same")
    }
  }

  @Test func `a cancellation from outside is not taken for the limit`() async throws {
    for order in [LoopOrder.fifo, .seeded(1), .seeded(2), .seeded(3)] {
      try await simulate(order: order) {
        for moment in [0.5, 1.0, 1.5] {
          let task = createTask { () async throws -> Int? in
            try await moveOn(after: 1) { _ in
              do { try await sleep(100) } catch { try await sleep(1) }
              return 1
            }
          }
          try await sleep(moment)
          task.cancel()
          try require(await task.result.isCancelled, "cancelled at \(moment)")
        }
      }
    }
  }

  @Test func `moving a limit after the end changes nothing`() async throws {
    try await simulate {
      let scope = try await withTimeout(.seconds(1)) { $0 }
      scope.deadline = .zero
      try await sleep(1)
      try require(!scope.hasExpired, "over")
      try require(await errorOf { try await withTimeout(.nan) { _ in } } == "LoopError", "not a number")
    }
  }

  @Test func `nothing is left behind wherever the one under a limit is cancelled`() async throws {
    try await onLoopThread {
      let points = try cancelSweep {
        let task = createTask {
          try await withTimeout(.seconds(3)) { scope in
            try await sleep(1)
            scope.deadline = loopTime() + .seconds(1)
            _ = try await moveOn(after: 0.5) { _ in try await sleep(100) }
            try await sleep(0.1)
          }
        }
        try await task.value
      } check: { outcome in
        try require(outcome.leftovers.isEmpty && outcome.result.isCancelled, "\(outcome)")
      }
      try require(points == 2, "the one suspension of main: \(points)")
    }
  }
}
