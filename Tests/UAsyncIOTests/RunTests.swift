import Synchronization
import Testing
import UAsyncIO
import UAsyncIOTesting

@Suite struct RunTests {
  @Test func `run returns the value, throws the error, and can be called again`() async throws {
    try await onLoopThread {
      let five = try run { 5 }
      #expect(five == 5)
      #expect(throws: Boom(code: 1)) { try run { throw Boom(code: 1) } }
      let again = try run(clock: .virtual) {
        try await sleep(1); return "again"
      }
      #expect(again == "again")
    }
  }

  @Test func `tasks left by a run go on with the next one`() async throws {
    try await onLoopThread {
      let task = try run(clock: .virtual) {
        let task = createTask {
          try await sleep(2); return loopTime()
        }
        try await sleep(1)
        return task
      }
      let isDone = try run(clock: .virtual) { task.isDone }
      #expect(!isDone)
      let time = try run(clock: .virtual) { try await task.value }
      #expect(time == .seconds(2))
      let same = try run(task)
      #expect(same == .seconds(2))
    }
  }

  @Test func `a task made before run starts with it, and never without it`() async throws {
    try await onLoopThread {
      let started = Atomic<Bool>(false)
      let flag = UncheckedReference(started)
      createTask { flag.set() }
      #expect(!flag.value)
      try run { try await sleep(0) }
      #expect(flag.value)
    }
  }

  @Test func `nested, it drives the loop while the others advance and the caller stands still`() async throws {
    try await onLoopThread {
      let log = try run(clock: .virtual) {
        var log: [String] = []
        let other = createTask { for n in 0..<3 { try await sleep(1); log.append("other \(n)") } }
        let value = try run {
          try await sleep(2.5); log.append("inner"); return 7
        }
        log.append("outer \(value) \(currentTask()!.name)")
        try await other.value
        // A task, failing; and one more level.
        let failing = createTask { () async throws -> Int in
          try await sleep(1); throw Boom()
        }
        do { _ = try run(failing) } catch { log.append("\(type(of: error))") }
        log.append("\(try run { try run { 9 } })")
        try await sleep(1)
        return log
      }
      #expect(log == ["other 0", "other 1", "inner", "outer 7 task-1", "other 2", "Boom", "9"])
    }
  }

  @Test func `a nested run refuses another clock, and its own task`() async throws {
    try await onLoopThread {
      let errors = try run {
        var errors: [String] = []
        do { try run(clock: .virtual) {} } catch { errors.append("\(error)") }
        let handle = Handle()
        let me = createTask { do { try run(handle.task!) } catch { errors.append("\(error)") } }
        handle.task = me
        try await me.value
        do { try newEventLoop() } catch { errors.append("\(error)") }
        return errors
      }
      #expect(errors.count == 3)
      #expect(errors[0].contains("another clock"))
      #expect(errors[1].contains("wait for its own end"))
      #expect(errors[2].contains("is running"))
    }
  }

  @Test func `from a second thread while one is running, run is refused`() async throws {
    let error = try await onLoopThread {
      try run {
        await Task.detached { () -> String in
          do {
            try run {}
            return "none"
          } catch {
            return "\(error)"
          }
        }.value
      }
    }
    #expect(error.contains("another thread"))
  }

  @Test func `in virtual time a deadlock is an error that names who waits for what`() async throws {
    do {
      try await simulate(forbidden: []) {
        let event = Event()
        let waiter = createTask(name: "waiter") { try await event.wait() }
        let late = createTask(name: "late") { try await waitFor(waiter, timeout: .infinity) }
        _ = try await gather(waiter, late)
      }
      Issue.record("no deadlock")
    } catch let deadlock as DeadlockError {
      let lines = deadlock.tasks.map(\.description)
      #expect(
        lines == [
          "main: waiting for waiter, late", "waiter: waiting for an event", "late: waiting for waiter, without limit",
        ])
    }
  }

  @Test func `a fresh loop ends every task, runs every defer, and releases everything`() async throws {
    try await onLoopThread {
      let census = Census()
      let deferred = try run(clock: .virtual) {
        let log = Log()
        let event = Event()
        @LoopActor func leave(_ body: @escaping @LoopActor () async throws -> Void) {
          createTask {
            let subject = Census.Subject(census)
            defer { log.count += 1; withExtendedLifetime(subject) {} }
            try await body()
          }
        }
        leave { try await sleep(100) }
        leave { try await event.wait() }
        leave { try await waitFor(50) { try await event.wait() } }
        leave { _ = try await gather({ try await sleep(10) }, { try await event.wait() }) }
        leave { while true { try? await sleep(1); if log.count > 3 { return } } }
        leave { for _ in 0..<5 { try? await event.wait() } }
        leave { try await Task.sleep(for: .seconds(3600)) }
        let first = createTask { try await sleep(100) }
        leave { try await first.value }
        try await sleep(1)
        leave { throw Broken(description: "never begun") }
        return log
      }
      #expect(census.alive == 8)
      let leftBehind = try newEventLoop()
      #expect(leftBehind == [])
      #expect(census.alive == 0)
      #expect(deferred.count == 8)
      let (time, name, count) = try run(clock: .virtual) { (loopTime(), currentTask()!.name, taskReport().count) }
      #expect(time == .zero && name == "task-1" && count == 1)
    }
  }

  @Test func `a task that will not end is left behind and named`() async throws {
    try await onLoopThread {
      try run(clock: .virtual) {
        createTask(name: "stubborn") { while true { try? await sleep(1) } }
        createTask(name: "willing") { for _ in 0..<50 { try? await sleep(1) } }
        try await sleep(1)
      }
      let leftBehind = try newEventLoop()
      #expect(leftBehind == ["stubborn"])
      let names = try run { taskReport().map(\.name) }
      #expect(names == ["task-1"])
    }
  }
}

final class Handle {
  var task: LoopTask<Void>?
}

final class Log {
  var count = 0
}

final class UncheckedReference: Sendable {
  private let flag: Atomic<Bool>
  init(_ flag: consuming Atomic<Bool>) { self.flag = flag }
  var value: Bool { flag.load(ordering: .relaxed) }
  func set() { flag.store(true, ordering: .relaxed) }
}
