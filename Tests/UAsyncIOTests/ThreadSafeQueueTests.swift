#if canImport(Glibc)
  import Glibc
#elseif canImport(Musl)
  import Musl
#endif
import Synchronization
import Testing
import UAsyncIO
import UAsyncIOTesting

@Suite struct ThreadSafeQueueTests {
  @Test func `what a thread puts is got in its order`() async throws {
    let numbers = try await simulate {
      let queue = ThreadSafeQueue<Int>()
      let thread = createTask { try await toThread { for number in 0..<1000 { try queue.put(number) } } }
      var numbers: [Int] = []
      for _ in 0..<1000 { numbers.append(try await queue.get()) }
      try await thread.value
      return numbers
    }
    #expect(numbers == Array(0..<1000))
  }

  @Test func `of many threads each item is got once, by one of many`() async throws {
    let got = try await simulate {
      let queue = ThreadSafeQueue<Int>(maxSize: 16)
      var got = Array(repeating: 0, count: 4000)
      let getters = (0..<3).map { _ in
        createTask { while true { got[try await queue.get()] += 1 } }
      }
      let threads = (0..<4).map { index in
        createTask { try await toThread { for number in 0..<1000 { try queue.put(index * 1000 + number) } } }
      }
      _ = try await gather(threads)
      queue.shutdown()
      for getter in getters { try require(await errorOf { try await getter.value } == "QueueShutDown", "told") }
      return got
    }
    #expect(got.allSatisfy { $0 == 1 })
  }

  @Test func `an item goes to whoever has waited longest, and a newcomer cannot overtake`() async throws {
    let log = try await simulate {
      let queue = ThreadSafeQueue<Int>()
      var log: [String] = []
      let waiters = ["first", "second"].map { name in
        createTask { log.append("\(name) \(try await queue.get())") }
      }
      try await sleep(1)
      for item in 1...2 { try queue.put(item) }
      let newcomer = try queue.tryGet()
      log.append("newcomer \(newcomer.map { "\($0)" } ?? "nothing")")
      _ = try await gather(waiters)
      try require(try queue.tryGet() == nil && queue.count == 0, "empty")
      return log
    }
    #expect(log == ["newcomer nothing", "first 1", "second 2"])
  }

  @Test func `with an item there getting does not suspend`() async throws {
    let log = try await simulate {
      var log: [String] = []
      let queue = ThreadSafeQueue<String>()
      let other = createTask { log.append("other") }
      try queue.put("item")
      log.append(try await queue.get())
      try await other.value
      return log
    }
    #expect(log == ["item", "other"])
  }

  @Test func `a thread that finds no room waits, and time passes meanwhile`() async throws {
    let times = try await simulate {
      let queue = ThreadSafeQueue<Int>(maxSize: 2)
      let thread = createTask { try await toThread { for number in 0..<5 { try queue.put(number) } } }
      var times: [Int] = []
      for number in 0..<5 {
        try await sleep(3600)
        try require(queue.count <= 2, "room for two: \(queue.count)")
        try require(try await queue.get() == number, "in its order")
        times.append(milliseconds() / 1000)
      }
      try await thread.value
      return times
    }
    #expect(times == [3600, 7200, 10800, 14400, 18000])
  }

  @Test func `of threads that wait for room each gets in, and none keeps time from passing`() async throws {
    let numbers = try await simulate {
      let queue = ThreadSafeQueue<Int>(maxSize: 1)
      let threads = (0..<4).map { index in
        createTask { try await toThread { for number in 0..<5 { try queue.put(index * 5 + number) } } }
      }
      var numbers: [Int] = []
      for _ in 0..<20 {
        try await sleep(60)
        try require(queue.count <= 1, "room for one: \(queue.count)")
        numbers.append(try await queue.get())
      }
      _ = try await gather(threads)
      return numbers
    }
    #expect(numbers.sorted() == Array(0..<20))
  }

  @Test func `who waits behind an item that is kept for another is told of the next`() async throws {
    try await simulate {
      for isEarly in [true, false] {
        let queue = ThreadSafeQueue<Int>()
        let first = createTask { try await queue.get() }
        try await sleep(1)
        // One is kept for the first, and one is got: nothing is left, and yet the queue is not empty.
        for item in 1...2 { try queue.put(item) }
        var got = [try queue.tryGet()]
        if isEarly { PlainThread { try? queue.put(3) }.join() }
        let thread = createTask { if !isEarly { try await toThread { try queue.put(3) } } }
        got.append(try await queue.get())
        got.append(try await first.value)
        try await thread.value
        try require(got.compactMap { $0 }.sorted() == [1, 2, 3], "\(got)")
      }
    }
  }

  @Test func `a thread that has found room keeps time from passing again`() async throws {
    try await simulate {
      let queue = ThreadSafeQueue<Int>(maxSize: 1)
      let hasWorked = Flag()
      let thread = createTask {
        try await toThread {
          for number in 1...2 { try queue.put(number) }
          usleep(100_000)
          hasWorked.raise()
        }
      }
      try await sleep(1)
      try require(try await queue.get() == 1, "the first")
      try await sleep(3600)
      try require(hasWorked.isUp, "time has passed while the thread worked")
      try await thread.value
    }
  }

  @Test func `so does one that has found it before the loop heard of its wait`() async throws {
    try await simulate {
      let queue = ThreadSafeQueue<Int>(maxSize: 1)
      let isPutting = Flag()
      let hasWorked = Flag()
      try queue.put(1)
      let thread = createTask {
        try await toThread {
          isPutting.raise()
          try queue.put(2)
          usleep(100_000)
          hasWorked.raise()
        }
      }
      while !isPutting.isUp { try await yieldNow() }
      // Meanwhile it comes to wait, and the loop does not look at its mail.
      usleep(20_000)
      try require(try queue.tryGet() == 1, "the first")
      try await sleep(3600)
      try require(hasWorked.isUp, "time has passed while the thread worked")
      try await thread.value
      // And it has not kept it twice.
      try await sleep(3600)
    }
  }

  @Test func `so does one whose wait a shutdown has ended`() async throws {
    try await simulate {
      let queue = ThreadSafeQueue<Int>(maxSize: 1)
      let hasWorked = Flag()
      try queue.put(1)
      let thread = createTask {
        try await toThread {
          try? queue.put(2)
          usleep(100_000)
          hasWorked.raise()
        }
      }
      try await sleep(1)
      queue.shutdown()
      try await sleep(3600)
      try require(hasWorked.isUp, "time has passed while the thread worked")
      try await thread.value
    }
  }

  @Test func `where there is no room, nobody waits who must not`() async throws {
    let log = try await simulate {
      let queue = ThreadSafeQueue<Int>(maxSize: 1)
      var log = ["\(try queue.tryPut(1))", "\(try queue.tryPut(2))"]
      do { try queue.put(3) } catch { log.append("\(error)") }
      log.append("\(try await queue.get())")
      log.append("\(try queue.tryPut(4)) \(queue.count) of \(queue.maxSize)")
      return log
    }
    #expect(log == ["true", "false", "\(LoopError.wouldBlockTheLoop)", "1", "true 1 of 1"])
  }

  @Test func `a shutdown ends all waits, and what is there is still got`() async throws {
    let log = try await simulate {
      let queue = ThreadSafeQueue<Int>(maxSize: 1)
      try queue.put(1)
      let thread = createTask { try await toThread { try queue.put(2) } }
      try await sleep(1)
      try await toThread { queue.shutdown() }
      var log = [await errorOf { try await thread.value }]
      log.append("\(queue.isShutDown)")
      log.append(await errorOf { _ = try queue.tryPut(3) })
      log.append("\(try await queue.get())")
      log.append(await errorOf { _ = try await queue.get() })
      log.append(await errorOf { _ = try queue.tryGet() })
      return log
    }
    #expect(log == ["QueueShutDown", "true", "QueueShutDown", "1", "QueueShutDown", "QueueShutDown"])
  }

  @Test func `a shutdown by a thread wakes who waits for an item`() async throws {
    let error = try await simulate {
      let queue = ThreadSafeQueue<Int>()
      let getter = createTask { try await queue.get() }
      try await sleep(1)
      try await toThread { queue.shutdown() }
      return await errorOf { _ = try await getter.value }
    }
    #expect(error == "QueueShutDown")
  }

  @Test func `an immediate shutdown drops what has arrived and what has been taken in`() async throws {
    let census = Census()
    let log = try await simulate {
      let queue = ThreadSafeQueue<Item>()
      try queue.put(Item(census))
      try queue.put(Item(census))
      // One is got, and one taken in with it.
      _ = try await queue.get()
      try queue.put(Item(census))
      var log = ["\(queue.count)"]
      queue.shutdown()
      queue.shutdown(immediate: true)
      log.append("\(queue.count) \(census.alive)")
      log.append(await errorOf { _ = try await queue.get() })
      return log
    }
    #expect(log == ["2", "0 0", "QueueShutDown"])
  }

  @Test func `a shutdown ends the wait for room although the loop is not running`() async throws {
    try await onLoopThread {
      let queue = ThreadSafeQueue<Int>(maxSize: 1)
      let isRefused = Flag()
      try queue.put(1)
      let thread = PlainThread { do { try queue.put(2) } catch { isRefused.raise() } }
      usleep(20_000)
      queue.shutdown()
      thread.join()
      try require(isRefused.isUp, "it was told")
    }
  }

  @Test func `what is dropped may use the queue when it ends`() async throws {
    let log = try await simulate {
      let queue = ThreadSafeQueue<Ending>()
      let ended = Flag()
      try queue.put(
        Ending { [unowned queue] in
          if queue.isShutDown { ended.raise() }
        })
      queue.shutdown(immediate: true)
      return "\(ended.isUp)"
    }
    #expect(log == "true")
  }

  @Test func `so may the result of a thread that has waited for room, and that nobody waits for`() async throws {
    try await simulate {
      let queue = ThreadSafeQueue<Int>(maxSize: 1)
      let ended = Flag()
      try queue.put(1)
      let task = createTask {
        _ = try await toThread(abandonsOnCancel: true) {
          try? queue.put(2)
          return Ending { if queue.isShutDown { ended.raise() } }
        }
      }
      try await sleep(1)
      task.cancel()
      try require(await errorOf { try await task.value } == "CancellationError", "abandoned")
      PlainThread { queue.shutdown() }.join()
      // Meanwhile the thread ends, and the loop does not look at its mail.
      usleep(50_000)
      try await sleep(1)
      try require(ended.isUp, "let go")
    }
  }

  @Test func `no item is lost at any point of cancellation`() async throws {
    try await onLoopThread {
      for name in ["first", "second"] {
        let points = try cancelSweep(of: name) {
          let queue = ThreadSafeQueue<Int>()
          var got: [Int] = []
          let tasks = ["first", "second"].map { name in
            createTask(name: name) { got.append(try await queue.get()) }
          }
          createTask {
            try await sleep(1)
            try await toThread { for item in 1...3 { try queue.put(item) } }
          }
          _ = try await gatherResults(tasks)
          try await sleep(1)
          while let item = try queue.tryGet() { got.append(item) }
          return got.sorted()
        } check: { outcome in
          let got = try outcome.result.get()
          try require(got == [1, 2, 3], "\(got)")
        }
        try require(points > 0, "\(points)")
      }
    }
  }

  @Test func `who is called from elsewhere gets too, and can be cancelled natively`() async throws {
    try await simulate {
      let queue = ThreadSafeQueue<Int>()
      let native = Task.detached { try await queue.get() }
      let cancelled = Task.detached { try await queue.get() }
      try await sleep(1)
      cancelled.cancel()
      let error = await errorOf { _ = try await cancelled.value }
      try require(error == "CancellationError", error)
      try await toThread { try queue.put(7) }
      let value = try await native.value
      try require(value == 7, "\(value)")
    }
  }

  @Test func `who is called from elsewhere hears of a shutdown that comes just before the wait`() async throws {
    try await simulate {
      for round in 0..<5000 {
        let queue = ThreadSafeQueue<Int>()
        let isComing = Flag()
        let native = Task.detached {
          isComing.raise()
          return try await queue.get()
        }
        while !isComing.isUp { try await yieldNow() }
        for _ in 0..<round % 50 { try await yieldNow() }
        queue.shutdown()
        let error = await errorOf { _ = try await native.value }
        try require(error == "QueueShutDown", error)
      }
    }
  }

  @Test func `what was put while the loop was not running, or was made afresh, is there in the next run`() async throws
  {
    try await onLoopThread {
      let queue = ThreadSafeQueue<Int>()
      try queue.put(1)
      try run { try require(try await queue.get() == 1, "before the run") }
      try run { createTask { try await queue.get() } }
      // The one that waits is gone by then, and so is the call that was to wake it.
      let thread = PlainThread { try? queue.put(2) }
      thread.join()
      try newEventLoop()
      try run { try require(try await waitFor(1) { try await queue.get() } == 2, "after it") }
    }
  }
}

/// Something that is counted, and may go to another thread.
private final class Item: Sendable {
  private let subject: Subject
  private struct Subject: @unchecked Sendable { let subject: Census.Subject }
  init(_ census: Census) { subject = Subject(subject: Census.Subject(census)) }
}

/// Does something when it ends.
private final class Ending: Sendable {
  private let atEnd: @Sendable () -> Void
  init(_ atEnd: @escaping @Sendable () -> Void) { self.atEnd = atEnd }
  deinit { atEnd() }
}

/// What one thread says and another one asks.
private final class Flag: Sendable {
  private let state = Atomic<Bool>(false)
  var isUp: Bool { state.load(ordering: .acquiring) }
  func raise() { state.store(true, ordering: .releasing) }
}
