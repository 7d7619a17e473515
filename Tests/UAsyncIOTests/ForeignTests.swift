import Synchronization
import Testing
import UAsyncIO
import UAsyncIOTesting

/// An actor that is not ours.
actor Elsewhere {
  private(set) var count = 0
  func work() -> Int {
    count += 1
    return count
  }
}

/// An async function that nothing isolates: it runs wherever its caller's task runs such functions.
@concurrent func unannotated() async throws -> Int {
  try await sleepMs(1)
  return 1
}

@Suite struct ForeignTests {
  @Test func `other actors, detached tasks, groups and async let work inside a coroutine`() async throws {
    try await simulate {
      let elsewhere = Elsewhere()
      for expected in 1...20 { try require(await elsewhere.work() == expected, "an actor") }
      try require(await Task.detached { 5 }.value == 5, "a detached task")
      async let one = doubled(1)
      async let two = doubled(2)
      let sum = try await one + two
      try require(sum == 6, "async let")
      let total = try await withThrowingTaskGroup(of: Int.self) { group in
        for index in 0..<10 { group.addTask { try await doubled(index) } }
        var total = 0
        while let number = try await group.next() { total += number }
        return total
      }
      try require(total == 90, "a group")
      try require(try await unannotated() == 1, "code that nothing isolates")
      try require(currentTask()?.name == "main", "still the same task")
    }
  }

  @Test func `native children keep to the virtual clock, and to its order`() async throws {
    for _ in 0..<50 {
      let log = try await simulate {
        let log = Messages()
        let timer = createTask {
          try await sleep(5); log.add("timer \(milliseconds())")
        }
        async let child: Void = { @LoopActor in
          try await sleep(1); log.add("child \(milliseconds())")
        }()
        try await child
        try await timer.value
        return log.all
      }
      #expect(log == ["child 1000", "timer 5000"])
    }
  }

  @Test func `time limits work around what is not ours`() async throws {
    try await simulate {
      // Real time: as long as it takes to be cancelled; the clock jumps after the silence.
      try require(
        await errorOf { try await waitFor(1) { try await Task.sleep(for: .seconds(3600)) } } == "TimeoutError",
        "Task.sleep")
      let group = await errorOf {
        try await waitFor(1) {
          try await withThrowingTaskGroup(of: Void.self) { group in
            group.addTask { try await Task.sleep(for: .seconds(3600)) }
            group.addTask { try await sleep(3600) }
            try await group.waitForAll()
          }
        }
      }
      try require(group == "TimeoutError", "a group: \(group)")
      let letting = await errorOf {
        try await waitFor(1) {
          async let nap: Void = sleep(3600); try await nap
        }
      }
      try require(letting == "TimeoutError", "async let: \(letting)")
      // The flag died with the inner task: what follows is not cancelled.
      try await Task.sleep(for: .milliseconds(1))
      try await sleep(1)
      try require(!Task.isCancelled, "the caller's own task is untouched")
    }
  }

  @Test func `a native cancellation reaches our awaits, in guests`() async throws {
    let outcomes = try await simulate {
      let event = Event()
      let log = Messages()
      let awaited = createTask(name: "awaited") { try await sleep(3600) }
      let guests: [@LoopActor @Sendable () async throws -> Void] = [
        { try await sleep(3600) }, { try await event.wait() }, { try await awaited.value },
        { try await waitFor(3600) { try await event.wait() } },
        { _ = try await gather({ try await event.wait() }, { try await sleep(3600) }) },
      ]
      let natives = guests.map { guest in
        Task { @LoopActor in
          do { try await guest(); log.add("none") } catch { log.add("\(type(of: error))") }
          do { try await sleep(1); log.add("none") } catch { log.add("\(type(of: error))") }
        }
      }
      try await sleep(1)
      for native in natives { native.cancel() }
      for native in natives { await native.value }
      return log.all + ["\(awaited.isDone)"]
    }
    #expect(outcomes == Array(repeating: "CancellationError", count: 10) + ["true"])
  }

  @Test func `cancelled while elsewhere, what nothing surfaced is thrown by our next await, once`() async throws {
    let log = try await simulate {
      var log: [String] = []
      let gate = Gate()
      let task = createTask {
        await gate.wait()  // deaf to cancellation
        log.append("back, cancelled: \(Task.isCancelled)")
        log.append(await errorOf { try await sleep(1) })
        log.append(await errorOf { try await sleep(1) })
      }
      try await sleep(1)
      task.cancel()
      gate.open()
      try await task.value
      return log
    }
    #expect(log == ["back, cancelled: true", "CancellationError", "none"])
  }

  @Test func `a cancellation that no await of ours has met reaches the foreign one that follows`() async throws {
    let error = try await simulate {
      let task = createTask {
        currentTask()!.cancel()
        try await Task.sleep(for: .seconds(3600))
      }
      return await errorOf { try await task.value }
    }
    #expect(error == "CancellationError")
  }

  @Test func `our primitives called from other actors wait and are cancelled like everywhere`() async throws {
    let result = try await onLoopThread {
      try run {
        let event = Event()
        let waiting = Task.detached { () -> String in
          do {
            try await sleepMs(1)
            try await waitFor(10) { try await event.wait() }
            return "woken"
          } catch {
            return "\(type(of: error))"
          }
        }
        let cancelled = Task.detached { () -> String in
          do {
            try await sleep(3600)
            return "woken"
          } catch {
            return "\(type(of: error))"
          }
        }
        try await sleepMs(2)
        event.set()
        cancelled.cancel()
        return [await waiting.value, await cancelled.value]
      }
    }
    #expect(result == ["woken", "CancellationError"])
  }

  @Test func `resume storms from eight threads lose nothing`() async throws {
    let (resumed, spawned) = try await onLoopThread {
      try run {
        var resumed = 0
        let tasks = (0..<8).map { _ in
          createTask {
            for _ in 0..<500 {
              await Task.detached {}.value
              resumed += 1
            }
          }
        }
        let counter = Messages()
        let senders = (0..<8).map { _ in
          Task.detached {
            for _ in 0..<200 { createTask { counter.add("") } }
            for _ in 0..<200 { await Task { @LoopActor in counter.add("") }.value }
          }
        }
        _ = try await gather(tasks)
        for sender in senders { await sender.value }
        try await sleepMs(1)
        return (resumed, counter.all.count)
      }
    }
    #expect(resumed == 4000)
    #expect(spawned == 3200)
  }

  @Test func `cancellations from other threads race with wake-ups and nothing hangs`() async throws {
    let count = try await onLoopThread {
      try run {
        var ended = 0
        for round in 0..<300 {
          let event = Event()
          let native = Task { @LoopActor in
            do { try await event.wait() } catch {}
            do { try await sleep(0) } catch {}
          }
          let canceller = Task.detached { native.cancel() }
          if round.isMultiple(of: 2) { try await sleep(0) }
          event.set()
          await native.value
          await canceller.value
          ended += 1
        }
        return ended
      }
    }
    #expect(count == 300)
  }
}

@LoopActor func doubled(_ number: Int) async throws -> Int {
  try await sleep(1)
  return 2 * number
}

/// Lines that any isolation can add to.
final class Messages: Sendable {
  private let lines = Locked<[String]>([])
  func add(_ line: String) { lines.withLock { $0.append(line) } }
  var all: [String] { lines.withLock { $0 } }
}

/// Something to wait for that is not ours, and that no cancellation ends.
final class Gate: Sendable {
  private let state = Locked<(isOpen: Bool, waiter: CheckedContinuation<Void, Never>?)>((false, nil))

  func wait() async {
    await withCheckedContinuation { continuation in
      let isOpen = state.withLock { state in
        if !state.isOpen { state.waiter = continuation }
        return state.isOpen
      }
      if isOpen { continuation.resume() }
    }
  }

  func open() {
    let waiter = state.withLock { state in
      state.isOpen = true
      defer { state.waiter = nil }
      return state.waiter
    }
    waiter?.resume()
  }
}

@Suite struct VirtualTimeAndThreadsTests {
  @Test func `a deadlock is not declared while another thread is about to help`() async throws {
    // The silence is as long as a busy machine may need to begin a task; where the task is quick, so is the test.
    for _ in 0..<20 {
      try await simulate(silence: .seconds(30)) {
        let event = Event()
        Task.detached { await event.set() }
        try await event.wait()
      }
    }
  }

  @Test func `a job that comes back after its loop was ended finds its way, and its task its end`() async throws {
    let gate = Gate()
    let (left, log) = try await onLoopThread {
      let log = Messages()
      try run(clock: .virtual) {
        createTask(name: "deaf") {
          await gate.wait()
          log.add("back")
          do { try await sleep(1); log.add("slept") } catch { log.add("\(type(of: error))") }
        }
        try await sleep(0)
      }
      // Real time: a second, for what is deaf to its cancellation.
      let left = try newEventLoop()
      gate.open()
      try run { while log.all.count < 2, loopTime() < .seconds(20) { try await sleepMs(1) } }
      return (left, log.all)
    }
    #expect(left == ["deaf"])
    #expect(log == ["back", "CancellationError"])
  }

  @Test func `a native task does not miss what comes just before it waits for it`() async throws {
    try await simulate {
      for round in 0..<4000 {
        let isComing = Atomic<Bool>(false)
        let flag = ThreadSafeFlag()
        let gate = Event()
        let task = createTask(name: "awaited") { try await gate.wait() }
        let waitsForFlag = round % 2 == 0
        let native = Task.detached {
          isComing.store(true, ordering: .releasing)
          if waitsForFlag { try await flag.wait() } else { try await task.value }
        }
        while !isComing.load(ordering: .acquiring) { try await yieldNow() }
        for _ in 0..<round % 50 { try await yieldNow() }
        flag.set()
        gate.set()
        try await native.value
        try await task.value
      }
    }
  }
}
