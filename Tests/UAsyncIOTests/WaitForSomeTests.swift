import Testing
import UAsyncIO
import UAsyncIOTesting

@LoopActor private func finishing(after seconds: Int, _ name: String? = nil) -> LoopTask<Int> {
  createTask(name: name) {
    try await sleep(seconds)
    return seconds
  }
}

@Suite struct WaitForSomeTests {
  @Test func `copies of an iterator share the tasks, and none waits for ever`() async throws {
    try await simulate {
      let tasks = (1...2).map { n in createTask { try await sleep(n) } }
      var first = asCompleted(tasks).makeAsyncIterator()
      var second = first
      var third = first
      let waiters = [
        createTask { try await first.next() }, createTask { try await second.next() },
        createTask { try await third.next() },
      ]
      let found = try await waitFor(10) { try await gather(waiters) }
      try require(found.compactMap { $0 } == tasks && found.contains(nil), "\(found.map { $0?.name })")
    }
  }

  @Test func `the first that finishes ends the wait, and the others go on`() async throws {
    try await simulate {
      let tasks = [3, 1, 2].map { finishing(after: $0) }
      let (done, pending) = try await wait(for: tasks, until: .firstCompleted)
      try require(done == [tasks[1]] && pending == [tasks[0], tasks[2]] && milliseconds() == 1000, "first")
      let all = try await wait(for: tasks)
      try require(all.done == tasks && all.pending.isEmpty && milliseconds() == 3000, "all")
      let at = try await wait(for: tasks, until: .firstCompleted)
      try require(at.done == tasks, "all have finished already")
    }
  }

  @Test func `an error ends the wait for the first exception, a cancellation does not`() async throws {
    try await simulate {
      let failing = createTask { () async throws -> Int in
        try await sleep(2); throw Boom()
      }
      let cancelled = finishing(after: 100)
      let slow = finishing(after: 50)
      createTask {
        try await sleep(1); cancelled.cancel()
      }
      let (done, pending) = try await wait(for: [slow, failing, cancelled], until: .firstException)
      try require(done == [failing, cancelled] && pending == [slow] && milliseconds() == 2000, "\(milliseconds())")
      try require(await failing.result.failure is Boom, "the error is there to be asked for")
      slow.cancel()
      let rest = try await wait(for: [slow, cancelled], until: .firstException)
      try require(rest.pending.isEmpty, "all finished without an error")
    }
  }

  @Test func `when the time is over that is no error`() async throws {
    try await simulate {
      let tasks = [1, 3].map { finishing(after: $0) }
      let (done, pending) = try await wait(for: tasks, timeout: .seconds(2))
      try require(done == [tasks[0]] && pending == [tasks[1]] && milliseconds() == 2000, "two seconds")
      let none = try await wait(for: tasks, timeout: .zero)
      try require(none.pending == [tasks[1]] && milliseconds() == 2000, "at once")
      let nobody: [LoopTask<Int>] = []
      let empty = try await wait(for: nobody)
      try require(empty.done.isEmpty && empty.pending.isEmpty, "nobody")
      _ = try await gather(tasks)
    }
  }

  @Test func `cancelling the one who waits touches nobody else`() async throws {
    try await onLoopThread {
      let points = try cancelSweep {
        let tasks = [finishing(after: 2, "one"), finishing(after: 3, "two")]
        let waiter = createTask {
          _ = try await wait(for: tasks, until: .firstCompleted)
          for try await task in asCompleted(tasks) { _ = try await task.value }
        }
        defer { waiter.cancel() }
        try await waiter.value
      } check: { outcome in
        try require(
          outcome.leftovers.allSatisfy { $0.waitsFor.contains("asleep") || $0.waitsFor.contains("ready") },
          "\(outcome.leftovers)")
      }
      try require(points > 0, "swept")
    }
  }

  @Test func `tasks come in the order in which they finish`() async throws {
    try await simulate {
      let early = createTask { 0 }
      _ = try await early.value
      let tasks = [3, 1, 2].map { finishing(after: $0) } + [early]
      var order: [Int] = []
      for try await task in asCompleted(tasks) {
        order.append(try await task.value)
        // Two finish while nobody asks.
        if order.count == 2 { try await sleep(5) }
      }
      try require(order == [0, 1, 2, 3] && milliseconds() == 6000, "\(order)")
      var first: Int?
      let more = [finishing(after: 1), finishing(after: 2)]
      for try await task in asCompleted(more) {
        first = try await task.value
        break
      }
      try require(first == 1 && !more[1].isDone, "leaving early leaves the others alone")
      _ = try await gather(more)
    }
  }

  @Test func `a completion is not lost when the one who asks is cancelled`() async throws {
    try await simulate {
      var iterator = asCompleted([finishing(after: 1), finishing(after: 2)]).makeAsyncIterator()
      let first = createTask { try await iterator.next()?.value }
      try await sleep(1)
      first.cancel()
      _ = await first.result
      let second = try await iterator.next()?.value
      let third = try await iterator.next()?.value
      let values = [second, third].compactMap(\.self)
      let seen = ((try? await first.result.get()) ?? nil).map { [$0] + values } ?? values
      try require(seen.contains(2), "\(seen)")
      try require(try await iterator.next() == nil, "the end")
    }
  }

  @Test func `a native task waits for the first, and its cancellation ends the wait`() async throws {
    try await onLoopThread {
      try run {
        let slow = finishing(after: 100)
        let native = Task { @LoopActor in try await wait(for: [slow], until: .firstCompleted).done.count }
        try await sleepMs(1)
        native.cancel()
        try require(await native.result.isCancelled && !slow.isDone, "cancelled")
        slow.cancel()
      }
    }
  }
}

@Suite struct ShieldTests {
  @Test func `a shielded task goes on when the one who waits is cancelled`() async throws {
    try await simulate {
      let task = finishing(after: 3)
      let waiter = createTask { try await shield(task) }
      try await sleep(1)
      waiter.cancel()
      try require(await waiter.result.isCancelled && milliseconds() == 1000, "cancelled at once")
      try require(!task.isDone, "goes on")
      try require(try await shield(task) == 3 && milliseconds() == 3000, "its value")
      try require(try await shield(task) == 3, "again")
      try require(try await shield { 5 } == 5, "a body")
      task.cancel()
    }
  }

  @Test func `a limit does not end what is shielded from it`() async throws {
    try await simulate {
      var isDone = false
      let error = await errorOf {
        try await waitFor(1) {
          try await shield {
            try await sleep(2)
            isDone = true
          }
        }
      }
      try require(error == "TimeoutError" && !isDone && milliseconds() == 1000, error)
      try await sleep(1.5)
      try require(isDone, "done in the background")
    }
  }

  @Test func `cancelling what is shielded is another thing`() async throws {
    try await simulate {
      let task = finishing(after: 3)
      let waiter = createTask { try await shield(task) }
      try await sleep(1)
      task.cancel()
      try require(await waiter.result.isCancelled && milliseconds() == 1000, "the task's end")
    }
  }

  @Test func `an error that comes when nobody waits any more is reported`() async throws {
    try await simulate {
      var reported: [String] = []
      getEventLoop().setExceptionHandler { reported.append("\($0.error)") }
      for moment in [1.0, 2.0] {
        let task = createTask {
          try await sleep(2)
          throw Boom(code: Int(moment))
        }
        let waiter = createTask { try await shield(task) }
        createTask {
          try await sleep(moment)
          waiter.cancel()
        }
        _ = await waiter.result
        try await sleep(2)
      }
      try require(reported == ["Boom(code: 1)", "Boom(code: 2)"], "\(reported)")
    }
  }

  @Test func `a task that shields the one that awaits it gets an error`() async throws {
    try await simulate {
      var other: LoopTask<Void>?
      let first = createTask {
        try await sleep(1)
        if let other { try await shield(other) }
      }
      other = createTask { try await first.value }
      let error = await errorOf { try await first.value }
      try require(error == "LoopError", error)
      _ = await other?.result
    }
  }
}
