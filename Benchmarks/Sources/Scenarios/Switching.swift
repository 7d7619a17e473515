import UAsyncIO

/// So many tasks take turns, doing nothing. An operation is a turn of one of them.
///
/// One of the tasks keeps the time: tasks take turns in order, so each has had as many turns as it.
@LoopActor
func switchTasks(_ count: Int, tasks: Int) async throws -> Measurement {
  let rounds = max(1, count / tasks)
  var started = 1
  let others = (1..<max(1, tasks)).map { _ in
    createTask {
      started += 1
      for _ in 0...rounds { try await yieldNow() }
    }
  }
  while started < tasks { try await yieldNow() }
  var stopwatch = Stopwatch()
  stopwatch.start()
  for _ in 0..<rounds { try await yieldNow() }
  stopwatch.stop()
  for task in others { try await task.value }
  return Measurement(rounds * tasks, stopwatch)
}

/// Creates a task that returns a number, and waits for it. An operation is that.
@LoopActor
func spawnAndJoin(_ count: Int, _: Int) async throws -> Measurement {
  var stopwatch = Stopwatch()
  var sum = 0
  stopwatch.start()
  for number in 0..<count { sum += try await createTask { number }.value }
  stopwatch.stop()
  try WrongResult.check(sum, is: count * (count - 1) / 2)
  return Measurement(count, stopwatch)
}

/// Creates so many tasks at once, which wait for an event, until all wait. An operation is the creation of one, with
/// its first step. The bytes are those of the first batch.
@LoopActor
func parkTasks(_ count: Int, batch: Int) async throws -> Measurement {
  let batches = max(1, count / batch)
  var stopwatch = Stopwatch()
  var bytes = 0
  for number in 0..<batches {
    let never = Event()
    var waiting = 0
    let before = residentBytes()
    stopwatch.start()
    for _ in 0..<batch {
      createTask {
        waiting += 1
        try await never.wait()
        waiting -= 1
      }
    }
    while waiting < batch { try await yieldNow() }
    stopwatch.stop()
    if number == 0 { bytes = (residentBytes() - before) / batch }
    never.set()
    while waiting > 0 { try await yieldNow() }
  }
  return Measurement(batches * batch, stopwatch, bytes: bytes)
}

/// Creates so many tasks that return a number each, and gathers the numbers. An operation is one task of it.
@LoopActor
func gatherTasks(_ count: Int, width: Int) async throws -> Measurement {
  let rounds = max(1, count / width)
  var stopwatch = Stopwatch()
  var sum = 0
  stopwatch.start()
  for _ in 0..<rounds {
    sum += try await gather((0..<width).map { number in createTask { number } }).reduce(0, +)
  }
  stopwatch.stop()
  try WrongResult.check(sum, is: rounds * width * (width - 1) / 2)
  return Measurement(rounds * width, stopwatch)
}
