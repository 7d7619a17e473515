import UAsyncIO

/// A workload did not do what it should have, so that its costs mean nothing.
struct WrongResult: Error {
  let expected: Int
  let actual: Int

  static func check(_ actual: Int, is expected: Int) throws {
    if actual != expected { throw WrongResult(expected: expected, actual: actual) }
  }
}

/// Two tasks wake each other through events: two suspensions and two wake-ups a round.
func eventPingPong(_ count: Int) throws {
  try run {
    let ping = Event()
    let pong = Event()
    let partner = createTask {
      while true {
        try await ping.wait()
        ping.clear()
        pong.set()
      }
    }
    for _ in 0..<count {
      ping.set()
      try await pong.wait()
      pong.clear()
    }
    partner.cancel()
    _ = await partner.result
  }
}

/// Cancels a task that sleeps, and waits for its end, so many times.
func cancelSleepers(_ count: Int) throws {
  try run {
    var cancelled = 0
    for _ in 0..<count {
      let sleeper = createTask { try await sleep(1000) }
      try await sleep(0)
      sleeper.cancel()
      do { try await sleeper.value } catch is CancellationError { cancelled += 1 }
    }
    try WrongResult.check(cancelled, is: count)
  }
}

/// Creates so many tasks that return a number each, and gathers them, a thousand at a time. An operation is one task.
func gatherArrays(_ count: Int) throws {
  try run {
    var sum = 0
    for _ in 0..<count / 1000 {
      sum += try await gather((0..<1000).map { number in createTask { number } }).reduce(0, +)
    }
    try WrongResult.check(sum, is: count / 1000 * 499_500)
  }
}

/// So many tasks sleep at once, each another time, until all have woken, in virtual time.
func manySleepers(_ count: Int) throws {
  try run(clock: .virtual) {
    var woken = 0
    var milliseconds = 1
    for _ in 0..<count {
      milliseconds = milliseconds * 48_271 % 2_147_483_647
      let time = milliseconds % 3_600_000
      createTask {
        try await sleepMs(time)
        woken += 1
      }
    }
    try await sleep(3601)
    try WrongResult.check(woken, is: count)
  }
}

/// So many tasks sleep for an hour, second by second, in virtual time.
func secondsOfAnHour(_ tasks: Int) throws {
  try run(clock: .virtual) {
    var seconds = 0
    for _ in 0..<tasks {
      createTask {
        for _ in 0..<3600 {
          try await sleep(1)
          seconds += 1
        }
      }
    }
    try await sleep(3601)
    try WrongResult.check(seconds, is: 3600 * tasks)
  }
}

/// Prints how many real seconds a workload takes.
func timed(_ name: String, _ body: () throws -> Void) rethrows {
  let time = try ContinuousClock().measure(body)
  print(name, "seconds", Double(time.components.seconds) + Double(time.components.attoseconds) / 1e18)
}
