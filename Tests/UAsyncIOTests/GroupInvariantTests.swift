import Testing
import UAsyncIO

/// What must hold of groups, limits and shields at any time, in any order, whoever is cancelled when: see `Crowd`.
@Suite struct GroupInvariantTests {
  @Test func `when a group is over nothing of it goes on, whatever ended it`() async throws {
    try await underSeeds { crowd in
      for _ in 0..<3 {
        crowd.add {
          for _ in 0..<3 {
            try await crowd.pause()
            var running = 0
            var failures = 0
            defer { precondition(running == 0, "a group's tasks go on behind it") }
            @LoopActor func member() async throws {
              running += 1
              defer { running -= 1 }
              do { try await crowd.pause() } catch {
                // Clean-up that takes time.
                if crowd.roll(2) == 0 { try await crowd.pause() }
                throw error
              }
              crowd.disturb()
              if crowd.roll(5) == 0 {
                failures += 1
                throw Boom()
              }
            }
            do {
              try await withLoopTaskGroup { group in
                for _ in 0..<(1 + crowd.roll(3)) { try group.createTask { try await member() } }
                if crowd.roll(3) == 0 { try group.createBackgroundTask { try await sleep(100) } }
                try await member()
                if crowd.roll(6) == 0 { group.cancel() }
                let figures = group.statistics
                try require(figures.failed == failures, "\(figures), \(failures) failures")
              }
              try require(failures == 0, "\(failures) failures are forgotten")
            } catch let error as TaskGroupError {
              try require(error.errors.count == failures, "\(error), \(failures) failures")
            }
          }
        }
      }
      try await crowd.watch(10) {}
      try await crowd.end()
    }
  }

  @Test func `each limit is told apart from every other, and from a cancellation`() async throws {
    try await underSeeds { crowd in
      for _ in 0..<5 {
        crowd.add {
          try await crowd.pause()
          var running = 0
          defer { precondition(running == 0, "a limit's body goes on behind it") }
          @LoopActor func limited(_ depth: Int) async throws {
            let limit = 0.5 * Double(1 + crowd.roll(4))
            var scope: TimeoutScope?
            do {
              try await withTimeout(limit) { own in
                scope = own
                running += 1
                defer { running -= 1 }
                if crowd.roll(3) == 0 { own.deadline = own.deadline.map { $0 + .seconds(1) } }
                try await crowd.pause()
                if depth > 0 { try await limited(depth - 1) }
                crowd.disturb()
                do { try await sleep(0.5) } catch {
                  if crowd.roll(3) == 0 { try await sleep(0.5) }
                  throw error
                }
              }
            } catch is TimeoutError {
              // An inner limit's error was caught within it, so this is its own.
              try require(scope?.hasExpired != false, "its own limit has passed")
            }
          }
          try await limited(3)
        }
      }
      try await crowd.watch(10) {}
      try await crowd.end()
    }
  }

  @Test func `what is shielded or only watched runs to its end, whoever is cancelled`() async throws {
    try await underSeeds { crowd in
      var begun = 0
      var ended = 0
      @LoopActor func work() -> LoopTask<Int> {
        createTask {
          begun += 1
          try await sleep(0.5)
          crowd.disturb()
          try await sleep(0.5)
          ended += 1
          return begun
        }
      }
      for _ in 0..<5 {
        crowd.add {
          for _ in 0..<3 {
            try await crowd.pause()
            let tasks = (0..<3).map { _ in work() }
            switch crowd.roll(3) {
            case 0:
              _ = try await shield(tasks[0])
            case 1:
              let (done, pending) = try await wait(
                for: tasks, until: .firstCompleted, timeout: crowd.roll(2) == 0 ? .milliseconds(500) : nil)
              try require(done.count + pending.count == 3, "all of them")
              try require(done.allSatisfy(\.isDone) && !pending.contains(where: \.isDone), "sorted")
            default:
              var seen: [LoopTask<Int>] = []
              for try await task in asCompleted(tasks) { seen.append(task) }
              try require(Set(seen) == Set(tasks) && seen.count == 3, "each once")
            }
          }
        }
      }
      try await crowd.watch(10) {}
      // Time for what nobody waits for any more.
      try await sleep(20)
      try await crowd.end()
      try require(begun == ended, "\(begun) begun, \(ended) ended")
    }
  }
}
