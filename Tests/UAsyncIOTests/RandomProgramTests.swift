#if canImport(Glibc)
  import Glibc
#elseif canImport(Musl)
  import Musl
#endif
import Scheduler
import Testing
import UAsyncIO
import UAsyncIOTesting

/// Programs that nobody would write: tasks that sleep, wait, lock, put, get, make tasks and groups, await, gather, shield,
/// set limits and cancel each other, as dice decide. Whatever they do, every task must end when it is made to, nothing may
/// be left, and every lock and permit must be given back.
///
/// `UASYNCIO_PROGRAMS` is how many to run; 1,000 if it is not set.
@Suite struct RandomProgramTests {
  @Test func `random programs end, and leave nothing behind`() async throws {
    let count = getenv("UASYNCIO_PROGRAMS").flatMap { UInt64(String(cString: $0)) } ?? 1000
    let census = Census()
    try await simulateSeeds(0..<count, silence: .microseconds(50)) {
      // The seed orders the tasks; the dice decide what they do. Each program is another one.
      let program = try RandomProgram(seed: Numbers.next(), census)
      try await program.run()
    }
    #expect(census.alive == 0)
  }
}

@LoopActor private enum Numbers {
  static var last: UInt64 = 0
  static func next() -> UInt64 {
    last += 1
    return last
  }
}

@LoopActor private final class RandomProgram {
  private var dice: RandomSource
  private var tasks: [LoopTask<Int>] = []
  private let events = (0..<3).map { _ in Event() }
  private let lock = Lock()
  private let semaphore: LoopSemaphore
  private let queue = Queue<Int>(maxSize: 2)
  private var begun = 0
  private var ended = 0
  private var isOver = false

  private let census: Census

  init(seed: UInt64, _ census: Census) throws {
    dice = RandomSource(seed: seed)
    self.census = census
    semaphore = try LoopSemaphore(2, bound: 2)
  }

  func run() async throws {
    getEventLoop().setExceptionHandler { _ in }
    for _ in 0..<6 { spawn(depth: 0) }
    for _ in 0..<4 {
      try await sleep(Double(dice.next(below: 3)) * 0.5)
      spawn(depth: 0)
    }
    try await sleep(1)
    isOver = true
    // The end: whoever still runs is cancelled until all have ended.
    for _ in 0..<50 where tasks.contains(where: { !$0.isDone }) {
      for task in tasks { task.cancel() }
      try await sleep(1)
    }
    // For those who are called later.
    try await sleep(2)
    let stubborn = taskReport().filter { $0.name != "main" }
    try require(stubborn.isEmpty, "would not end: \(stubborn)")
    for result in try await gatherResults(tasks) {
      if case .failure(let error) = result {
        try require(
          error is CancellationError || error is TimeoutError || error is Boom || error is LoopError
            || error is TaskGroupError, "\(error)")
      }
    }
    try require(!lock.isLocked && semaphore.permits == 2, "everything was given back")
    let queue = queue.statistics
    try require(queue.getters == 0 && queue.putters == 0 && queue.count <= 2, "\(queue)")
    try require(begun == ended, "every body that began ended")
  }

  @discardableResult
  private func spawn(depth: Int) -> LoopTask<Int> {
    let length = 1 + dice.next(below: 5)
    let task = createTask {
      self.begun += 1
      let subject = Census.Subject(self.census)
      defer {
        self.ended += 1
        withExtendedLifetime(subject) {}
      }
      for _ in 0..<length where !self.isOver {
        if self.dice.next(below: 4) == 0 {
          // Catches what comes, its cancellation too, and goes on.
          try? await self.act(depth: depth + 1)
        } else {
          try await self.act(depth: depth + 1)
        }
      }
      return length
    }
    tasks.append(task)
    return task
  }

  private func act(depth: Int) async throws {
    let event = events[dice.next(below: events.count)]
    let task = tasks[dice.next(below: tasks.count)]
    let moment = Double(dice.next(below: 4)) * 0.5
    switch dice.next(below: depth < 4 ? 28 : 13) {
    case 0, 1: try await sleep(moment)
    case 2: try await event.wait()
    case 3: event.set()
    case 4: event.clear()
    case 5: task.cancel()
    case 6: throw Boom()
    case 7: try await yieldNow()
    case 8: await withTaskGroup(of: Void.self) { $0.addTask { try? await sleep(0.5) } }
    case 9: try await queue.put(depth)
    case 10: _ = try await queue.get()
    case 11: _ = try queue.tryGet() == nil ? try queue.tryPut(depth) : true
    case 12: getEventLoop().callLater(.seconds(moment)) { event.set() }
    case 13: spawn(depth: depth)
    case 14: _ = try await spawn(depth: depth).value
    case 15: _ = await task.result
    case 16: _ = try await waitFor(moment) { try await self.act(depth: depth + 1) }
    case 17: _ = try await waitFor(task, timeout: moment)
    case 18: _ = try await gather([task, spawn(depth: depth), tasks[dice.next(below: tasks.count)]])
    case 19: _ = try await gatherResults([task, spawn(depth: depth)])
    case 20: try await lock.withLock { try await self.act(depth: depth + 1) }
    case 21: try await semaphore.withPermit { try await self.act(depth: depth + 1) }
    case 22: try await group(depth: depth)
    case 23: _ = try await shield(dice.next(below: 2) == 0 ? task : spawn(depth: depth))
    case 24: _ = try await wait(for: [task, spawn(depth: depth)], until: .firstCompleted, timeout: .seconds(moment))
    case 25:
      for try await done in asCompleted([task, spawn(depth: depth)]) where dice.next(below: 2) == 0 {
        _ = try await done.value
        break
      }
    case 26:
      _ = try await moveOn(after: moment) { scope in
        scope.deadline = scope.deadline.map { $0 + .seconds(moment) }
        try await self.act(depth: depth + 1)
      }
    default: try await sleep(.seconds(moment), tolerance: .seconds(1))
    }
  }

  private func group(depth: Int) async throws {
    var running = 0
    defer { precondition(running == 0, "a group's tasks go on behind it") }
    try await withLoopTaskGroup { group in
      for index in 0..<2 {
        let body: @LoopActor () async throws -> Void = {
          running += 1
          defer { running -= 1 }
          try await self.act(depth: depth + 1)
        }
        if index == 1, self.dice.next(below: 3) == 0 {
          try group.createBackgroundTask(body)
        } else {
          try group.createTask(body)
        }
      }
      if self.dice.next(below: 4) == 0 { group.cancel() }
      try await self.act(depth: depth + 1)
    }
  }
}
