import Testing
import UAsyncIO
import UAsyncIOTesting

/// A plain object, which must not leave the loop.
private final class Parcel {
  let number: Int
  init(_ number: Int) { self.number = number }
}

@Suite struct QueueTests {
  // MARK: - Order

  @Test func `first in, first out`() async throws {
    let got = try await simulate {
      let queue = Queue<Parcel>()
      for number in 0..<5 { try await queue.put(Parcel(number)) }
      var got: [Int] = []
      while let parcel = try queue.tryGet() { got.append(parcel.number) }
      return got
    }
    #expect(got == [0, 1, 2, 3, 4])
  }

  @Test func `last in, first out`() async throws {
    let got = try await simulate {
      let queue = Queue<Int>(order: .lifo)
      for number in 0..<3 { try await queue.put(number) }
      var got = [try await queue.get()]
      try await queue.put(3)
      while let number = try queue.tryGet() { got.append(number) }
      return got
    }
    #expect(got == [2, 3, 1, 0])
  }

  @Test func `the least item first, and of equal ones the one that was put first`() async throws {
    let (numbers, names) = try await simulate {
      let queue = Queue<Int>(order: .priority)
      for number in [3, 1, 2, 1] { try await queue.put(number) }
      var numbers: [Int] = []
      while let number = try queue.tryGet() { numbers.append(number) }
      let ranked = Queue<(rank: Int, name: String)>(order: .priority { $0.rank > $1.rank })
      for (rank, name) in [(1, "a"), (2, "b"), (1, "c"), (2, "d"), (1, "e")] {
        try await ranked.put((rank: rank, name: name))
      }
      var names = ""
      while let item = try ranked.tryGet() { names += item.name }
      return (numbers, names)
    }
    #expect(numbers == [1, 1, 2, 3])
    #expect(names == "bdace")
  }

  // MARK: - Waiting

  @Test func `with an item and with room, nobody is suspended`() async throws {
    let log = try await simulate {
      var log: [String] = []
      let queue = Queue<Int>(maxSize: 1)
      let other = createTask { log.append("other") }
      try await queue.put(1)
      log.append("\(try await queue.get())")
      try await other.value
      return log
    }
    #expect(log == ["1", "other"])
  }

  @Test func `a full queue makes who puts wait for who gets`() async throws {
    let log = try await simulate {
      var log: [String] = []
      let queue = Queue<Int>(maxSize: 2)
      let producer = createTask {
        for number in 0..<5 {
          try await queue.put(number)
          log.append("put \(number) at \(milliseconds())")
        }
      }
      for _ in 0..<5 {
        try await sleep(1)
        _ = try await queue.get()
      }
      try await producer.value
      return log
    }
    #expect(log == ["put 0 at 0", "put 1 at 0", "put 2 at 1000", "put 3 at 2000", "put 4 at 3000"])
  }

  @Test func `those who wait to get are served in the order in which they came`() async throws {
    let log = try await simulate {
      var log: [String] = []
      let queue = Queue<Int>()
      let getters = ["a", "b", "c"].map { name in
        createTask { log.append(name + "\(try await queue.get())") }
      }
      try await sleep(1)
      for number in 0..<3 { try await queue.put(number) }
      _ = try await gather(getters)
      return log
    }
    #expect(log == ["a0", "b1", "c2"])
  }

  @Test func `those who wait to put are served in the order in which they came`() async throws {
    let got = try await simulate {
      let queue = Queue<Int>(maxSize: 1)
      let putters = (0..<4).map { number in createTask { try await queue.put(number) } }
      var got: [Int] = []
      for _ in 0..<4 {
        try await sleep(1)
        got.append(try await queue.get())
      }
      _ = try await gather(putters)
      return got
    }
    #expect(got == [0, 1, 2, 3])
  }

  @Test func `an item that is kept for one who has waited is none for a newcomer`() async throws {
    let log = try await simulate {
      var log: [String] = []
      let queue = Queue<Int>()
      let waiter = createTask { log.append("waiter \(try await queue.get())") }
      try await sleep(1)
      try await queue.put(7)
      log.append("\(queue.count) \(String(describing: try queue.tryGet()))")
      let newcomer = createTask { log.append("newcomer \(try await queue.get())") }
      try await waiter.value
      try await queue.put(8)
      try await newcomer.value
      return log
    }
    #expect(log == ["1 nil", "waiter 7", "newcomer 8"])
  }

  @Test func `room that is kept for one who has waited is none for a newcomer`() async throws {
    let log = try await simulate {
      var log: [String] = []
      let queue = Queue<Int>(maxSize: 1)
      try await queue.put(1)
      let waiter = createTask { try await queue.put(2) }
      try await sleep(1)
      log.append("\(try await queue.get())")
      log.append("\(queue.isFull) \(try queue.tryPut(3))")
      try await waiter.value
      log.append("\(try await queue.get()) \(queue.isEmpty) \(try queue.tryPut(4)) \(queue.isFull)")
      return log
    }
    #expect(log == ["1", "false false", "2 true true true"])
  }

  // MARK: - Cancellation

  @Test func `one that is cancelled when its item is there leaves it to the next`() async throws {
    let log = try await simulate {
      var log: [String] = []
      let queue = Queue<Int>()
      let first = createTask { log.append(await errorOf { _ = try await queue.get() }) }
      let second = createTask { log.append("\(try await queue.get())") }
      try await sleep(1)
      try await queue.put(7)
      first.cancel()
      try await first.value
      try await second.value
      log.append("\(queue.count)")
      return log
    }
    #expect(log == ["CancellationError", "7", "0"])
  }

  @Test func `an item whose taker was cancelled stays where it was in the queue`() async throws {
    let got = try await simulate {
      let queue = Queue<Int>()
      let only = createTask { _ = try await queue.get() }
      try await sleep(1)
      for number in 0..<3 { try await queue.put(number) }
      only.cancel()
      _ = await only.result
      var got: [Int] = []
      while let number = try queue.tryGet() { got.append(number) }
      return got
    }
    #expect(got == [0, 1, 2])
  }

  @Test func `one that is cancelled when it has room leaves it to the next, and its item is not in the queue`()
    async throws
  {
    let got = try await simulate {
      let queue = Queue<Int>(maxSize: 1)
      try await queue.put(0)
      let putters = (1...2).map { number in createTask { try await queue.put(number) } }
      try await sleep(1)
      var got = [try await queue.get()]
      putters[0].cancel()
      _ = await putters[0].result
      try await putters[1].value
      got.append(try await queue.get())
      try require(queue.isEmpty && queue.statistics.putters == 0, "nothing else")
      try require(try queue.tryPut(3), "all its room is there")
      return got
    }
    #expect(got == [0, 2])
  }

  @Test func `an item that is there when the time limit passes is not lost`() async throws {
    let got = try await simulate {
      let queue = Queue<Int>()
      createTask {
        try await sleep(1)
        try await queue.put(7)
      }
      // Whichever comes first, the limit or the item: it is got now, or it is still there.
      if let value = try? await waitFor(1, { try await queue.get() }) { return value }
      return try queue.tryGet() ?? -1
    }
    #expect(got == 7)
  }

  // MARK: - Being done

  @Test func `join waits until each item is done`() async throws {
    let log = try await simulate {
      var log: [String] = []
      let queue = Queue<Int>()
      try await queue.join()
      for number in 0..<3 { try await queue.put(number) }
      let worker = createTask {
        for _ in 0..<3 {
          _ = try await queue.get()
          try await sleep(1)
          try queue.taskDone()
        }
      }
      try await queue.join()
      log.append("joined at \(milliseconds())")
      log.append(await errorOf { try queue.taskDone() })
      try await worker.value
      return log
    }
    #expect(log == ["joined at 3000", "LoopError"])
  }

  // MARK: - Shutdown

  @Test func `after a shutdown nothing can be put, and what is there can be got`() async throws {
    let log = try await simulate {
      var log: [String] = []
      let queue = Queue<Int>()
      for number in 0..<2 { try await queue.put(number) }
      queue.shutdown()
      log.append("\(queue.isShutDown)")
      log.append(await errorOf { try await queue.put(2) })
      log.append(await errorOf { _ = try queue.tryPut(2) })
      log.append("\(try await queue.get()) \(try queue.tryGet() ?? -1)")
      log.append(await errorOf { _ = try await queue.get() })
      log.append(await errorOf { _ = try queue.tryGet() })
      try queue.taskDone()
      try queue.taskDone()
      try await queue.join()
      return log
    }
    #expect(log == ["true", "QueueShutDown", "QueueShutDown", "0 1", "QueueShutDown", "QueueShutDown"])
  }

  @Test func `a shutdown ends all who wait`() async throws {
    let log = try await simulate {
      let full = Queue<Int>(maxSize: 1)
      try await full.put(0)
      let empty = Queue<Int>()
      var log: [String] = []
      let tasks = (1...2).flatMap { number in
        [
          createTask { log.append("put " + (await errorOf { try await full.put(number) })) },
          createTask { log.append("get " + (await errorOf { _ = try await empty.get() })) },
        ]
      }
      try await sleep(1)
      full.shutdown()
      empty.shutdown()
      _ = try await gather(tasks)
      try require(try await full.get() == 0, "what was there")
      return log.sorted()
    }
    #expect(log == ["get QueueShutDown", "get QueueShutDown", "put QueueShutDown", "put QueueShutDown"])
  }

  @Test func `an immediate shutdown drops the items, and they are done`() async throws {
    let census = Census()
    try await simulate {
      let queue = Queue<Census.Subject>()
      for _ in 0..<3 { try await queue.put(Census.Subject(census)) }
      let worker = try await queue.get()
      let joiner = createTask { try await queue.join() }
      try await sleep(1)
      queue.shutdown()
      try require(census.alive == 3 && queue.count == 2, "still there")
      queue.shutdown(immediate: true)
      try require(census.alive == 1 && queue.isEmpty, "dropped")
      try await sleep(1)
      try require(!joiner.isDone, "one is being worked on")
      try queue.taskDone()
      try await joiner.value
      withExtendedLifetime(worker) {}
    }
    #expect(census.alive == 0)
  }

  @Test func `who waits when a queue is shut down gets what another leaves`() async throws {
    let log = try await simulate {
      var log: [String] = []
      let queue = Queue<Int>()
      let first = createTask { log.append(await errorOf { _ = try await queue.get() }) }
      let second = createTask { log.append("\(try await queue.get())") }
      let third = createTask { log.append(await errorOf { _ = try await queue.get() }) }
      try await sleep(1)
      try await queue.put(7)
      queue.shutdown()
      first.cancel()
      try await first.value
      try await second.value
      try await third.value
      return log
    }
    #expect(log == ["CancellationError", "7", "QueueShutDown"])
  }

  @Test func `who was woken for an item that a shutdown drops is told of the shutdown`() async throws {
    let log = try await simulate {
      var log: [String] = []
      let queue = Queue<Int>(maxSize: 1)
      let getter = createTask { log.append(await errorOf { _ = try await queue.get() }) }
      try await sleep(1)
      try await queue.put(1)
      queue.shutdown(immediate: true)
      try await getter.value
      log.append("\(queue.statistics)")
      return log
    }
    #expect(log.first == "QueueShutDown")
    #expect(log.last?.contains("count: 0") == true)
    #expect(log.last?.contains("unfinished: 0") == true)
  }

  // MARK: - How it stands

  @Test func `statistics tell the most items that were there at once, and who waits`() async throws {
    try await simulate {
      let queue = Queue<Int>(maxSize: 3)
      for number in 0..<3 { try await queue.put(number) }
      let putter = createTask(name: "putter") { try await queue.put(3) }
      try await sleep(1)
      var statistics = queue.statistics
      try require(statistics.count == 3 && statistics.maxSize == 3 && statistics.putters == 1, "\(statistics)")
      let waits = taskReport().map(\.description)
      try require(waits == ["main: running", "putter: waiting for room in a queue"], "\(waits)")
      for _ in 0..<4 { _ = try await queue.get() }
      try await putter.value
      let getter = createTask(name: "getter") { try await queue.get() }
      let joiner = createTask(name: "joiner") { try await queue.join() }
      try await sleep(1)
      statistics = queue.statistics
      try require(statistics.count == 0 && statistics.highWaterMark == 3 && statistics.getters == 1, "\(statistics)")
      try require(statistics.unfinished == 4 && !statistics.isShutDown, "\(statistics)")
      let others = taskReport().map(\.description).dropFirst()
      try require(
        Array(others) == [
          "getter: waiting for a queue's next item", "joiner: waiting until a queue's items are done",
        ], "\(others)")
      queue.shutdown()
      for _ in 0..<4 { try queue.taskDone() }
      _ = await getter.result
      try await joiner.value
      try require(queue.statistics.isShutDown && queue.statistics.unfinished == 0, "\(queue.statistics)")
    }
  }

  @Test func `a queue without limit is never full`() async throws {
    try await simulate {
      for maxSize in [0, -1] {
        let queue = Queue<Int>(maxSize: maxSize)
        for number in 0..<1000 { try require(try queue.tryPut(number), "room") }
        try require(!queue.isFull && queue.count == 1000 && queue.maxSize == maxSize, "without limit")
      }
    }
  }
}
