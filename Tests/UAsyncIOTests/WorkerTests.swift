import Testing
import UAsyncIO
import UAsyncIOTesting

enum Trace { @TaskLocal static var id = 0 }

/// The Swift task that runs the caller.
@LoopActor
private func nativeIdentity() -> Int { withUnsafeCurrentTask { $0.hashValue } }

/// A task's Swift task may have run other tasks before, and runs others after it. Nobody can tell.
@Suite struct WorkerTests {
  @Test func `workers are used again, at all`() async throws {
    let identities = try await simulate {
      var identities: Set<Int> = []
      for _ in 0..<100 { identities.insert(try await createTask { nativeIdentity() }.value) }
      return identities
    }
    #expect(identities.count == 1)
  }

  @Test func `a body has one Swift task from its beginning to its end, and shares it with none that lives`()
    async throws
  {
    try await simulate {
      let tasks = (0..<50).map { number in
        createTask {
          let mine = nativeIdentity()
          for _ in 0..<5 {
            try await sleepMs(number % 7)
            try require(nativeIdentity() == mine, "the same as before")
          }
          return mine
        }
      }
      try require(Set(try await gather(tasks)).count == 50, "each has another one")
    }
  }

  @Test func `task-local values come from the creator, and none from a body that ran before`() async throws {
    try await simulate {
      for round in 1...10 {
        try await createTask {
          try await Trace.$id.withValue(round) {
            try await yieldNow()
            try require(Trace.id == round, "its own")
            try require(try await createTask { Trace.id }.value == round, "its child's")
          }
        }.value
        try require(try await createTask { Trace.id }.value == 0, "nobody's")
        let grandchild = try await Trace.$id.withValue(-round) {
          createTask {
            try await sleepMs(1)
            return try await createTask { Trace.id }.value
          }
        }.value
        try require(grandchild == -round, "its grandparent's")
      }
    }
  }

  @Test func `task-local values around a run are its tasks', and its callbacks', and no later run's`() async throws {
    try await onLoopThread {
      for id in [3, 0, 4] {
        try Trace.$id.withValue(id) {
          try run(clock: .virtual) {
            try require(Trace.id == id, "main's")
            for _ in 0..<5 {
              let value = Future()
              createTask {
                getEventLoop().callSoon { value.set(Trace.id) }
              }
              // One that has finished goes on with what is ready, and that is the callback.
              createTask {}
              try require(try await value.get() == id, "the callback's")
              try require(try await createTask { Trace.id }.value == id, "the task's")
            }
          }
        }
      }
    }
  }

  @Test func `a task that begins in a run with task-local values has its creator's`() async throws {
    try await onLoopThread {
      let late = try run(clock: .virtual) { createTask { Trace.id } }
      let id = try Trace.$id.withValue(9) { try run(clock: .virtual, late) }
      try require(id == 0, "\(id)")
    }
  }

  @Test func `a native cancellation ends with the body`() async throws {
    try await simulate {
      for _ in 0..<10 {
        try await createTask {
          try require(!Task.isCancelled, "not at its beginning")
          withUnsafeCurrentTask { $0?.cancel() }
          try require(Task.isCancelled, "cancelled")
          try await sleepMs(1)
        }.value
        // One that is cancelled while it is suspended in something that is not ours.
        let foreign = createTask { try await Task.sleep(for: .seconds(1000)) }
        try await sleepMs(1)
        foreign.cancel()
        _ = await foreign.result
        let cancelled = try await gather((0..<5).map { _ in createTask { Task.isCancelled } })
        try require(!cancelled.contains(true), "\(cancelled)")
      }
    }
  }

  @Test func `a priority is the creator's, and one that was raised is nobody else's`() async throws {
    try await simulate {
      let ordinary = Task.currentPriority
      for _ in 0..<5 {
        let raised = try await createTask {
          withUnsafeCurrentTask { $0?.escalatePriority(to: .high) }
          return Task.currentPriority
        }.value
        try require(raised == .high, "raised")
        try require(try await createTask { Task.currentPriority }.value == ordinary, "the next one's")
      }
      let low = try await Task(priority: .low) { @LoopActor in
        try run { [Task.currentPriority, try await createTask { Task.currentPriority }.value] }
      }.value
      try require(low == [.low, .low], "\(low)")
    }
  }

  @Test func `what a body holds is freed when it ends, and its value with the last handle`() async throws {
    try await simulate {
      for waits in [false, true] {
        let census = Census()
        for _ in 0..<5 {
          let captured = Census.Subject(census)
          var task: LoopTask<Census.Subject>? = createTask {
            let local = Census.Subject(census)
            if waits { try await sleepMs(1) }
            return withExtendedLifetime((captured, local)) { Census.Subject(census) }
          }
          _ = consume captured
          _ = try await task!.value
          try require(census.alive == 1, "only the value: \(census.alive)")
          task = nil
          // The loop's own reference goes after the step.
          try await yieldNow()
          try require(census.alive == 0, "nothing: \(census.alive)")
        }
      }
    }
  }

  @Test func `a task that never begins frees what it holds`() async throws {
    let census = Census()
    try await onLoopThread {
      try run(clock: .virtual) {
        for _ in 0..<10 {
          let captured = Census.Subject(census)
          createTask { withExtendedLifetime(captured) {} }
        }
        let cancelled = Census.Subject(census)
        createTask { withExtendedLifetime(cancelled) {} }.cancel()
      }
      try require(census.alive == 11, "they have not begun")
      try newEventLoop()
      try require(census.alive == 0, "\(census.alive) are left")
    }
  }

  @Test func `few workers are kept, and none after a run`() async throws {
    try await onLoopThread {
      for order in [nil, LoopOrder.seeded(1)] {
        let idle = try run(clock: .virtual, order: order) {
          _ = try await gather((0..<2000).map { number in createTask { try await sleepMs(1 + number % 3) } })
          return ControlledRun.idleWorkers
        }
        try require((1...256).contains(idle), "\(idle) are idle")
        try require(ControlledRun.idleWorkers == 0, "\(ControlledRun.idleWorkers) after the run")
      }
    }
  }

  @Test func `thousands of bodies that never wait are run without the stack growing`() async throws {
    try await simulate {
      var begun = 0
      for _ in 0..<20_000 { createTask { begun += 1 } }
      try await yieldNow()
      try require(begun == 20_000, "\(begun)")
      // Each creates the next.
      @LoopActor func chain(_ length: Int) {
        if length > 0 {
          createTask {
            begun -= 1; chain(length - 1)
          }
        }
      }
      chain(20_000)
      try await sleepMs(1)
      try require(begun == 0, "\(begun)")
    }
  }

  @Test func `a run within a body drives on its own`() async throws {
    try await simulate {
      var log: [String] = []
      let beside = createTask { for number in 0..<3 { try await sleepMs(1); log.append("beside \(number)") } }
      let outer = try await createTask {
        try run {
          let children = (0..<3).map { number in
            createTask {
              try await sleepMs(number); return nativeIdentity()
            }
          }
          let identities = Set(try await gather(children) + [nativeIdentity()])
          return try run { try await createTask { identities.count }.value }
        }
      }.value
      try await beside.value
      try require(outer == 4 && log.count == 3, "\(outer) \(log)")
    }
  }

  @Test func `a task that was left behind and comes back leaves its worker to nobody (takes a second of real time)`()
    async throws
  {
    try await onLoopThread {
      let kept = try run(clock: .virtual) {
        let kept = Kept()
        createTask { await withUnsafeContinuation { kept.continuation = $0 } }
        try await sleepMs(1)
        return kept
      }
      let left = try newEventLoop()
      try require(left.count == 1, "left behind: \(left)")
      try run(clock: .virtual) {
        kept.continuation?.resume()
        for _ in 0..<3 {
          let sum = try await gather((0..<20).map { number in createTask { number } }).reduce(0, +)
          try require(sum == 190, "\(sum)")
          try await sleepMs(1)
        }
      }
    }
  }
}

@LoopActor
private final class Kept {
  var continuation: UnsafeContinuation<Void, Never>?
}

/// A value that is awaited.
@LoopActor
private final class Future {
  private let event = Event()
  private var value: Int?

  func set(_ value: Int) {
    self.value = value
    event.set()
  }

  func get() async throws -> Int {
    try await event.wait()
    return value!
  }
}
