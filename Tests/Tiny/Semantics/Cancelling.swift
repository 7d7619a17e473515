import UAsyncIO

func cancelTests() {
  test("a cancelled sleep throws at once, and the task has ended") { () throws(TaskError) in
    let task = createTask { () throws(TaskError) in try await sleep(100) }
    try await sleep(1)
    require(task.cancel(), "it was running")
    require(await task.result.isCancelled, "cancelled")
    require(milliseconds() == 1000, "at once")
    require(!task.cancel(), "cancelling a finished task has no effect")
  }

  test("cancelled before its first step, a body never runs, and is released") { () throws(TaskError) in
    var ran = false
    do {
      let subject = Subject()
      let task = createTask { () throws(TaskError) in
        _ = subject
        ran = true
      }
      task.cancel()
      task.cancel()
      require(await task.result.isCancelled, "cancelled")
    }
    require(!ran, "never")
    require(Subject.alive == 0, "released")
  }

  test("a task that cancels itself meets it at its next await") { () throws(TaskError) in
    let task = createTask { () throws(TaskError) in
      currentTask()?.cancel()
      require(await errorOf { () throws(TaskError) in try await sleep(1) } == .cancelled, "the next")
      require(await errorOf { () throws(TaskError) in try await sleep(1) } == nil, "and no other")
    }
    try await task.value
    require(milliseconds() == 1000, "one sleep")
  }

  test("a task that cancels itself before it gathers, or sets a limit, takes those along") { () throws(TaskError) in
    let task = createTask { () throws(TaskError) in
      let children = (0..<2).map { _ in createTask { () throws(TaskError) in try await sleep(100) } }
      try await sleep(1)
      currentTask()?.cancel()
      require(await errorOf { () throws(TaskError) in try await gather(children) } == .cancelled, "the gather")
      require(children.allSatisfy { $0.isDone }, "with its tasks")
      currentTask()?.cancel()
      let limited = await errorOf { () throws(TaskError) in
        try await waitFor(200) { () throws(TaskError) in try await sleep(100) }
      }
      require(limited == .cancelled, "the limit")
    }
    try await task.value
    require(milliseconds() == 1000, "at once")
  }

  test("cancelled when woken already but not run, the await throws") { () throws(TaskError) in
    let event = Event()
    let task = createTask { () throws(TaskError) in try await event.wait() }
    try await sleep(0)
    event.set()
    task.cancel()
    require(await task.result.isCancelled, "cancelled")
  }

  test("cancelled when the awaited task has just ended, its result is there, and the next await throws") {
    () throws(TaskError) in
    var waiter: LoopTask<Void>?
    let awaited = createTask { () throws(TaskError) in
      try await sleep(1)
      return 5
    }
    // It has come first, so it is woken first.
    let killer = createTask { () throws(TaskError) in
      _ = try await awaited.value
      waiter?.cancel()
    }
    let task = createTask { () throws(TaskError) in
      require((try? await awaited.result.get()) == 5, "the result")
      require(await errorOf { () throws(TaskError) in try await sleep(1) } == .cancelled, "the next await")
    }
    waiter = task
    try await gather(killer, task)
    require(milliseconds() == 1000, "at once")
    waiter = nil
  }

  test("cancelled twice before it runs, it throws once") { () throws(TaskError) in
    let task = createTask { () throws(TaskError) in
      require(await errorOf { () throws(TaskError) in try await sleep(10) } == .cancelled, "once")
      require(await errorOf { () throws(TaskError) in try await sleep(10) } == nil, "not twice")
    }
    try await sleep(1)
    task.cancel()
    task.cancel()
    try await task.value
    require(milliseconds() == 11_000, "one sleep")
  }

  test("a task may catch its cancellation, clean up with awaits, and go on") { () throws(TaskError) in
    let task = createTask { () throws(TaskError) in
      do throws(TaskError) {
        try await sleep(100)
      } catch {
        require(error == .cancelled, "caught")
        try await sleep(2)
      }
      try await sleep(1)
      return 7
    }
    try await sleep(1)
    task.cancel()
    require(try await task.value == 7, "the value")
    require(milliseconds() == 4000, "after its clean-up")
  }

  test("cancelling one who awaits a task cancels that task, down the chain") { () throws(TaskError) in
    let inner = createTask { () throws(TaskError) in
      require(await errorOf { () throws(TaskError) in try await sleep(100) } == .cancelled, "the inner one")
    }
    let middle = createTask { () throws(TaskError) in try await inner.value }
    let outer = createTask { () throws(TaskError) in try await middle.value }
    try await sleep(1)
    outer.cancel()
    // The inner one swallowed it, so the others never hear of it.
    try await outer.value
  }

  test("a cancellation that comes back to its sender, and that it does not meet, is the waiter's again") {
    () throws(TaskError) in
    for limited in [false, true] {
      var waiter: LoopTask<Void>?
      var isOver = false
      let sender = createTask { () throws(TaskError) in
        try await sleepMs(10)
        waiter?.cancel()
      }
      let task = createTask { () throws(TaskError) in
        if limited {
          try await waitForMs(1000) { () throws(TaskError) in
            try await sender.value
            try await Event().wait()
          }
        } else {
          try await sender.value
          isOver = true
        }
      }
      waiter = task
      require(await task.result.isCancelled && !isOver, "cancelled")
      require(await sender.result.failure == nil, "the sender has ended as it wanted to")
      waiter = nil
    }
    require(milliseconds() == 20, "at once")
  }

  test("a cancellation by what an ending task has captured reaches whoever awaits that task") { () throws(TaskError) in
    for kind in 0..<4 {
      var waiter: LoopTask<Void>?
      var isOver = false
      let ending = createTask { [mourner = Mourner { waiter?.cancel() }] () throws(TaskError) in
        try await sleepMs(10)
        withExtendedLifetime(mourner) {}
        if kind == 3 { throw .failure(3) }
      }
      let task = createTask { () throws(TaskError) in
        switch kind {
        case 0: try await ending.value
        case 1: try await gather(ending, createTask { () throws(TaskError) in try await sleepMs(10) })
        case 2: try await waitFor(ending, timeout: 1)
        default:
          let error = await errorOf { () throws(TaskError) in try await ending.value }
          require(error == .failure(3), "an error comes first")
          try await sleep(1)
        }
        isOver = true
      }
      waiter = task
      if kind == 3 {
        require(await task.result.failure == nil, "and the cancellation was the other task's")
      } else {
        require(await task.result.isCancelled && !isOver, "cancelled")
      }
      waiter = nil
    }
    require(milliseconds() == 1040, "at once")
  }

  test("a cancellation that was passed on is no longer the waiter's, and an error comes before it") {
    () throws(TaskError) in
    let swallowing = createTask { () throws(TaskError) in
      require(await errorOf { () throws(TaskError) in try await sleep(10) } == .cancelled, "passed on")
    }
    let task = createTask { () throws(TaskError) in
      try await swallowing.value
      // Neither by an await of one task nor of several.
      try await createTask { () throws(TaskError) in try await sleep(1) }.value
      let other = createTask { () throws(TaskError) in try await sleep(1) }
      try await gather(other, swallowing)
      try await waitFor(5) { () throws(TaskError) in try await sleep(1) }
    }
    try await sleep(1)
    task.cancel()
    try await task.value
    require(milliseconds() == 4000, "to its end")
    var waiter: LoopTask<Void>?
    let failing = createTask { () throws(TaskError) in
      waiter?.cancel()
      throw .failure(1)
    }
    let waiting = createTask { () throws(TaskError) in try await failing.value }
    waiter = waiting
    failing.cancel()
    require(await waiting.result.isCancelled, "never begun")
    let late = createTask { () throws(TaskError) in
      try await sleep(1)
      waiter?.cancel()
      throw .failure(1)
    }
    let told = createTask { () throws(TaskError) in try await late.value }
    waiter = told
    require(await told.result.failure == .failure(1), "the error")
    waiter = nil
  }

  test("a limit still ends what its caller's cancellation did not") { () throws(TaskError) in
    let task = createTask { () throws(TaskError) in
      try await waitFor(5) { () throws(TaskError) in
        do throws(TaskError) { try await sleep(100) } catch { require(error == .cancelled, "the caller's") }
        try await sleep(100)
      }
    }
    try await sleep(1)
    task.cancel()
    require(await task.result.isCancelled && milliseconds() == 5000, "at the limit")
  }

  test("those whom nested gathers wait for are cancelled in the order of the gathers") { () throws(TaskError) in
    var order: [Int] = []
    func sleeper(_ number: Int) -> LoopTask<Void> {
      createTask { () throws(TaskError) in
        do throws(TaskError) { try await sleep(100) } catch {
          order.append(number)
          throw error
        }
      }
    }
    let shared = sleeper(2)
    let own = sleeper(1)
    let last = sleeper(3)
    let inner = createTask { () throws(TaskError) in try await gather([own, shared]) }
    let outer = createTask { () throws(TaskError) in
      _ = try await gather(inner, shared, last)
    }
    try await sleep(1)
    outer.cancel()
    require(await outer.result.isCancelled, "cancelled")
    require(order == [1, 2, 3], "in order")
  }

  testSeeds("every await of a cancelled task ends in any order of tasks") { () throws(TaskError) in
    let event = Event()
    let lock = Lock()
    let queue = Queue<Int>(capacity: 1)
    let flag = ThreadSafeFlag()
    try await lock.acquire()
    let tasks = [
      createTask { () throws(TaskError) in try await event.wait() },
      createTask { () throws(TaskError) in try await sleep(5) },
      createTask { () throws(TaskError) in
        for _ in 0..<20 { try await sleep(0) }
        try await sleep(.infinity)
      },
      createTask { () throws(TaskError) in
        try await waitFor(100) { () throws(TaskError) in try await event.wait() }
      },
      createTask { () throws(TaskError) in
        _ = try await gather(
          { () throws(TaskError) in try await event.wait() }, { () throws(TaskError) in try await sleep(50) })
      },
      createTask { () throws(TaskError) in try await lock.acquire() },
      createTask { () throws(TaskError) in _ = try await queue.get() },
      createTask { () throws(TaskError) in try await flag.wait() },
    ]
    try await sleepMs(1)
    for task in tasks { task.cancel() }
    for task in tasks { require(await task.result.isCancelled, "cancelled") }
    require(milliseconds() <= 1, "nobody waited")
    require(lock.isLocked, "still held by its owner")
    try lock.release()
    require(!lock.isLocked && queue.isEmpty, "nothing lost")
  }
}
