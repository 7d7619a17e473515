// Programs that nobody would write: tasks that sleep, wait, lock, put, get, make tasks, await, gather, set limits and cancel
// each other, as dice decide. Whatever they do, every task must end when it is made to, nothing may be left, and the lock must
// be given back.

import UAsyncIO

private final class RandomProgram {
  private var state: UInt32
  private var tasks: [LoopTask<Int>] = []
  private let events = (0..<3).map { _ in Event() }
  private let lock = Lock()
  private let queue = Queue<Int>(capacity: 2)
  private let flag = ThreadSafeFlag()
  private var inside = 0
  private var put = 0
  private var got = 0
  private var begun = 0
  private var ended = 0
  private var isOver = false

  init(seed: UInt32) {
    state = seed &* 2_654_435_769 | 1
    tasks.reserveCapacity(most)
  }

  #if os(Linux)
    private let most = 24
  #else
    // As many as there is room for.
    private let most = 12
  #endif

  private func roll(_ sides: UInt32) -> UInt32 {
    state = state &* 1_664_525 &+ 1_013_904_223
    return (state >> 16) % sides
  }

  private func any() -> LoopTask<Int> { tasks[Int(roll(UInt32(tasks.count)))] }

  func run() async throws(TaskError) {
    for _ in 0..<5 { spawn() }
    for _ in 0..<4 {
      try await sleepMs(Int(roll(3)))
      spawn()
    }
    try await sleepMs(4)
    isOver = true
    // The end: whoever still runs is cancelled until all have ended.
    for _ in 0..<50 where tasks.contains(where: { !$0.isDone }) {
      for task in tasks { task.cancel() }
      try await sleepMs(1)
    }
    require(tasks.allSatisfy { $0.isDone }, "all end")
    for task in tasks {
      let failure = await task.result.failure
      require(
        failure == nil || failure == .cancelled || failure == .timedOut || failure == .failure(1)
          || failure == .awaitsItself, "no other error")
    }
    // Those that were cancelled before they began have no number.
    require(begun == ended, "every body that began ended")
    require(!lock.isLocked && inside == 0, "the lock was given back")
    require(put == got + queue.count, "each element once")
    while queue.tryGet() != nil {}
    require(queue.tryPut(1) && queue.tryPut(2) && queue.tryGet() == 1, "all places are there, and nobody waits")
    tasks = []
  }

  @discardableResult
  private func spawn() -> LoopTask<Int> {
    if tasks.count == most { return any() }
    let length = 1 + roll(5)
    let subject = Subject()
    let task = createTask(size: MemoryLayout<Int>.size * 384) { () throws(TaskError) in
      self.begun += 1
      defer { self.ended += 1 }
      for _ in 0..<length where !self.isOver {
        if self.roll(4) == 0 {
          // Catches what comes, its cancellation too, and goes on.
          _ = await errorOf { () throws(TaskError) in try await self.act(1) }
        } else {
          try await self.act(1)
        }
      }
      _ = subject
      return Int(length)
    }
    tasks.append(task)
    return task
  }

  private func act(_ depth: Int) async throws(TaskError) {
    let event = events[Int(roll(3))]
    let task = any()
    let moment = Int(roll(4))
    switch roll(depth < 3 ? 22 : 12) {
    case 0, 1: try await sleepMs(moment)
    case 2: try await event.wait()
    case 3: event.set()
    case 4: event.clear()
    case 5: task.cancel()
    case 6: throw .failure(1)
    case 7: try await yieldNow()
    case 8:
      try await queue.put(depth)
      put += 1
    case 9:
      _ = try await queue.get()
      got += 1
    case 10: if queue.tryGet() != nil { got += 1 } else if queue.tryPut(depth) { put += 1 }
    case 11: if roll(2) == 0 { flag.set() } else { try await flag.wait() }
    case 12: spawn()
    case 13: _ = try await spawn().value
    case 14: _ = await task.result
    case 15: try await waitForMs(moment) { () throws(TaskError) in try await self.deeper(depth) }
    case 16: _ = try await waitForMs(task, timeout: moment)
    case 17: _ = try await gather([task, spawn(), any()])
    case 18: _ = try await gatherResults([task, spawn()])
    case 19: try await exclusively(depth)
    case 20: _ = try await gather(task, any())
    default: try await waitForMs(moment) { () throws(TaskError) in try await event.wait() }
    }
  }

  private func exclusively(_ depth: Int) async throws(TaskError) {
    try await lock.acquire()
    inside += 1
    require(inside == 1, "one at a time")
    defer {
      inside -= 1
      try? lock.release()
    }
    try await deeper(depth)
  }

  // Not seen through: a function that calls itself has a frame for each call.
  @inline(never)
  private func deeper(_ depth: Int) async throws(TaskError) { try await act(depth + 1) }
}

func randomProgramTests() {
  setExceptionHandler { _, _ in }
  // A task under a limit gets its room here.
  useTaskSize(MemoryLayout<Int>.size * 384)
  var seed: UInt32 = 0
  testSeeds("random programs end, and leave nothing behind") { () throws(TaskError) in
    seed += 1
    try await RandomProgram(seed: seed).run()
    require(Subject.alive == 0, "nothing is left of it")
  }
  useTaskSize(MemoryLayout<Int>.size * 128)
  setExceptionHandler(nil)
}
