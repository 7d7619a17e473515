import Synchronization
import Testing
import UAsyncIO
import UAsyncIOTesting

#if canImport(Glibc)
  import Glibc
#elseif canImport(Musl)
  import Musl
#endif

@Suite struct ThreadSafeFlagTests {
  @Test func `sets coalesce, and waiting clears`() async throws {
    let log = try await simulate {
      var log: [String] = []
      let flag = ThreadSafeFlag()
      flag.set()
      flag.set()
      log.append("\(flag.isSet)")
      try await flag.wait()
      log.append("\(flag.isSet)")
      log.append(await errorOf { try await waitFor(1) { try await flag.wait() } })
      flag.set()
      flag.clear()
      log.append(await errorOf { try await waitFor(1) { try await flag.wait() } })
      return log
    }
    #expect(log == ["true", "false", "TimeoutError", "TimeoutError"])
  }

  @Test func `waiting for a flag that is set does not suspend`() async throws {
    let log = try await simulate {
      var log: [String] = []
      let flag = ThreadSafeFlag()
      flag.set()
      let other = createTask { log.append("other") }
      try await flag.wait()
      log.append("main")
      try await other.value
      return log
    }
    #expect(log == ["main", "other"])
  }

  @Test func `one set wakes all who wait, in the order in which they came, and those who come later wait anew`()
    async throws
  {
    let log = try await simulate {
      var log: [String] = []
      let flag = ThreadSafeFlag()
      let early = (0..<3).map { index in
        createTask {
          try await flag.wait(); log.append("\(index)")
        }
      }
      try await sleep(1)
      flag.set()
      _ = try await gather(early)
      log.append(await errorOf { try await waitFor(1) { try await flag.wait() } })
      return log
    }
    #expect(log == ["0", "1", "2", "TimeoutError"])
  }

  @Test func `flags that are set one after the other wake their waiters in that order`() async throws {
    let log = try await simulate {
      var log: [Int] = []
      let flags = (0..<5).map { _ in ThreadSafeFlag() }
      let tasks = flags.indices.map { index in
        createTask {
          try await flags[index].wait(); log.append(index)
        }
      }
      try await sleep(1)
      for index in [3, 1, 4, 0, 2] { flags[index].set() }
      _ = try await gather(tasks)
      return log
    }
    #expect(log == [3, 1, 4, 0, 2])
  }

  @Test func `a flag that nobody sets is a deadlock in virtual time, and the report names it`() async throws {
    let error = await #expect(throws: DeadlockError.self) {
      try await simulate { try await ThreadSafeFlag().wait() }
    }
    #expect(error?.tasks.map(\.waitsFor) == ["waiting for a thread-safe flag"])
  }

  @Test func `a waiter that is cancelled when the flag was set leaves it set, unless another one has gone on`()
    async throws
  {
    let log = try await simulate {
      var log: [Bool] = []
      let flag = ThreadSafeFlag()
      for others in [0, 1] {
        let waiters = (0...others).map { _ in createTask { try await flag.wait() } }
        try await sleep(1)
        flag.set()
        // One turn later they have been woken, and have not had their turn.
        let killer = createTask { waiters[0].cancel() }
        _ = await killer.result
        _ = try await gatherResults(waiters)
        log.append(flag.isSet)
        flag.clear()
      }
      return log
    }
    #expect(log == [true, false])
  }

  @Test func `no set is lost at any point of cancellation`() async throws {
    let points = try await onLoopThread {
      try cancelSweep(of: "waiter") {
        let flag = ThreadSafeFlag()
        createTask {
          try await sleep(1); flag.set()
        }
        let waiter = createTask(name: "waiter") {
          do {
            try await flag.wait()
            return "woken"
          } catch {
            try await sleep(2)
            return flag.isSet ? "kept" : "lost"
          }
        }
        return try await waiter.value
      } check: { outcome in
        try require(try outcome.result.get() == "kept", "\(outcome.result)")
        try require(outcome.leftovers.isEmpty, "all ended")
      }
    }
    #expect(points == 2)
  }

  @Test func `under any order each set is noticed by somebody, whoever is cancelled`() async throws {
    try await simulateSeeds(0..<10_000) {
      let flag = ThreadSafeFlag()
      var noticed = 0
      let waiters = (0..<3).map { _ in
        createTask {
          try await flag.wait(); noticed += 1
        }
      }
      let setter = createTask {
        try await sleep(0)
        flag.set()
      }
      let killer = createTask {
        try await sleep(0)
        waiters[0].cancel()
        try await sleep(0)
        waiters[1].cancel()
      }
      try await gather(setter, killer)
      try await sleep(1)
      try require(noticed > 0 || flag.isSet, "the set is lost")
      flag.set()
      try await sleep(1)
      try require(waiters.allSatisfy(\.isDone), "somebody waits though the flag was set after all had come")
    }
  }

  @Test func `realTime: a flag set by a thread wakes a loop that sleeps`() async throws {
    let rounds = try await onLoopThread {
      try run {
        let there = ThreadSafeFlag()
        let back = Turnstile()
        let thread = PlainThread { for _ in 0..<2000 { back.pass(); there.set() } }
        var rounds = 0
        for _ in 0..<2000 {
          // The loop has nothing else to do: it goes to sleep while the thread sets the flag.
          back.open()
          try await there.wait()
          rounds += 1
        }
        thread.join()
        return rounds
      }
    }
    #expect(rounds == 2000)
  }

  @Test func `realTime: eight threads that set flags and count lose nothing`() async throws {
    let (counted, noticed) = try await onLoopThread {
      try run {
        let flags = (0..<8).map { _ in ThreadSafeFlag() }
        let counts = Counts()
        let each = 50_000
        var noticed = 0
        let waiters = (0..<8).map { index in
          createTask {
            // What a set announces is there when the wait is over, and the last set of all is noticed.
            while counts.values[index].value < each {
              try await flags[index].wait()
              noticed += 1
            }
          }
        }
        let threads = PlainThread.start(8) { index in
          for _ in 0..<each {
            counts.values[index].increment()
            flags[index].set()
          }
        }
        _ = try await gather(waiters)
        for thread in threads { thread.join() }
        return (counts.values.map(\.value).reduce(0, +), noticed)
      }
    }
    #expect(counted == 400_000)
    #expect(noticed >= 8 && noticed <= 400_000)
  }

  @Test func `realTime: flags that are dropped while threads set them are freed once`() async throws {
    try await onLoopThread {
      try run {
        for _ in 0..<2000 {
          let flag = ThreadSafeFlag()
          let setters = (0..<4).map { _ in Task.detached { flag.set() } }
          try await flag.wait()
          for setter in setters { await setter.value }
        }
      }
    }
  }

  @Test func `realTime: the handler of a signal may set a flag, whatever it interrupts`() async throws {
    _ = handlersFlag
    let (sent, noticed) = try await onLoopThread {
      var former = sigaction()
      var action = sigaction()
      action.__sigaction_handler.sa_handler = { _ in
        handlerCalls.add(1, ordering: .relaxed)
        handlersFlag.set()
      }
      sigaction(SIGUSR2, &action, &former)
      defer { sigaction(SIGUSR2, &former, nil) }
      let loopThread = LoopThread(unblocking: SIGUSR2)
      return try run {
        // What it interrupts: allocation, the queues, the mailbox, other flags.
        let others = (0..<8).map { _ in
          createTask {
            let flag = ThreadSafeFlag()
            while true {
              flag.set()
              try await flag.wait()
              try await sleep(0)
              _ = [Int](repeating: 1, count: 100)
            }
          }
        }
        let isEnough = Atomic64()
        let sender = PlainThread {
          while isEnough.value == 0 {
            loopThread.interrupt(with: SIGUSR2)
            // Without a pause the thread would do nothing but handle signals.
            usleep(5)
          }
        }
        var noticed = 0
        let before = handlerCalls.load(ordering: .relaxed)
        let waiter = createTask {
          while true { try await handlersFlag.wait(); noticed += 1 }
        }
        try await sleepMs(1)
        while noticed < 2000 { try await sleep(0) }
        isEnough.add(1)
        sender.join()
        try await sleepMs(1)
        try require(!handlersFlag.isSet, "the last one is noticed too")
        for task in others { task.cancel() }
        waiter.cancel()
        _ = try await gatherResults(others + [waiter])
        return (handlerCalls.load(ordering: .relaxed) - before, noticed)
      }
    }
    #expect(noticed >= 2000 && noticed <= sent)
  }
}

/// The handler's: made before it is installed.
private let handlersFlag = ThreadSafeFlag()
private let handlerCalls = Atomic<Int>(0)

/// The thread that makes it.
private struct LoopThread: @unchecked Sendable {
  private let thread = pthread_self()

  /// The calling thread, which may have been born with all signals blocked.
  init(unblocking signal: Int32) {
    var set = sigset_t()
    sigaddset(&set, signal)
    pthread_sigmask(SIG_UNBLOCK, &set, nil)
  }

  func interrupt(with signal: Int32) { pthread_kill(thread, signal) }
}

private final class Counts: Sendable {
  let values: [Box] = (0..<8).map { _ in Box() }

  final class Box: Sendable {
    private let count = Atomic<Int>(0)
    var value: Int { count.load(ordering: .acquiring) }
    func increment() { count.add(1, ordering: .releasing) }
  }
}

/// Lets one pass for each time that it was opened.
private final class Turnstile: Sendable {
  private let openings = Atomic<Int>(0)
  func open() { openings.add(1, ordering: .releasing) }
  func pass() {
    while openings.load(ordering: .acquiring) == 0 { sched_yield() }
    openings.subtract(1, ordering: .relaxed)
  }
}
