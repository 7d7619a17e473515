import UAsyncIO

func sleepTests() {
  test("an hour of sleeps passes in virtual time") { () throws(TaskError) in
    for _ in 0..<3600 { try await sleep(1) }
    require(milliseconds() == 3_600_000, "an hour")
  }

  test("sleeps of every spelling take their time") { () throws(TaskError) in
    try await sleep(1)
    require(milliseconds() == 1000, "whole seconds")
    try await sleep(0.5)
    require(milliseconds() == 1500, "seconds")
    try await sleepMs(250)
    require(milliseconds() == 1750, "whole milliseconds")
    try await sleepMs(0.5)
    try await sleepMs(249.5)
    require(milliseconds() == 2000, "milliseconds")
    try await sleep(.seconds(3))
    require(milliseconds() == 5000, "a duration")
  }

  test("zero and negative times let the others run once, in order") { () throws(TaskError) in
    var log: [Int] = []
    let tasks = [1, 2, 3].map { n in
      createTask { () throws(TaskError) in
        log.append(n)
        try await sleep(0)
        log.append(n)
        try await sleep(-1)
        log.append(n)
        try await sleep(-0.5)
        log.append(n)
        try await yieldNow()
        log.append(n)
        try await sleepMs(-1)
        log.append(n)
        try await sleep(Int.min)
        log.append(n)
        try await sleep(-Double.infinity)
        log.append(n)
        try await sleep(.seconds(-1))
        log.append(n)
        try await sleep(.seconds(Int64.min) + .seconds(Int64.min))
        log.append(n)
      }
    }
    try await gather(tasks)
    require(log.count == 30 && log.indices.allSatisfy { log[$0] == $0 % 3 + 1 }, "in turns")
    require(milliseconds() == 0, "in no time")
  }

  test("a time that is not a number is refused where it is given") { () throws(TaskError) in
    require(await errorOf { () throws(TaskError) in try await sleep(.nan) } == .timeIsNotANumber, "sleep")
    require(await errorOf { () throws(TaskError) in try await sleepMs(Double.nan) } == .timeIsNotANumber, "sleepMs")
    var begun = false
    require(
      await errorOf { () throws(TaskError) in try await waitFor(.nan) { () throws(TaskError) in begun = true } }
        == .timeIsNotANumber, "waitFor")
    require(
      await errorOf { () throws(TaskError) in try await waitForMs(.nan) { () throws(TaskError) in begun = true } }
        == .timeIsNotANumber, "waitForMs")
    let task = createTask { () throws(TaskError) in try await sleep(1) }
    require(
      await errorOf { () throws(TaskError) in try await waitFor(task, timeout: .nan) } == .timeIsNotANumber, "of a task"
    )
    try await task.value
    require(!begun, "nothing has begun")
  }

  test("infinite and enormous times end only with a cancellation") { () throws(TaskError) in
    let tasks = [
      createTask { () throws(TaskError) in try await sleep(.infinity) },
      createTask { () throws(TaskError) in try await sleep(1e30) },
      createTask { () throws(TaskError) in try await sleepMs(Double.greatestFiniteMagnitude) },
      createTask { () throws(TaskError) in try await sleep(Int.max) },
      createTask { () throws(TaskError) in try await sleep(.seconds(Int64.max)) },
      createTask { () throws(TaskError) in try await sleep(.seconds(Int64.max) + .seconds(Int64.max)) },
      createTask { () throws(TaskError) in
        try await waitFor(.seconds(Int64.max)) { () throws(TaskError) in try await Event().wait() }
      },
    ]
    try await sleep(1_000_000_000)
    for task in tasks {
      require(!task.isDone, "still asleep")
      task.cancel()
      require(await task.result.isCancelled, "cancelled")
    }
  }

  test("equal deadlines end in the order of the calls") { () throws(TaskError) in
    var log: [Int] = []
    let tasks = [1, 2, 3, 4].map { n in
      createTask { () throws(TaskError) in
        try await sleepMs(10)
        log.append(n)
      }
    }
    try await gather(tasks)
    require(log == [1, 2, 3, 4], "in order")
  }

  test("timers of any length end in order") { () throws(TaskError) in
    var random = UInt32(4711)
    var last = 0
    var inOrder = true
    var tasks: [LoopTask<Void>] = []
    for _ in 0..<50 {
      random = random &* 1_664_525 &+ 1_013_904_223
      let time = Int(random >> 20)
      tasks.append(
        createTask { () throws(TaskError) in
          try await sleepMs(time)
          inOrder = inOrder && milliseconds() == time && time >= last
          last = time
        })
    }
    try await gather(tasks)
    require(inOrder, "in order and in time")
  }
}
