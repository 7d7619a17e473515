import UAsyncIO

func synchronizationTests() {
  test("set wakes all who wait, in the order in which they came") { () throws(TaskError) in
    let event = Event()
    var log: [Int] = []
    let tasks = (0..<4).map { n in
      createTask { () throws(TaskError) in
        try await event.wait()
        log.append(n)
      }
    }
    try await sleep(1)
    require(log.isEmpty && !event.isSet, "nobody yet")
    event.set()
    event.clear()
    try await gather(tasks)
    require(log == [0, 1, 2, 3] && !event.isSet, "all, though it was cleared")
  }

  test("waiting for an event that is set does not suspend") { () throws(TaskError) in
    let event = Event()
    event.set()
    var other = false
    let task = createTask { () throws(TaskError) in other = true }
    try await event.wait()
    require(!other, "nobody else ran")
    try await task.value
  }

  test("a waiter that leaves, wherever in the queue, leaves the others in order") { () throws(TaskError) in
    for leaving in 0..<3 {
      let event = Event()
      var log: [Int] = []
      let tasks = (0..<3).map { n in
        createTask { () throws(TaskError) in
          try await event.wait()
          log.append(n)
        }
      }
      try await sleep(0)
      tasks[leaving].cancel()
      event.set()
      _ = try await gatherResults(tasks)
      require(log == [0, 1, 2].filter { $0 != leaving }, "in order")
    }
  }

  test("a lock lets one in at a time, in the order in which they came") { () throws(TaskError) in
    let lock = Lock()
    var inside = 0
    var log: [Int] = []
    let tasks = (0..<4).map { n in
      createTask { () throws(TaskError) in
        for _ in 0..<2 {
          try await lock.withLock { () throws(TaskError) in
            inside += 1
            require(inside == 1, "alone")
            try await sleepMs(1)
            log.append(n)
            inside -= 1
          }
        }
      }
    }
    try await gather(tasks)
    require(log == [0, 1, 2, 3, 0, 1, 2, 3], "fair")
    require(!lock.isLocked, "free")
    require(await errorOf { () throws(TaskError) in try lock.release() } == .notLocked, "released by nobody")
  }

  test("a lock is free again after its body has thrown") { () throws(TaskError) in
    let lock = Lock()
    let error = await errorOf { () throws(TaskError) in
      try await lock.withLock { () throws(TaskError) in throw .failure(4) }
    }
    require(error == .failure(4) && !lock.isLocked, "free")
  }

  testSeeds("a lock handed to one who is cancelled goes on to the next") { () throws(TaskError) in
    let lock = Lock()
    try await lock.acquire()
    let first = createTask { () throws(TaskError) in try await lock.acquire() }
    try await sleep(0)
    let second = createTask { () throws(TaskError) in
      try await lock.acquire()
      try lock.release()
    }
    try await sleep(0)
    try lock.release()
    first.cancel()
    let result = await first.result
    if result.failure == nil { try lock.release() }
    try await second.value
    require(!lock.isLocked, "free")
  }

  test("a queue hands over in order, and makes the faster side wait") { () throws(TaskError) in
    let queue = Queue<Int>(capacity: 2)
    let producer = createTask { () throws(TaskError) in
      for n in 0..<10 {
        try await queue.put(n)
        require(queue.count <= 2, "bounded")
      }
    }
    for n in 0..<10 {
      try await sleepMs(n % 3)
      require(try await queue.get() == n, "in order")
    }
    try await producer.value
    require(queue.isEmpty && queue.tryGet() == nil, "empty")
    require(queue.tryPut(1) && queue.tryPut(2) && !queue.tryPut(3) && queue.isFull, "full")
    require(queue.tryGet() == 1 && queue.tryGet() == 2, "out again")
  }

  testSeeds("a queue loses nothing and invents nothing, whoever is cancelled") { () throws(TaskError) in
    let queue = Queue<Int>(capacity: 2)
    var put = 0
    var got = 0
    let producers = (0..<3).map { n in
      createTask { () throws(TaskError) in
        for i in 0..<6 {
          try await queue.put(n * 10 + i)
          put += 1
        }
      }
    }
    let consumers = (0..<3).map { _ in
      createTask { () throws(TaskError) in
        while true {
          _ = try await queue.get()
          got += 1
          try await sleep(0)
        }
      }
    }
    try await sleep(0)
    consumers[0].cancel()
    producers[1].cancel()
    _ = try await gatherResults(producers)
    try await sleep(1)
    for consumer in consumers { consumer.cancel() }
    _ = try await gatherResults(consumers)
    require(put == got + queue.count, "each element once")
    require(queue.isEmpty, "all of them taken")
  }

  test("what is left in a queue is released with it") { () throws(TaskError) in
    do {
      let queue = Queue<Subject>(capacity: 3)
      try await queue.put(Subject())
      try await queue.put(Subject())
      _ = try await queue.get()
      require(Subject.alive == 1, "one is left")
    }
    require(Subject.alive == 0, "none")
  }

  test("a flag that was set before the wait ends it at once, and only once") { () throws(TaskError) in
    let flag = ThreadSafeFlag()
    flag.set()
    flag.set()
    try await flag.wait()
    let waiting = createTask { () throws(TaskError) in try await flag.wait() }
    try await sleep(1)
    require(!waiting.isDone, "cleared by the first wait")
    flag.set()
    try await waiting.value
    flag.set()
    flag.clear()
    let error = await errorOf { () throws(TaskError) in
      try await waitFor(1) { () throws(TaskError) in try await flag.wait() }
    }
    require(error == .timedOut, "cleared")
  }

  test("a flag wakes all who wait, and several flags do not disturb each other") { () throws(TaskError) in
    let flags = (0..<3).map { _ in ThreadSafeFlag() }
    var log: [Int] = []
    let tasks = [0, 1, 1, 2].map { n in
      createTask { () throws(TaskError) in
        try await flags[n].wait()
        log.append(n)
      }
    }
    try await sleep(1)
    flags[1].set()
    try await sleep(1)
    require(log == [1, 1], "both, and nobody else")
    flags[0].set()
    flags[2].set()
    try await gather(tasks)
    require(log.count == 4, "all")
  }
}
