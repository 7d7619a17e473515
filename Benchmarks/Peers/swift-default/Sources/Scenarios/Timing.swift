@Sendable func wakeTimers(_ count: Int, span: Int) async throws -> Measurement {
  var random = RandomNumbers()
  let left = Counter(count)
  let all = Event()
  var stopwatch = Stopwatch()
  stopwatch.start()
  for _ in 0..<count {
    let time = 500 + random.next(below: span)
    Task {
      try await Task.sleep(for: .milliseconds(time))
      if left.add(-1) == 0 { all.set() }
    }
  }
  await all.wait()
  stopwatch.stop()
  return Measurement(count, stopwatch)
}

@Sendable func sleepAmongSleepers(_ count: Int, others: Int) async throws -> Measurement {
  var random = RandomNumbers()
  let asleep = Counter()
  for _ in 0..<others {
    let time = 3_600_000 + random.next(below: 3_600_000)
    Task {
      asleep.add()
      try await Task.sleep(for: .milliseconds(time))
    }
  }
  while asleep.value < others { await Task.yield() }
  let sleepers = 1000
  let sleeps = max(1, count / sleepers)
  let times = (0..<sleepers).map { _ in 1 + random.next(below: 10) }
  var stopwatch = Stopwatch()
  stopwatch.start()
  let tasks = times.map { time in
    Task { for _ in 0..<sleeps { try await Task.sleep(for: .milliseconds(time)) } }
  }
  for task in tasks { try await task.value }
  stopwatch.stop()
  return Measurement(sleeps * sleepers, stopwatch)
}

@Sendable func cancelSleepers(_ count: Int, batch: Int) async throws -> Measurement {
  let batches = max(1, count / batch)
  var random = RandomNumbers()
  var stopwatch = Stopwatch()
  let asleep = Counter()
  for _ in 0..<batches {
    asleep.clear()
    let tasks = (0..<batch).map { _ in
      let time = 3_600_000 + random.next(below: 3_600_000)
      return Task {
        asleep.add()
        try await Task.sleep(for: .milliseconds(time))
      }
    }
    while asleep.value < batch { await Task.yield() }
    var cancelled = 0
    stopwatch.start()
    for task in tasks { task.cancel() }
    for task in tasks {
      if case .failure(is CancellationError) = await task.result { cancelled += 1 }
    }
    stopwatch.stop()
    try WrongResult.check(cancelled, is: batch)
  }
  return Measurement(batches * batch, stopwatch)
}

struct TimeoutError: Error {}

/// A time limit, as it is usually written: a race of two child tasks.
func waitFor<Success: Sendable>(
  _ limit: Duration, _ body: @escaping @Sendable () async throws -> Success
) async throws -> Success {
  try await withThrowingTaskGroup(of: Success.self) { group in
    group.addTask { try await body() }
    group.addTask {
      try await Task.sleep(for: limit)
      throw TimeoutError()
    }
    defer { group.cancelAll() }
    guard let first = try await group.next() else { throw TimeoutError() }
    return first
  }
}

@Sendable func waitForResult(_ count: Int, _: Int) async throws -> Measurement {
  var stopwatch = Stopwatch()
  var sum = 0
  stopwatch.start()
  for number in 0..<count {
    sum += try await waitFor(.seconds(5)) {
      await Task.yield()
      return number
    }
  }
  stopwatch.stop()
  try WrongResult.check(sum, is: count * (count - 1) / 2)
  return Measurement(count, stopwatch)
}

@Sendable func waitForTimeout(_ count: Int, tasks: Int) async throws -> Measurement {
  let rounds = max(1, count / tasks)
  let passed = Counter()
  var stopwatch = Stopwatch()
  stopwatch.start()
  let waiting = (0..<tasks).map { _ in
    Task {
      for _ in 0..<rounds {
        do {
          try await waitFor(.milliseconds(1)) { try await Task.sleep(for: .seconds(3600)) }
        } catch is TimeoutError {
          passed.add()
        }
      }
    }
  }
  for task in waiting { try await task.value }
  stopwatch.stop()
  try WrongResult.check(passed.value, is: rounds * tasks)
  return Measurement(rounds * tasks, stopwatch)
}
