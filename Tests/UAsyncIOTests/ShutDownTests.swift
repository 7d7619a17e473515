import Testing
import UAsyncIO
import UAsyncIOTesting

@Suite struct ShutDownTests {
  @Test func `all other tasks are cancelled, their clean-up runs undisturbed, and it returns when they have ended`()
    async throws
  {
    let (log, left) = try await simulate {
      var log: [String] = []
      for index in 1...3 {
        createTask {
          do {
            try await sleep(3600)
          } catch {
            try await sleep(index)
            try await waitFor(60) { try await sleep(index) }
            log.append("\(index) cleaned up at \(milliseconds())")
            throw error
          }
        }
      }
      try await sleep(1)
      let left = await shutDown(grace: .seconds(60))
      log.append("all at \(milliseconds())")
      return (log, left)
    }
    #expect(log == ["1 cleaned up at 3000", "2 cleaned up at 5000", "3 cleaned up at 7000", "all at 7000"])
    #expect(left == [])
  }

  @Test func `who does not end within the grace is reported, and left as it is`() async throws {
    let (left, log) = try await simulate(forbidden: []) {
      var log: [String] = []
      let stubborn = createTask(name: "stubborn") {
        try? await sleep(3600)
        try await sleep(100)
        log.append("ended by itself at \(milliseconds())")
      }
      createTask(name: "tame") { try await sleep(3600) }
      try await sleep(1)
      let left = await shutDown(grace: .seconds(5))
      log.append("given up at \(milliseconds())")
      try await stubborn.value
      return (left, log)
    }
    #expect(left.map(\.name) == ["stubborn"])
    #expect(left.map(\.waitsFor) == ["asleep until 101.0 seconds (now it is 6.0 seconds)"])
    #expect(log == ["given up at 6000", "ended by itself at 101000"])
  }

  @Test func `the caller is spared, and who awaits it, directly or through others`() async throws {
    let log = try await simulate {
      let log = Messages()
      createTask(name: "other") {
        do { try await sleep(3600) } catch { log.add("other cancelled") }
      }
      let caller = createTask(name: "caller") {
        try await sleep(1)
        let left = await shutDown(grace: .seconds(60))
        log.add("left: \(left.map(\.name))")
        try await sleep(1)
        return 7
      }
      let joiner = createTask { try await caller.value }
      let limited = createTask { try await waitFor(60) { try await joiner.value } }
      let gathered = createTask { try await gather([limited]) }
      log.add("\(try await gathered.value)")
      return log.all
    }
    #expect(log == ["other cancelled", "left: []", "[7]"])
  }

  @Test func `tasks that are made meanwhile are ended too`() async throws {
    let log = try await simulate {
      var log: [String] = []
      createTask {
        do { try await sleep(3600) } catch {
          createTask {
            log.append("born")
            do { try await sleep(3600) } catch { log.append("ended at \(milliseconds())") }
          }
          try await sleep(2)
        }
      }
      try await sleep(1)
      log.append("\(await shutDown(grace: .seconds(60)))")
      return log
    }
    #expect(log == ["born", "ended at 3000", "[]"])
  }

  @Test func `tasks that make each other without end do not keep it for ever`() async throws {
    let (left, rounds) = try await simulate(forbidden: []) {
      var rounds = 0
      var isOver = false
      @LoopActor func hydra() {
        createTask(name: "hydra") {
          rounds += 1
          do { try await sleep(3600) } catch {}
          if !isOver { hydra() }
          try await sleep(0)
          try await sleep(0)
        }
      }
      hydra()
      try await sleep(1)
      let left = await shutDown(grace: .seconds(60))
      isOver = true
      return (left.map(\.name), rounds)
    }
    #expect(left.allSatisfy { $0 == "hydra" })
    #expect(!left.isEmpty && rounds > 50)
  }

  @Test func `with nothing to end it returns at once, and without grace it waits for no time`() async throws {
    let log = try await simulate(forbidden: []) {
      var log: [String] = []
      log.append("\(await shutDown(grace: .seconds(60))) \(milliseconds())")
      createTask(name: "quick") { try await sleep(3600) }
      createTask(name: "slow") { do { try await sleep(3600) } catch { try await sleep(1) } }
      try await sleep(1)
      log.append("\(await shutDown(grace: .zero).map(\.name)) \(milliseconds())")
      return log
    }
    #expect(log == ["[] 0", "[\"slow\"] 1000"])
  }

  @Test func `a caller that is cancelled meanwhile waits no longer, and disturbs nobody's clean-up`() async throws {
    let log = try await simulate {
      var log: [String] = []
      let cleaning = createTask(name: "cleaning") {
        do { try await sleep(3600) } catch {
          try await sleep(10)
          log.append("clean at \(milliseconds())")
        }
      }
      let caller = createTask {
        let left = await shutDown(grace: .seconds(60))
        log.append("\(left.map(\.name)) at \(milliseconds())")
        log.append(await errorOf { try await sleep(1) })
      }
      // Not one that the caller cancels: a native task.
      let killer = Task { @LoopActor in
        try await sleep(3); caller.cancel()
      }
      try await caller.value
      try await killer.value
      try await cleaning.value
      return log
    }
    #expect(log == ["[\"cleaning\"] at 3000", "CancellationError", "clean at 10000"])
  }

  @Test func `whenever its caller is cancelled, each task is cancelled once, and cleans up`() async throws {
    let points = try await onLoopThread {
      try cancelSweep(of: "caller") {
        var interrupted = 0
        var cleaned = 0
        for index in 1...3 {
          createTask {
            do { try await sleep(3600) } catch {
              interrupted += 1
              try await sleep(index)
              cleaned += 1
            }
          }
        }
        let caller = createTask(name: "caller") {
          try await sleep(0)
          await shutDown(grace: .seconds(60))
          try await sleep(1)
        }
        _ = await caller.result
        try await sleep(3700)
        return (interrupted, cleaned)
      } check: { outcome in
        try require(outcome.leftovers.isEmpty, "all ended: \(outcome.leftovers)")
        let (interrupted, cleaned) = try outcome.result.get()
        try require(interrupted == cleaned, "no clean-up was disturbed")
        try require(interrupted == (outcome.suspension == 1 ? 0 : 3), "each was cancelled once: \(interrupted)")
      }
    }
    #expect(points == 6)
  }

  @Test func `under any order everything ends, and everything is cleaned up once`() async throws {
    try await simulateSeeds(0..<10_000) {
      var cleaned = 0
      var began = 0
      let event = Event()
      let lock = Lock()
      let workers = (0..<4).map { index in
        createTask {
          began += 1
          defer { cleaned += 1 }
          try await lock.withLock { try await sleep(index) }
          try await waitFor(50) { try await event.wait() }
        }
      }
      createTask { try await gather(workers[0], workers[1]) }
      createTask { try await workers[2].value }
      try await sleep(2)
      try require(await shutDown(grace: .seconds(60)).isEmpty, "all ended")
      try require(began == 4 && cleaned == 4, "\(began) \(cleaned)")
      try require(!lock.isLocked, "the lock is free")
      try require(milliseconds() == 2000, "nobody waited for a limit")
    }
  }
}
