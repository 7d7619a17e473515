import UAsyncIO

func lockTests() {
  test("a free lock is taken at once, without letting others run") { () throws(TaskError) in
    let lock = Lock()
    var other = false
    let task = createTask { () throws(TaskError) in other = true }
    require(!lock.isLocked, "free")
    try await lock.acquire()
    require(lock.isLocked && !other, "at once")
    try lock.release()
    require(!lock.isLocked, "free again")
    try await task.value
  }

  test("a lock that is handed over is not free for a newcomer") { () throws(TaskError) in
    let lock = Lock()
    var log: [Int] = []
    try await lock.acquire()
    let waiter = createTask { () throws(TaskError) in
      try await lock.acquire()
      log.append(1)
      try await sleep(1)
      try lock.release()
    }
    try await sleep(1)
    try lock.release()
    require(lock.isLocked && !lock.tryAcquire(), "promised")
    try await lock.acquire()
    log.append(2)
    try lock.release()
    try await waiter.value
    require(log == [1, 2], "in the order in which they came")
  }

  test("one that is cancelled in the moment of the hand-over passes the lock on") { () throws(TaskError) in
    let lock = Lock()
    try await lock.acquire()
    let first = createTask { () throws(TaskError) in try await lock.acquire() }
    var entered = false
    let second = createTask { () throws(TaskError) in try await lock.withLock { () throws(TaskError) in entered = true }
    }
    try await sleep(1)
    try lock.release()
    first.cancel()
    require(await first.result.isCancelled, "cancelled")
    try await second.value
    require(entered && !lock.isLocked, "passed on")
  }

  test("releasing a lock that nobody holds is an error, and the lock is free all the same") { () throws(TaskError) in
    let lock = Lock()
    for _ in 0..<2 {
      require(await errorOf { () throws(TaskError) in try lock.release() } == .notLocked, "nobody holds it")
      require(lock.tryAcquire(), "free all the same")
      try lock.release()
    }
  }

  test("withLock gives the lock back, whatever its body does") { () throws(TaskError) in
    let lock = Lock()
    require(try await lock.withLock { () throws(TaskError) in lock.isLocked }, "held within")
    require(!lock.isLocked, "returned")
    let limit = await errorOf { () throws(TaskError) in
      try await waitFor(1) { () throws(TaskError) in
        try await lock.withLock { () throws(TaskError) in try await sleep(5) }
      }
    }
    require(limit == .timedOut && !lock.isLocked, "cancelled")
    let own = await errorOf { () throws(TaskError) in
      try await lock.withLock { () throws(TaskError) in try lock.release() }
    }
    require(own == .notLocked && !lock.isLocked, "released within")
    let both = await errorOf { () throws(TaskError) in
      try await lock.withLock { () throws(TaskError) in
        try lock.release()
        throw .failure(3)
      }
    }
    require(both == .failure(3) && !lock.isLocked, "the body's error comes first")
  }

  test("the time limit of one who waits leaves the others where they are") { () throws(TaskError) in
    let lock = Lock()
    try await lock.acquire()
    let limited = createTask { () throws(TaskError) in
      await errorOf { () throws(TaskError) in
        try await waitFor(1) { () throws(TaskError) in try await lock.acquire() }
      }
    }
    var entered = 0
    let patient = createTask { () throws(TaskError) in
      try await lock.acquire()
      entered = milliseconds()
      try lock.release()
    }
    try await sleep(2)
    require(lock.isLocked, "still held")
    try lock.release()
    require(try await limited.value == .timedOut, "too late")
    try await patient.value
    require(entered == 2000 && !lock.isLocked, "next in its turn")
  }
}
