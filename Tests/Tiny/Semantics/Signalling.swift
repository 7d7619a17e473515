import UAsyncIO

func signalTests() {
  test("those whom set has woken stay woken when the event is cleared, and who comes later waits") {
    () throws(TaskError) in
    let event = Event()
    var woken = 0
    func wait() async throws(TaskError) {
      try await event.wait()
      woken += 1
    }
    let tasks = (0..<3).map { _ in createTask(wait) }
    try await sleep(1)
    event.set()
    event.clear()
    let late = createTask(wait)
    try await gather(tasks)
    try await sleep(1)
    require(woken == 3 && !late.isDone, "three of four")
    event.set()
    try await late.value
    require(event.isSet, "it stays set")
  }

  test("waiting for a flag that is set does not suspend") { () throws(TaskError) in
    let flag = ThreadSafeFlag()
    flag.set()
    require(flag.isSet, "set")
    var other = false
    let task = createTask { () throws(TaskError) in other = true }
    try await flag.wait()
    require(!other && !flag.isSet, "at once, and cleared")
    try await task.value
  }

  test("one set wakes all who wait, in the order in which they came, and those who come later wait anew") {
    () throws(TaskError) in
    let flag = ThreadSafeFlag()
    var log: [Int] = []
    let early = (0..<3).map { index in
      createTask { () throws(TaskError) in
        try await flag.wait()
        log.append(index)
      }
    }
    try await sleep(1)
    flag.set()
    try await gather(early)
    require(log == [0, 1, 2] && !flag.isSet, "all of them")
    let late = await errorOf { () throws(TaskError) in
      try await waitFor(1) { () throws(TaskError) in try await flag.wait() }
    }
    require(late == .timedOut, "anew")
  }

  test("a waiter that is cancelled leaves the flag as it was") { () throws(TaskError) in
    let flag = ThreadSafeFlag()
    for isSet in [false, true] {
      let waiter = createTask { () throws(TaskError) in try await flag.wait() }
      try await sleep(1)
      if isSet { flag.set() }
      // One turn later it has been woken, and has not had its turn.
      let killer = createTask { () throws(TaskError) in waiter.cancel() }
      require(try await killer.value, "it was waiting")
      require(await waiter.result.isCancelled && flag.isSet == isSet, "set if and only if nobody has seen it")
    }
  }

  testSeeds("under any order each set is noticed by somebody, whoever is cancelled") { () throws(TaskError) in
    let flag = ThreadSafeFlag()
    var noticed = 0
    let waiters = (0..<3).map { _ in
      createTask { () throws(TaskError) in
        try await flag.wait()
        noticed += 1
      }
    }
    let setter = createTask { () throws(TaskError) in
      try await sleep(0)
      flag.set()
    }
    let killer = createTask { () throws(TaskError) in
      try await sleep(0)
      waiters[0].cancel()
      try await sleep(0)
      waiters[1].cancel()
    }
    try await gather(setter, killer)
    try await sleep(1)
    require(noticed > 0 || flag.isSet, "the set is not lost")
    flag.set()
    try await sleep(1)
    require(waiters.allSatisfy { $0.isDone }, "nobody waits though the flag was set after all had come")
  }

  test("a flag that is dropped while others are waited for leaves those alone") { () throws(TaskError) in
    let kept = ThreadSafeFlag()
    let waiting = createTask { () throws(TaskError) in try await kept.wait() }
    for _ in 0..<3 {
      let flag = ThreadSafeFlag()
      let task = createTask { () throws(TaskError) in try await flag.wait() }
      try await sleep(0)
      task.cancel()
      require(await task.result.isCancelled, "cancelled")
    }
    kept.set()
    try await waiting.value
  }
}
