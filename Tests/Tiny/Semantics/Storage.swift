import UAsyncIO

nonisolated(unsafe) private var begun = 0

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
    try await createTask(in: pool) { () throws(TaskError) in }.value
    require(pool.peak == 4, "the most at once")
    room.deallocate()
  }

  test("tasks that fill their places to the last byte leave each other alone") { () throws(TaskError) in
    func task(_ n: Int, in pool: TaskPool?) -> LoopTask<Int> {
      createTask(in: pool) { () throws(TaskError) in
        try await sleepMs(3 - n)
        return try await deep(5)
      }
    }
    let probe = task(0, in: nil)
    require(try await probe.value == 5, "what a task needs")
    let pool = TaskPool(capacity: 3, taskSize: probe.frameBytes)
    let tasks = (0..<3).map { task($0, in: pool) }
    require(try await gather(tasks) == [5, 5, 5], "each its own value")
    require(tasks.allSatisfy { $0.frameBytes == pool.taskSize }, "to the last byte")
  }

  test("what a task without a place has captured is released, and its error is told") { () throws(TaskError) in
    let pool = TaskPool(capacity: 2, taskSize: 8)
    var told = 0
    setExceptionHandler { _, error in told += error == .poolExhausted ? 1 : 100 }
    do {
      let subject = Subject()
      for _ in 0..<3 { createTask(in: pool) { () throws(TaskError) in withExtendedLifetime(subject) {} } }
      try await sleep(1)
    }
    require(Subject.alive == 0 && told == 3, "released and told")
    require(pool.count == 0 && pool.peak == 0, "places that are too small are not taken")
    setExceptionHandler(nil)
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

  test("one that is refused tells what it would have needed, and had") { () throws(TaskError) in
    func refused(_ size: Int?, _ pool: TaskPool?) -> LoopTask<Void> {
      createTask(size: size, in: pool) { () throws(TaskError) in try await sleep(1) }
    }
    let needed = refused(nil, nil)
    let small = TaskPool(capacity: 1, taskSize: 16)
    let empty = TaskPool(capacity: 0, taskSize: 64)
    let tasks = [refused(8, nil), refused(nil, small), refused(nil, empty)]
    for task in tasks { require(await task.result.failure == .poolExhausted, "refused") }
    require(tasks[0].frameBytes == needed.frameBytes && AnyLoopTask(tasks[0]).frameCapacity == 8, "of the heap")
    require(tasks[1].frameBytes == needed.frameBytes && AnyLoopTask(tasks[1]).frameCapacity == 16, "a small place")
    require(tasks[2].frameBytes == needed.frameBytes && AnyLoopTask(tasks[2]).frameCapacity == 64, "no place")
    try await needed.value
  }

  test("a place that is too small even to begin is refused") { () throws(TaskError) in
    let task = createTask(size: 8) { () throws(TaskError) in try await sleep(1) }
    require(await task.result.failure == .poolExhausted, "refused")
  }

  #if !os(Linux)
    test("a place is refused, or is large enough to begin with") { () throws(TaskError) in
      begun = 0
      for size in 1..<256 {
        // Having captured nothing, it needs one frame and no other. (On Linux it needs two.)
        let task = createTask(size: size) { () throws(TaskError) in begun += 1 }
        let failure = await task.result.failure
        require(failure == nil || (failure == .poolExhausted && begun == 0), "refused")
        require(failure != nil || task.frameBytes <= size, "within its room")
      }
      require(begun > 0 && begun < 255, "large ones begin")
    }
  #endif

  test("the high-water mark tells what a task has needed") { () throws(TaskError) in
    let small = createTask { () throws(TaskError) in try await sleep(1) }
    let large = createTask { () throws(TaskError) in try await deep(6) }
    try await small.value
    require(try await large.value == 6, "its value")
    require(small.frameBytes > 0 && large.frameBytes > small.frameBytes + 100, "more is more")
    require(large.frameBytes <= MemoryLayout<Int>.size * 128, "within its room")
  }

  test("a million switches need no memory") { () throws(TaskError) in
    let other = createTask { () throws(TaskError) in try await switchOften() }
    try await sleep(0)
    let before = (heapAllocations(), heapBytes(), other.frameBytes, currentTask()?.frameBytes)
    try await switchOften()
    require(heapAllocations() == before.0 && heapBytes() == before.1, "no allocation")
    require(other.frameBytes == before.2, "its frames have not grown")
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
        try await sleepMs(2)
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
      require(!flag.isSet, "the next wait is one")
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
        let failing = createTask { () throws(TaskError) in throw .failure(round) }
        require(await failing.result.failure == .failure(round), "its error")
      }
      sealHeap(false)
    }
  #endif
}

/// Half of a million times, in both ways.
private func switchOften() async throws(TaskError) {
  for _ in 0..<250_000 {
    try await sleep(0)
    try await yieldNow()
  }
}

@inline(never) private func deep(_ levels: Int) async throws(TaskError) -> Int {
  if levels == 0 {
    try await sleep(1)
    return 0
  }
  return try await deep(levels - 1) + 1
}
