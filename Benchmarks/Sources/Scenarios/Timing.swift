import UAsyncIO

/// So many tasks sleep at once, for 500 milliseconds and a random part of `span` milliseconds each. An operation is one task:
/// made, asleep, awake, gone. What counts is the processor's time.
@LoopActor
func wakeTimers(_ count: Int, span: Int) async throws -> Measurement {
  var random = RandomNumbers()
  var woken = 0
  let all = Event()
  var stopwatch = Stopwatch()
  stopwatch.start()
  for _ in 0..<count {
    let time = 500 + random.next(below: span)
    createTask {
      try await sleepMs(time)
      woken += 1
      if woken == count { all.set() }
    }
  }
  try await all.wait()
  stopwatch.stop()
  return Measurement(count, stopwatch)
}

/// A thousand tasks sleep for 1 to 10 milliseconds again and again, while `others` sleep for hours. An operation is one short
/// sleep. What counts is the processor's time.
@LoopActor
func sleepAmongSleepers(_ count: Int, others: Int) async throws -> Measurement {
  var random = RandomNumbers()
  var asleep = 0
  let long = (0..<others).map { _ in
    let time = 3_600_000 + random.next(below: 3_600_000)
    return createTask {
      asleep += 1
      try await sleepMs(time)
    }
  }
  while asleep < others { try await yieldNow() }
  let sleepers = 1000
  let sleeps = max(1, count / sleepers)
  let times = (0..<sleepers).map { _ in 1 + random.next(below: 10) }
  var stopwatch = Stopwatch()
  stopwatch.start()
  let tasks = times.map { time in
    createTask { for _ in 0..<sleeps { try await sleepMs(time) } }
  }
  for task in tasks { try await task.value }
  stopwatch.stop()
  // So that the next one in this process is not among these, too.
  for task in long { task.cancel() }
  for task in long { _ = await task.result }
  return Measurement(sleeps * sleepers, stopwatch)
}

/// Cancels `batch` tasks that sleep for hours, one by one, and waits until all have ended. An operation is one task.
@LoopActor
func cancelSleepers(_ count: Int, batch: Int) async throws -> Measurement {
  let batches = max(1, count / batch)
  var random = RandomNumbers()
  var stopwatch = Stopwatch()
  for _ in 0..<batches {
    var asleep = 0
    let tasks = (0..<batch).map { _ in
      let time = 3_600_000 + random.next(below: 3_600_000)
      return createTask {
        asleep += 1
        try await sleepMs(time)
      }
    }
    while asleep < batch { try await yieldNow() }
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

/// A time limit around something that suspends once and is done long before. An operation is that.
@LoopActor
func waitForResult(_ count: Int, _: Int) async throws -> Measurement {
  var stopwatch = Stopwatch()
  var sum = 0
  stopwatch.start()
  for number in 0..<count {
    sum += try await waitFor(5) {
      try await yieldNow()
      return number
    }
  }
  stopwatch.stop()
  try WrongResult.check(sum, is: count * (count - 1) / 2)
  return Measurement(count, stopwatch)
}

/// So many tasks at once have a time limit of a millisecond around an hour's sleep, again and again. An operation is one
/// limit that passes. What counts is the processor's time.
@LoopActor
func waitForTimeout(_ count: Int, tasks: Int) async throws -> Measurement {
  let rounds = max(1, count / tasks)
  var passed = 0
  var stopwatch = Stopwatch()
  stopwatch.start()
  let waiting = (0..<tasks).map { _ in
    createTask {
      for _ in 0..<rounds {
        do { try await waitForMs(1) { try await sleep(3600) } } catch is TimeoutError { passed += 1 }
      }
    }
  }
  for task in waiting { try await task.value }
  stopwatch.stop()
  try WrongResult.check(passed, is: rounds * tasks)
  return Measurement(passed, stopwatch)
}
