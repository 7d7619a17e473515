/// The tasks are on several threads, so none of them can tell the turns of the others: the last to have had all its
/// turns stops the watch.
@Sendable func switchTasks(_ count: Int, tasks: Int) async throws -> Measurement {
  let rounds = max(1, count / tasks)
  let started = Counter()
  let left = Counter(tasks)
  let go = Event()
  let done = Event()
  for _ in 0..<tasks {
    Task {
      started.add()
      await go.wait()
      for _ in 0..<rounds { await Task.yield() }
      if left.add(-1) == 0 { done.set() }
    }
  }
  while started.value < tasks { await Task.yield() }
  var stopwatch = Stopwatch()
  stopwatch.start()
  go.set()
  await done.wait()
  stopwatch.stop()
  return Measurement(rounds * tasks, stopwatch)
}

@Sendable func spawnAndJoin(_ count: Int, _: Int) async throws -> Measurement {
  var stopwatch = Stopwatch()
  var sum = 0
  stopwatch.start()
  for number in 0..<count { sum += await Task { number }.value }
  stopwatch.stop()
  try WrongResult.check(sum, is: count * (count - 1) / 2)
  return Measurement(count, stopwatch)
}

@Sendable func parkTasks(_ count: Int, batch: Int) async throws -> Measurement {
  let batches = max(1, count / batch)
  var stopwatch = Stopwatch()
  var bytes = 0
  let waiting = Counter()
  for number in 0..<batches {
    let never = Event()
    let before = residentBytes()
    stopwatch.start()
    for _ in 0..<batch {
      Task {
        waiting.add()
        await never.wait()
        waiting.add(-1)
      }
    }
    while waiting.value < batch { await Task.yield() }
    stopwatch.stop()
    if number == 0 { bytes = (residentBytes() - before) / batch }
    if number == batches - 1 { break }
    never.set()
    while waiting.value > 0 { await Task.yield() }
  }
  return Measurement(batches * batch, stopwatch, bytes: bytes)
}

@Sendable func gatherTasks(_ count: Int, width: Int) async throws -> Measurement {
  let rounds = max(1, count / width)
  var stopwatch = Stopwatch()
  var sum = 0
  stopwatch.start()
  for _ in 0..<rounds {
    let numbers = await withTaskGroup(of: (Int, Int).self) { group in
      for number in 0..<width { group.addTask { (number, number) } }
      var numbers = [Int](repeating: 0, count: width)
      for await (place, number) in group { numbers[place] = number }
      return numbers
    }
    sum += numbers.reduce(0, +)
  }
  stopwatch.stop()
  try WrongResult.check(sum, is: rounds * width * (width - 1) / 2)
  return Measurement(rounds * width, stopwatch)
}

@Sendable func wakeWaiters(_ count: Int, waiters: Int) async throws -> Measurement {
  let rounds = max(1, count / waiters)
  let events = (0..<rounds).map { _ in Event() }
  let waiting = Counter()
  let tasks = (0..<waiters).map { _ in
    Task {
      for event in events {
        waiting.add()
        await event.wait()
      }
    }
  }
  while waiting.value < waiters { await Task.yield() }
  var stopwatch = Stopwatch()
  stopwatch.start()
  for (round, event) in events.enumerated() {
    waiting.clear()
    event.set()
    while waiting.value < waiters, round < rounds - 1 { await Task.yield() }
  }
  for task in tasks { await task.value }
  stopwatch.stop()
  return Measurement(rounds * waiters, stopwatch)
}
