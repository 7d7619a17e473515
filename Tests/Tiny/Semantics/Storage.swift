import UAsyncIO

func storageTests() {
  test("a pool has as many places as it says, and they come back") { () throws(TaskError) in
    let room = UnsafeMutableRawBufferPointer.allocate(byteCount: 2100, alignment: 8)
    let pool = TaskPool(storage: room, taskSize: 512)
    require(pool.capacity == 4 && pool.count == 0, "four places")
    for _ in 0..<3 {
      let tasks = (0..<5).map { n in createTask(in: pool) { () throws(TaskError) in try await sleepMs(n) } }
      require(pool.count == 4 && tasks[4].isDone, "no fifth")
      require(await tasks[4].result.failure == .poolExhausted, "says so")
      let results = try await gatherResults(tasks)
      require(results.prefix(4).allSatisfy { $0.failure == nil }, "the others are unharmed")
      require(pool.count == 0 && pool.peak == 4, "all back")
    }
    room.deallocate()
  }

  test("waitFor in a pool without a place throws, and leaves nothing behind") { () throws(TaskError) in
    let pool = TaskPool(capacity: 1, taskSize: 512)
    useTaskPool(pool)
    let task = createTask { () throws(TaskError) in
      await errorOf { () throws(TaskError) in
        try await waitFor(1) { () throws(TaskError) in try await sleep(1) }
      }
    }
    require(try await task.value == .poolExhausted, "no second place")
    useTaskSize(MemoryLayout<Int>.size * 128)
    require(pool.count == 0, "nothing is left")
  }

  test("a place that is too small even to begin is refused") { () throws(TaskError) in
    let task = createTask(size: 8) { () throws(TaskError) in try await sleep(1) }
    require(await task.result.failure == .poolExhausted, "refused")
  }

  test("the high-water mark tells what a task has needed") { () throws(TaskError) in
    let small = createTask { () throws(TaskError) in try await sleep(1) }
    let large = createTask { () throws(TaskError) in _ = try await deep(6) }
    try await small.value
    try await large.value
    require(small.frameBytes > 0 && large.frameBytes > small.frameBytes + 100, "more is more")
    require(large.frameBytes <= MemoryLayout<Int>.size * 128, "within its room")
  }

  test("a million switches need no memory") { () throws(TaskError) in
    #if os(Linux)
      let rounds = 500_000
    #else
      let rounds = 100_000
    #endif
    let other = createTask { () throws(TaskError) in for _ in 0..<rounds { try await sleep(0) } }
    let before = heapAllocations()
    for _ in 0..<rounds { try await sleep(0) }
    require(heapAllocations() == before, "no allocation")
    try await other.value
  }

  test("sleeping, events, locks, queues, flags and gathers of tasks allocate nothing") { () throws(TaskError) in
    let event = Event()
    let lock = Lock()
    let queue = Queue<Int>(capacity: 1)
    let flag = ThreadSafeFlag()
    let other = createTask { () throws(TaskError) in
      for n in 0..<20 {
        try await event.wait()
        event.clear()
        try await lock.acquire()
        try await queue.put(n)
        try lock.release()
        flag.set()
      }
    }
    var before = 0
    for n in 0..<20 {
      if n == 1 { before = heapAllocations() }
      event.set()
      try await sleepMs(1)
      try await lock.acquire()
      require(try await queue.get() == n, "in order")
      try lock.release()
      try await flag.wait()
    }
    require(heapAllocations() == before, "no allocation")
    _ = try await gather(other, other)
    require(heapAllocations() == before, "nor for a gather")
  }

  #if !os(Linux)
    test("tasks that come and go use the same memory again") { () throws(TaskError) in
      for round in 0..<40 {
        if round == 2 { sealHeap(true) }
        let value = try await waitFor(1) { () throws(TaskError) in
          try await sleepMs(1)
          return round
        }
        require(value == round, "its value")
      }
      sealHeap(false)
    }
  #endif
}

@inline(never) private func deep(_ levels: Int) async throws(TaskError) -> Int {
  if levels == 0 {
    try await sleep(1)
    return 0
  }
  return try await deep(levels - 1) + 1
}
