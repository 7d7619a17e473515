import Synchronization
import Testing
import UAsyncIO
import UAsyncIOTesting

@Suite struct FromThreadTests {
  @Test func `a thread gets what its coroutine returns, and the error that it throws`() async throws {
    let results = try await simulate {
      try await toThread { () -> [String] in
        let value = try runFromThread {
          try await sleep(3600)
          return "slept until \(loopTime())"
        }
        let plain = try runFromThread { "no await" }
        let error = Result { try runFromThread { throw Boom(code: 7) } }
        return [value, plain, "\(error)"]
      }
    }
    #expect(results[0...1] == ["slept until 3600.0 seconds", "no await"])
    #expect(results[2].contains("Boom(code: 7)"))
  }

  @Test func `on the loop's own thread it is refused: it would wait for itself`() async throws {
    let error = try await simulate {
      await errorText { try runFromThread {} }
    }
    #expect(error == "\(LoopError.wouldBlockTheLoop)")
  }

  @Test func `functions that a thread sends are called in its order`() async throws {
    let numbers = try await simulate { () -> [Int] in
      let log = Messages()
      try await toThread {
        for number in 0..<100 { callFromThread { log.add("\(number)") } }
        try runFromThread {}
      }
      return log.all.compactMap { Int($0) }
    }
    #expect(numbers == Array(0..<100))
  }

  @Test func `functions that the loop sends itself are called in its order, in any order of tasks`() async throws {
    try await simulateSeeds(0..<100) {
      let log = Messages()
      for number in 0..<10 {
        callFromThread { log.add("\(number)") }
        createTask { log.add("a task") }
      }
      while log.all.count < 20 { try await yieldNow() }
      try require(log.all.filter { $0 != "a task" } == (0..<10).map(String.init), "\(log.all)")
    }
  }

  @Test func `what a thread has sent is called before anybody goes on who waits for the thread`() async throws {
    let called = try await simulate { () -> Int in
      let log = Messages()
      try await toThread { for number in 0..<1000 { callFromThread { log.add("\(number)") } } }
      return log.all.count
    }
    #expect(called == 1000)
  }

  @Test func `a function that runs the loop anew has the next ones called there`() async throws {
    let log = try await simulate { () -> [String] in
      let log = Messages()
      callFromThread {
        try? run { try await sleep(1) }
        log.add("first")
      }
      callFromThread {
        log.add("second")
        callFromThread { log.add("third") }
      }
      try await sleep(2)
      return log.all
    }
    #expect(log == ["second", "third", "first"])
  }

  @Test func `while the loop is not running a thread waits for the next run`() async throws {
    let log = try await onLoopThread {
      let log = Messages()
      let thread = PlainThread {
        callFromThread { log.add("called") }
        let value = try? runFromThread { 5 }
        log.add("\(value ?? 0)")
      }
      try run { while log.all.isEmpty { try await sleepMs(1) } }
      try run {}
      // It is answered in a run, and goes on whether one lasts or not.
      while log.all.count < 2 { try run { try await sleepMs(1) } }
      thread.join()
      return log.all
    }
    #expect(log == ["called", "5"])
  }

  @Test func `a fresh loop drops what was sent between two runs, and answers who waits`() async throws {
    try await onLoopThread {
      let log = Messages()
      for hasOthers in [false, true] {
        if hasOthers { try run { _ = createTask { try await sleep(3600) } } }
        callFromThread { log.add("called") }
        createTask { log.add("begun") }
        try newEventLoop()
        try run { try await yieldNow() }
      }
      try require(log.all.isEmpty, "\(log.all)")
      let thread = PlainThread {
        let result = Result { try runFromThread { log.add("begun") } }
        log.add("\(result.isCancelled)")
      }
      while log.all.isEmpty { try newEventLoop() }
      thread.join()
      try require(log.all == ["true"], "\(log.all)")
    }
  }

  @Test func `threads are answered while runs begin and end and the loop is emptied`() async throws {
    try await onLoopThread {
      let flag = ThreadSafeFlag()
      let ended = Messages()
      let answers = Atomic<Int>(0)
      let threads = PlainThread.start(4) { index in
        for number in 0..<200 {
          switch (index + number) % 4 {
          case 0:
            let result = Result { try runFromThread { try await yieldNow() } }
            if result.isCancelled || (try? result.get()) != nil { answers.add(1, ordering: .relaxed) }
          case 1: callFromThread { flag.set() }
          case 2: flag.set()
          default: createTask { try await flag.wait() }
          }
        }
        ended.add("\(index)")
      }
      var round = 0
      while ended.all.count < threads.count {
        round += 1
        let turns = round % 5
        try run(clock: round % 2 == 0 ? .virtual : .real) {
          createTask { try await toThread {} }
          for _ in 0..<turns { try await yieldNow() }
        }
        if round % 7 == 0 { try newEventLoop() }
      }
      for thread in threads { thread.join() }
      try require(answers.load(ordering: .relaxed) == 200, "\(answers.load(ordering: .relaxed))")
    }
  }

  @Test func `a thread is answered though its coroutine never begins, or the loop is emptied`() async throws {
    let log = try await onLoopThread {
      let log = Messages()
      let asleep = PlainThread {
        let result = Result {
          try runFromThread {
            log.add("asleep"); try await sleep(3600)
          }
        }
        log.add("\(result.isCancelled)")
      }
      try run { while log.all.isEmpty { try await sleepMs(1) } }
      try newEventLoop()
      asleep.join()
      let neverBegun = PlainThread {
        let result = Result { try runFromThread { log.add("must not begin") } }
        log.add("\(result.isCancelled)")
      }
      try run {
        // It comes, and is cancelled before its first step.
        while taskReport().count < 2 { try await sleep(0) }
        await shutDown(grace: .seconds(60))
      }
      neverBegun.join()
      return log.all
    }
    #expect(log == ["asleep", "true", "true"])
  }

  @Test func `realTime: eight threads run closures on the loop by the 100,000, and none is lost`() async throws {
    let (called, answered) = try await onLoopThread {
      try run {
        let counter = LoopCounter()
        let answered = Atomic64()
        let threads = PlainThread.start(8) { index in
          for number in 0..<25_000 {
            callFromThread { counter.count += 1 }
            if number.isMultiple(of: 50) {
              if let value = try? runFromThread({ counter.count }), value > 0 { answered.add(1) }
            }
          }
        }
        while counter.count < 200_000 || answered.value < 4_000 { try await sleepMs(1) }
        for thread in threads { thread.join() }
        return (counter.count, answered.value)
      }
    }
    #expect(called == 200_000)
    #expect(answered == 4_000)
  }
}

@LoopActor final class LoopCounter {
  var count = 0
}

final class Atomic64: Sendable {
  private let count = Atomic<Int>(0)
  var value: Int { count.load(ordering: .acquiring) }
  func add(_ number: Int) { count.add(number, ordering: .releasing) }
}

@LoopActor
func errorText(_ operation: () async throws -> Void) async -> String {
  do {
    try await operation()
    return "none"
  } catch {
    return "\(error)"
  }
}
