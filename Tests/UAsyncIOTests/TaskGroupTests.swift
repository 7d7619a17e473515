import Testing
import UAsyncIO
import UAsyncIOTesting

@Suite struct TaskGroupTests {
  @Test func `a group whose caller was cancelled says so when it is over`() async throws {
    try await simulate {
      var kept: LoopTaskGroup?
      let owner = createTask {
        try await withLoopTaskGroup { group in
          kept = group
          try await sleep(10)
        }
      }
      try await sleep(1)
      owner.cancel()
      _ = await owner.result
      try require(kept?.isCancelled == true && kept?.statistics.isCancelled == true, "cancelled")
    }
  }

  @Test func `a body that returns its group keeps nothing alive`() async throws {
    let census = Census()
    try await simulate {
      let subject = Census.Subject(census)
      _ = try await withLoopTaskGroup { group in (group, subject) }
    }
    #expect(census.alive == 0)
  }

  @Test func `the group ends when its body and all its tasks have`() async throws {
    try await simulate {
      var ended: [Int] = []
      let value = try await withLoopTaskGroup { group in
        for seconds in [3, 1, 2] {
          try group.createTask {
            try await sleep(seconds)
            ended.append(seconds)
          }
        }
        return "body"
      }
      try require(value == "body" && ended == [1, 2, 3] && milliseconds() == 3000, "\(value) \(ended)")
    }
  }

  @Test func `tasks of tasks belong to the group`() async throws {
    try await simulate {
      var leaves = 0
      try await withLoopTaskGroup { group in
        @LoopActor func branch(_ depth: Int) async throws {
          try await sleep(1)
          guard depth > 0 else { return leaves += 1 }
          for _ in 0..<2 { try group.createTask { try await branch(depth - 1) } }
        }
        try await branch(4)
      }
      try require(leaves == 16 && milliseconds() == 5000, "\(leaves) leaves")
    }
  }

  @Test func `the first failure cancels the others, the body too, and all errors are collected`() async throws {
    try await simulate {
      var cleanUps = 0
      do {
        try await withLoopTaskGroup { group in
          try group.createTask {
            try await sleep(1); throw Boom(code: 1)
          }
          try group.createTask {
            defer { cleanUps += 1 }
            do {
              try await sleep(100)
            } catch {
              try await sleep(1)
              throw Boom(code: 2)
            }
          }
          try group.createTask { try await sleep(0.5) }
          defer { cleanUps += 1 }
          try await sleep(100)
        }
        try require(false, "it throws")
      } catch let error as TaskGroupError {
        try require(error.errors.compactMap { ($0 as? Boom)?.code } == [1, 2], "\(error)")
        try require(error.errors.count == 2, "cancellations are no failures: \(error)")
      }
      try require(cleanUps == 2 && milliseconds() == 2000, "all had ended: \(cleanUps)")
    }
  }

  @Test func `a body that throws ends its tasks`() async throws {
    try await simulate {
      var wasCancelled = false
      let error = await errorOf {
        try await withLoopTaskGroup { group in
          try group.createTask {
            do { try await sleep(100) } catch { wasCancelled = true }
          }
          try await sleep(1)
          throw Boom()
        }
      }
      try require(error == "TaskGroupError" && wasCancelled && milliseconds() == 1000, error)
    }
  }

  @Test func `a task that is cancelled alone has not failed`() async throws {
    try await simulate {
      try await withLoopTaskGroup { group in
        let task = try group.createTask { try await sleep(100) }
        let unborn = try group.createTask { try require(false, "never starts") }
        unborn.cancel()
        try await sleep(1)
        task.cancel()
        try await sleep(1)
      }
      try require(milliseconds() == 2000, "the body went on")
    }
  }

  @Test func `a cancellation from outside reaches all, and is thrown when all have ended`() async throws {
    try await simulate {
      var ends: [String] = []
      var reported: [String] = []
      getEventLoop().setExceptionHandler { reported.append("\($0.error)") }
      let outer = createTask {
        try await withLoopTaskGroup { group in
          try group.createTask {
            do { try await sleep(100) } catch {
              try await sleep(2)
              ends.append("slow")
            }
          }
          try group.createTask {
            do { try await sleep(100) } catch { throw Boom(code: 3) }
          }
          do { try await sleep(100) } catch {
            try group.createTask { ends.append("never starts") }
            ends.append("body")
            throw error
          }
        }
      }
      try await sleep(1)
      outer.cancel()
      try require(await errorOf { try await outer.value } == "CancellationError", "cancelled")
      try require(ends == ["body", "slow"] && milliseconds() == 3000, "\(ends)")
      try require(reported == ["Boom(code: 3)"], "the error is not lost: \(reported)")
    }
  }

  @Test func `a group that is cancelled by itself ends quietly if its body does`() async throws {
    try await simulate {
      let value = try await withLoopTaskGroup { group in
        try group.createTask { try await sleep(100) }
        try await sleep(1)
        group.cancel()
        try group.createTask { try require(false, "never starts") }
        return 7
      }
      try require(value == 7 && milliseconds() == 1000, "quietly")
    }
  }

  @Test func `a background task lasts as long as the others`() async throws {
    try await simulate {
      var beats = 0
      try await withLoopTaskGroup { group in
        try group.createBackgroundTask {
          while true {
            try await sleep(1)
            beats += 1
          }
        }
        try group.createTask { try await sleep(3.5) }
      }
      try require(beats == 3 && milliseconds() == 3500, "\(beats) beats")
      let error = await errorOf {
        try await withLoopTaskGroup { group in
          try group.createBackgroundTask {
            try await sleep(1); throw Boom()
          }
          try await sleep(100)
        }
      }
      try require(error == "TaskGroupError" && milliseconds() == 4500, "its failure ends the group")
      try await withLoopTaskGroup { group in
        try group.createBackgroundTask { try await sleep(100) }
      }
      try require(milliseconds() == 4500, "alone, it ends at once")
    }
  }

  @Test func `values are collected in the order in which the tasks finish`() async throws {
    try await simulate {
      let values = try await withLoopTaskGroup(collecting: Int.self) { group in
        for seconds in [5, 1, 4, 2, 3] {
          try group.createTask {
            try await sleep(seconds)
            return seconds
          }
        }
        try await sleep(2.5)
        try require(group.values == [1, 2], "so far")
        try group.createTask { 100 }.cancel()
      }
      try require(values == [1, 2, 3, 4, 5], "\(values)")
      try require(
        await errorOf {
          _ = try await withLoopTaskGroup(collecting: Int.self) { group in
            try group.createTask { throw Boom() }
            try group.createTask { 1 }
          }
        } == "TaskGroupError", "a failure")
    }
  }

  @Test func `groups nest, and a limit around one ends it`() async throws {
    try await simulate {
      var log: [String] = []
      let error = await errorOf {
        try await waitFor(5) {
          try await withLoopTaskGroup { outer in
            try outer.createTask {
              let inner = await errorOf {
                try await withLoopTaskGroup { inner in
                  try inner.createTask {
                    try await sleep(1); throw Boom()
                  }
                  try inner.createTask { try await sleep(100) }
                }
              }
              log.append("\(inner) \(milliseconds())")
              try await sleep(100)
            }
            defer { log.append("outer \(milliseconds())") }
            try await sleep(100)
          }
        }
      }
      try require(error == "TimeoutError" && log == ["TaskGroupError 1000", "outer 5000"], "\(error) \(log)")
    }
  }

  @Test func `a task that awaits the one that failed is cancelled like the others`() async throws {
    try await simulate {
      let error = await errorOf {
        try await withLoopTaskGroup { group in
          let failing = try group.createTask {
            try await sleep(1); throw Boom()
          }
          for _ in 0..<3 {
            try group.createTask {
              do { try await failing.value } catch is Boom {}
              try await sleep(100)
            }
          }
          do { try await failing.value } catch is Boom {}
          try await sleep(100)
        }
      }
      try require(error == "TaskGroupError" && milliseconds() == 1000, "\(milliseconds())")
    }
  }

  @Test func `a group that has ended takes no tasks`() async throws {
    try await simulate {
      let escaped = try await withLoopTaskGroup { $0 }
      try require(await errorOf { try escaped.createTask {} } == "LoopError", "refused")
      try require(escaped.statistics.running == 0 && escaped.statistics.finished == 1, "only the body was in it")
      escaped.cancel()
    }
  }

  @Test func `a task of the group that awaits the one who opened it gets an error, not for ever`() async throws {
    try await simulate {
      var opener: LoopTask<Void>?
      let task = createTask {
        try await withLoopTaskGroup { group in
          _ = try group.createTask { try await opener?.value }
        }
      }
      opener = task
      do {
        try await task.value
      } catch let error as TaskGroupError {
        guard case .awaitsItself = error.errors.first as? LoopError else { throw error }
        return
      }
      try require(false, "it throws")
    }
  }

  @Test func `a group keeps nothing of what has ended`() async throws {
    let census = Census()
    try await simulate {
      try await withLoopTaskGroup { group in
        for _ in 0..<100 {
          let subject = Census.Subject(census)
          try group.createTask {
            try await sleep(1)
            return subject
          }
        }
        try await sleep(2)
        try require(census.alive == 0, "\(census.alive) values are kept")
        try require(group.statistics.finished == 100 && group.statistics.highWaterMark == 101, "\(group.statistics)")
      }
    }
  }

  @Test func `a native task opens a group, and its cancellation ends it`() async throws {
    try await onLoopThread {
      try run {
        var ended = false
        let native = Task { @LoopActor in
          try await withLoopTaskGroup { group in
            try group.createTask {
              defer { ended = true }
              try await sleep(100)
            }
          }
        }
        try await sleepMs(1)
        native.cancel()
        let result = await native.result
        try require(ended && result.isCancelled, "\(result)")
      }
    }
  }

  @Test func `in any order everything of a group has ended when it is over`() async throws {
    try await simulateSeeds(0..<300) {
      getEventLoop().setExceptionHandler { _ in }
      var running = 0
      @LoopActor func work(_ seconds: Double, fails: Bool = false) async throws {
        running += 1
        defer { running -= 1 }
        do { try await sleep(seconds) } catch { try await yieldNow() }
        if fails { throw Boom() }
      }
      let outer = createTask {
        try await withLoopTaskGroup { group in
          try group.createBackgroundTask { try await work(9) }
          for second in 1...4 { try group.createTask { try await work(Double(second), fails: second == 3) } }
          try await work(2)
        }
      }
      createTask {
        try await sleep(3)
        outer.cancel()
      }
      let result = await outer.result
      try require(running == 0, "\(running) go on")
      try require(result.failure is TaskGroupError || result.isCancelled, "\(result)")
      try await sleep(1)
    }
  }

  @Test func `nothing is left behind wherever a group's opener is cancelled`() async throws {
    for target in [nil, "opener", "member"] {
      try await onLoopThread {
        let points = try cancelSweep(of: target) {
          let opener = createTask(name: "opener") {
            try await withLoopTaskGroup { group in
              try group.createTask(name: "member") {
                try await sleep(1)
                try await sleep(1)
              }
              try group.createBackgroundTask { try await sleep(100) }
              try await sleep(1)
            }
          }
          try await opener.value
        } check: { outcome in
          try require(outcome.leftovers.isEmpty, "\(outcome.leftovers)")
        }
        try require(points > 0, "swept")
      }
    }
  }
}
