import Testing
import UAsyncIO
import UAsyncIOTesting

/// Each coroutine of a scenario is cancelled wherever it can be, in the plain order and in some others: as soon as it is
/// suspended, and when what it waited for is there already. Whatever is hit, the others must end by themselves, and the
/// primitive must be as if nobody had been there.
@Suite struct CancelSweepTests {
  @Test func `an event wakes all the others`() async throws {
    try await sweep(["setter", "first", "second"]) { others in
      let event = Event()
      var woken: [String] = []
      let tasks = [
        createTask(name: "setter") {
          defer { event.set() }
          try await sleep(1)
        },
        createTask(name: "first") {
          try await event.wait(); woken.append("first")
        },
        createTask(name: "second") {
          try await event.wait(); woken.append("second")
        },
      ]
      try await others.end(tasks)
      try others.must(be: woken, amongst: ["first", "second"])
    }
  }

  @Test func `a lock is taken by all the others, and free in the end`() async throws {
    try await sweep(["owner", "first", "second"]) { others in
      let lock = Lock()
      var inside = 0
      var taken: [String] = []
      let tasks = ["owner", "first", "second"].map { name in
        createTask(name: name) {
          try await lock.withLock {
            inside += 1
            defer { inside -= 1 }
            try require(inside == 1, "alone")
            taken.append(name)
            try await sleep(1)
          }
        }
      }
      try await others.end(tasks)
      try others.must(be: taken, amongst: ["owner", "first", "second"])
      try require(!lock.isLocked && lock.statistics.waiters == 0, "free: \(lock.statistics)")
    }
  }

  @Test func `a semaphore's permits are taken by all the others, and free in the end`() async throws {
    try await sweep(["a", "b", "c", "d"]) { others in
      let semaphore = try LoopSemaphore(2, bound: 2)
      var taken: [String] = []
      let tasks = ["a", "b", "c", "d"].map { name in
        createTask(name: name) {
          try await semaphore.withPermit {
            taken.append(name)
            try await sleep(1)
          }
        }
      }
      try await others.end(tasks)
      try others.must(be: taken, amongst: ["a", "b", "c", "d"])
      try require(semaphore.permits == 2 && semaphore.statistics.waiters == 0, "free: \(semaphore.statistics)")
    }
  }

  @Test func `a queue's items are got by the others or are still there`() async throws {
    for order in [QueueOrder<Int>.fifo, .lifo, .priority] {
      try await sweep(["a", "b", "x", "y", "joiner"]) { others in
        let queue = Queue<Int>(maxSize: 1, order: order)
        var put = [-1]
        try await queue.put(-1)
        var got: [Int] = []
        let producers = [("a", 0), ("b", 10)].map { name, first in
          createTask(name: name) {
            for number in first..<(first + 2) {
              try await queue.put(number)
              put.append(number)
            }
          }
        }
        let consumers = ["x", "y"].map { name in
          createTask(name: name) {
            while true {
              got.append(try await queue.get())
              defer { try? queue.taskDone() }
              try await yieldNow()
            }
          }
        }
        let joiner = createTask(name: "joiner") { try await queue.join() }
        _ = try await gatherResults(producers)
        try require(queue.statistics.putters == 0, "all have put: \(queue.statistics)")
        queue.shutdown()
        _ = try await gatherResults(consumers)
        try require(queue.isEmpty && queue.statistics.getters == 0, "all was got: \(queue.statistics)")
        _ = await joiner.result
        try require(got.sorted() == put.sorted(), "put \(put), got \(got)")
        try require(queue.statistics.unfinished == 0, "all is done: \(queue.statistics)")
        if !["a", "b"].contains(others.cancelled) { try require(put.count == 5, "all was put: \(put)") }
      }
    }
  }

  @Test func `a queue that is shut down leaves nobody waiting, and its items to the others`() async throws {
    try await sweep(["x", "y", "z", "putter"]) { others in
      let queue = Queue<Int>(maxSize: 1)
      var ends: [String] = []
      let consumers = ["x", "y", "z"].map { name in
        createTask(name: name) {
          do {
            while true { ends.append("\(try await queue.get())") }
          } catch is QueueShutDown {
            ends.append("end")
          }
        }
      }
      try await sleep(1)
      try await queue.put(1)
      let putter = createTask(name: "putter") {
        try await yieldNow()
        do { try await queue.put(2) } catch is QueueShutDown { ends.append("2") }
      }
      // One consumer has been woken for the item; the putter comes before or after the shutdown.
      try await yieldNow()
      queue.shutdown()
      try await others.end(consumers + [putter])
      let isPutterHit = others.cancelled == "putter"
      try require(ends.count { $0 == "1" } == 1, "the item was got: \(ends)")
      try require(ends.count { $0 == "2" } == 1 || isPutterHit, "the other was got or refused: \(ends)")
      try require(ends.count { $0 == "end" } >= (isPutterHit ? 3 : 2), "the others were told: \(ends)")
      try require(queue.isEmpty && queue.statistics.getters + queue.statistics.putters == 0, "nobody waits")
    }
  }

  @Test func `who waits under a time limit, and is cancelled, passes its turn on too`() async throws {
    try await sweep(["owner", "first", "second"]) { others in
      let lock = Lock()
      let queue = Queue<String>()
      let tasks = ["owner", "first", "second"].map { name in
        createTask(name: name) {
          try await yieldNow()
          // The limit of one passes in the very moment in which the one before it leaves.
          do {
            try await waitFor(name == "first" ? 1 : 10) {
              try await lock.withLock {
                try await queue.put(name)
                try await sleep(1)
              }
            }
          } catch is TimeoutError {
            try require(name == "first", "\(name) has time")
          }
        }
      }
      try await others.end(tasks)
      var taken: [String] = []
      while let name = try queue.tryGet() { if name != "first" { taken.append(name) } }
      try others.must(be: taken, amongst: ["owner", "second"])
      try require(!lock.isLocked && lock.statistics.waiters == 0, "free: \(lock.statistics)")
    }
  }

  @Test func `a channel's elements are received by the others, and all iterations end`() async throws {
    try await sweep(["sender", "x", "y"]) { others in
      let channel = try Channel<Int>()
      var sent: [Int] = []
      var received: [Int] = []
      let sender = createTask(name: "sender") {
        defer { channel.finish() }
        for number in 0..<4 {
          try await channel.send(number)
          sent.append(number)
        }
      }
      let receivers = ["x", "y"].map { name in
        createTask(name: name) { for try await number in channel { received.append(number) } }
      }
      _ = await sender.result
      try await others.end(receivers)
      try require(received == sent && channel.count == 0, "sent \(sent), received \(received)")
      if others.cancelled != "sender" { try require(sent == [0, 1, 2, 3], "all was sent: \(sent)") }
    }
  }

  @Test func `a condition's notifications reach the others, and its lock is held after each wait`() async throws {
    try await sweep(["owner", "first", "second", "third"]) { others in
      let condition = Condition()
      var inside = 0
      var notified = 0
      @LoopActor func enter() throws {
        inside += 1
        try require(inside == 1 && condition.isLocked, "alone, with the lock")
      }
      let waiters = ["first", "second", "third"].map { name in
        createTask(name: name) {
          try await condition.acquire()
          defer {
            inside = 0
            do { try condition.release() } catch { inside = 100 }
          }
          do { try await condition.wait() } catch {
            try enter()
            throw error
          }
          try enter()
          notified += 1
          try await yieldNow()
        }
      }
      try await sleep(1)
      let owner = createTask(name: "owner") {
        try await condition.withLock {
          try enter()
          defer { inside = 0 }
          try condition.notify(2)
          try await yieldNow()
        }
      }
      _ = await owner.result
      try await sleep(1)
      try require(inside == 0, "nobody is inside")
      try require(notified == 2, "\(notified) were notified, not 2")
      try await condition.withLock { try condition.notifyAll() }
      try await others.end(waiters)
      try require(!condition.isLocked && condition.statistics.waiters == 0, "free: \(condition.statistics)")
    }
  }

  @Test func `a barrier lets the others go when enough have come`() async throws {
    try await sweep(["first", "second", "third"]) { others in
      let barrier = try Barrier(2)
      var places: [Int] = []
      let tasks = ["first", "second", "third"].map { name in
        createTask(name: name) {
          try await sleep(name == "third" ? 1 : 0)
          places.append(try await barrier.wait())
        }
      }
      try await sleep(2)
      barrier.abort()
      _ = try await gatherResults(tasks)
      try require(places.contains(1), "two have met: \(places)")
      try require(barrier.waiting == 0, "nobody waits")
    }
  }
}

extension CancelSweepTests {
  @Test func `a native cancellation of a guest that has its turn passes it on, and one that has not changes nothing`()
    async throws
  {
    for isGranted in [true, false] {
      try await onLoopThread {
        for (name, make) in guestCases {
          try simulate {
            let (wait, grant) = try await make()
            var log: [String] = []
            let guest = Task { @LoopActor in log.append(await errorOf { try await wait() }) }
            try await sleep(1)
            let next = createTask { log.append("next " + (await errorOf { try await wait() })) }
            try await sleep(1)
            if isGranted { try await grant() }
            guest.cancel()
            if !isGranted {
              try await sleep(1)
              try await grant()
            }
            try await sleep(1)
            try require(log.sorted() == ["CancellationError", "next none"], "\(name): \(log)")
            try await next.value
          }
        }
      }
    }
  }
}

/// How to wait for something, and how to let one go on who does.
private typealias Turns = (wait: @LoopActor () async throws -> Void, grant: @LoopActor () async throws -> Void)

private let guestCases: [(String, @LoopActor () async throws -> Turns)] = [
  (
    "lock",
    {
      let lock = Lock()
      try await lock.acquire()
      return ({ try await lock.acquire() }, { try lock.release() })
    }
  ),
  (
    "semaphore",
    {
      let semaphore = try LoopSemaphore(0)
      return ({ try await semaphore.acquire() }, { try semaphore.release() })
    }
  ),
  (
    "get",
    {
      let queue = Queue<Int>()
      return ({ _ = try await queue.get() }, { try await queue.put(1) })
    }
  ),
  (
    "put",
    {
      let queue = Queue<Int>(maxSize: 1)
      try await queue.put(0)
      return ({ try await queue.put(1) }, { _ = try await queue.get() })
    }
  ),
  (
    "channel",
    {
      let channel = try Channel<Int>()
      return (
        {
          var iterator = channel.makeAsyncIterator()
          _ = try await iterator.next()
        }, { try await channel.send(1) }
      )
    }
  ),
  (
    "condition",
    {
      let condition = Condition()
      return (
        { try await condition.withLock { try await condition.wait() } },
        { try await condition.withLock { try condition.notify() } }
      )
    }
  ),
]

/// Those in a scenario who are not cancelled.
@LoopActor
private struct Others {
  /// The one that is, at some time or another.
  let cancelled: String

  /// Waits for all to end, by a cancellation or without error.
  func end(_ tasks: [LoopTask<Void>]) async throws {
    for result in try await gatherResults(tasks) {
      if case .failure(let error) = result, !(error is CancellationError) { throw error }
    }
  }

  /// Each has had its turn once, except perhaps the one that is cancelled.
  func must(be names: [String], amongst all: [String]) throws {
    let others = names.filter { $0 != cancelled }
    try require(others.sorted() == all.filter { $0 != cancelled }.sorted(), "all others: \(others)")
    try require(names.count <= others.count + 1, "once each: \(names)")
  }
}

/// Cancels each of the named tasks wherever it can be. The scenario checks what must hold, whoever it is.
private func sweep(_ names: [String], _ scenario: @escaping @LoopActor (Others) async throws -> Void) async throws {
  try await onLoopThread {
    for name in names {
      for order in [LoopOrder.fifo] + (0..<10).map({ .seeded($0) }) {
        let points = try cancelSweep(of: name, order: order) {
          getEventLoop().setExceptionHandler { _ in }
          try await scenario(Others(cancelled: name))
        } check: { outcome in
          try outcome.result.get()
          try require(outcome.leftovers.isEmpty, "parked for ever: \(outcome.leftovers)")
        }
        try require(points > 0, "\(name) is suspended")
      }
    }
  }
}
