import Testing
import UAsyncIO
import UAsyncIOTesting

@Suite struct TaskTests {
  @Test func `a task does nothing before its turn, and tasks start in the order of creation`() async throws {
    let log = try await simulate {
      var log: [String] = []
      let one = createTask { log.append("one") }
      let two = createTask { log.append("two") }
      log.append("main")
      _ = try await gather(one, two)
      return log
    }
    #expect(log == ["main", "one", "two"])
  }

  @Test func `values, errors and what a handle tells`() async throws {
    try await simulate {
      let good = createTask(name: "good") { 42 }
      let bad = createTask { () async throws -> Int in throw Boom(code: 7) }
      try require(!good.isDone && good.name == "good", "a new task is not done and has its name")
      try require(bad.name.hasPrefix("task-"), "an unnamed task is named by its number")
      try require(try await good.value == 42, "the value")
      try require(good.isDone, "done")
      do {
        _ = try await bad.value
        throw Broken(description: "no error")
      } catch let error as Boom {
        try require(error.code == 7, "the error itself")
      }
      guard case .failure(let error as Boom) = await bad.result else { throw Broken(description: "result") }
      try require(error.code == 7, "the error in the result")
      guard case .success(42) = await good.result else { throw Broken(description: "result") }
    }
  }

  @Test func `values of every size and kind come back as they were`() async throws {
    final class Box {
      let number: Int
      init(_ number: Int) { self.number = number }
    }
    struct Weak { weak var box: Box? }
    struct Three { var one: UInt8, other: UInt16, last: UInt8 }
    struct Wide { var numbers: (Int, Int, Int, Int, Int), text: String }
    enum Choice { case none, box(Box), text(String) }
    try await simulate {
      for waits in [false, true] {
        /// The value of a task that waits before it returns, or does not.
        @LoopActor func returned<Value>(_ value: @escaping @LoopActor () -> Value) async throws -> Value {
          try await createTask { () async throws -> Value in
            if waits { try await sleepMs(1) }
            return value()
          }.value
        }
        _ = try await returned { () }
        try require(try await returned { true }, "one byte")
        try require(try await returned { 1.5 } == 1.5, "a number")
        try require(try await returned { () -> Int? in nil } == nil, "no number")
        let three = try await returned { Three(one: 1, other: 2, last: 3) }
        try require(three.one == 1 && three.other == 2 && three.last == 3, "less than a word")
        let box = Box(7)
        try require(try await returned { box } === box, "a reference")
        try require(try await returned { Weak(box: box) }.box === box, "a weak reference")
        try require(try await returned { Box(8) }.number == 8, "a reference that nobody else has")
        try require(try await returned { "a text that has memory of its own" }.hasSuffix("own"), "a text")
        try require(try await returned { [box, Box(9)] }.map(\.number) == [7, 9], "an array")
        try require(try await returned { (box, 2, "three") }.2 == "three", "several")
        try require(try await returned { SIMD4<Int64>(1, 2, 3, 4) }.w == 4, "one that is aligned")
        try require(try await returned { { box.number } }() == 7, "a function")
        try require(try await returned { () -> any Error in Boom(code: 3) } is Boom, "an error that is returned")
        guard case .box(let other) = try await returned({ Choice.box(Box(10)) }), other.number == 10 else {
          throw Broken(description: "a choice")
        }
        let wide = try await returned { Wide(numbers: (1, 2, 3, 4, 5), text: "and another text with memory") }
        try require(wide.numbers.4 == 5 && wide.text.hasSuffix("memory"), "many words")
      }
    }
  }

  @Test func `several tasks may await one`() async throws {
    let values = try await simulate {
      let slow = createTask {
        try await sleep(1); return 5
      }
      let waiting = (0..<5).map { index in createTask { try await slow.value + index } }
      return try await gather(waiting)
    }
    #expect(values == [5, 6, 7, 8, 9])
  }

  @Test func `plain mutable state and values that are not Sendable need no annotation`() async throws {
    final class Box { var number = 0 }
    let number = try await simulate {
      let box = Box()
      let task = createTask {
        box.number += 1; return box
      }
      let same = try await waitFor(1) {
        box.number += 1; return box
      }
      let other = try await task.value
      try require(same === box && other === box, "the same object")
      return box.number
    }
    #expect(number == 2)
  }

  @Test func `currentTask is the running one, at every depth and after every await`() async throws {
    try await simulate {
      let main = currentTask()
      try require(main != nil && main?.name == "main", "main")
      let inner = createTask(name: "inner") {
        try require(currentTask()?.name == "inner", "inner")
        try await sleep(1)
        try require(currentTask()?.name == "inner", "inner, later")
        _ = await Task.detached {}.value
        try require(currentTask()?.name == "inner", "inner, after a foreign await")
      }
      try await inner.value
      try require(currentTask() == main, "main, later")
      try require(AnyLoopTask(inner).isDone, "typeless handle")
    }
  }

  @Test func `task-local values are inherited`() async throws {
    enum Local { @TaskLocal static var word = "none" }
    let words = try await simulate {
      let inherited = Local.$word.withValue("outer") { createTask { Local.word } }
      let plain = createTask { Local.word }
      return try await gather([inherited, plain])
    }
    #expect(words == ["outer", "none"])
  }

  @Test func `awaiting itself and awaiting each other are refused`() async throws {
    let errors = try await simulate {
      var errors: [String] = []
      var me: LoopTask<Void>?
      me = createTask { errors.append(await errorOf { try await me!.value }) }
      try await me!.value
      var one: LoopTask<Void>?
      let two = createTask { errors.append("two " + (await errorOf { try await one!.value })) }
      one = createTask { errors.append("one " + (await errorOf { try await two.value })) }
      _ = try await gather(one!, two)
      // Through a gather and a time limit.
      var gathering: LoopTask<Void>?
      let child = createTask { errors.append("child " + (await errorOf { try await waitFor(gathering!, timeout: 5) })) }
      gathering = createTask { errors.append("gathering " + (await errorOf { _ = try await gather([child]) })) }
      _ = try await gather(gathering!, child)
      me = createTask { errors.append(await errorOf { _ = try await gather([me!]) }) }
      try await me!.value
      return errors
    }
    // Whoever waits second would close the circle.
    #expect(
      errors == ["LoopError", "one LoopError", "two none", "gathering LoopError", "child none", "LoopError"])
  }

  @Test func `a chain of 100,000 tasks completes, is cancelled and is released without recursion`() async throws {
    let length = 100_000
    let sum = try await simulate {
      var last = createTask {
        try await sleep(1); return 0
      }
      for _ in 0..<length {
        let next = last
        last = createTask { try await next.value + 1 }
      }
      return try await last.value
    }
    #expect(sum == length)
    let census = Census()
    let (alive, ended) = try await simulate {
      let first = createTask {
        let subject = Census.Subject(census); try await sleep(.infinity); _ = subject
      }
      var last = first
      for _ in 0..<length {
        let next = last
        last = createTask {
          let subject = Census.Subject(census); try await next.value; _ = subject
        }
      }
      try await sleep(1)
      let alive = census.alive
      last.cancel()
      let result = await last.result
      return (alive, result.isCancelled && first.isDone)
    }
    #expect(alive == length + 1)
    #expect(ended)
    #expect(census.alive == 0)
  }
}
