import UAsyncIO

@LoopActor private func greet() async throws { try await sleep(5) }
@LoopActor private func serve() async throws { try await sleep(3600) }
@LoopActor private func measure() async throws { try await sleep(0.3) }

@LoopActor
func aScope() async throws {
  try await withTimeout(.seconds(10)) { scope in
    try await greet()
    scope.deadline = nil
    try await serve()
  }
  print("served, long after the limit of the greeting")
}

@LoopActor
func movingOn() async throws {
  let answer = try await moveOn(after: .seconds(2)) { _ in
    try await sleep(3)
    return "too late"
  }
  print(answer ?? "no answer, and no error")
}

@LoopActor
func aTicker() async throws {
  let minutes = createTask {
    for try await tick in try ticker(every: .seconds(60)) {
      if tick.missed > 0 { print("too slow: \(tick.missed) ticks missed") }
      try await measure()
    }
  }
  try await sleep(3600)
  minutes.cancel()
  _ = await minutes.result
}

@LoopActor
func callbacks() async throws {
  let loop = getEventLoop()
  let alarm = loop.callLater(.seconds(30)) { print("never printed") }
  loop.callLater(.seconds(20)) { alarm.cancel() }
  loop.callAt(loopTime() + .seconds(40)) { print("forty seconds") }
  try await sleep(60)
}

@LoopActor
func tolerantSleepers() async throws {
  var wakeUps: Set<Duration> = []
  let sleepers = (1...50).map { n in
    createTask {
      try await sleep(.milliseconds(1000 + 10 * n), tolerance: .seconds(1))
      wakeUps.insert(loopTime())
    }
  }
  _ = try await gather(sleepers)
  print("50 sleepers, \(wakeUps.count) wake-ups")
}
