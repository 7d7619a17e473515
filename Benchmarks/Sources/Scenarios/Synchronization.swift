import UAsyncIO

/// So many tasks wait for an event, which is set; again and again. An operation is the waking of one task, and its going
/// back to wait for the next event.
@LoopActor
func wakeWaiters(_ count: Int, waiters: Int) async throws -> Measurement {
  let rounds = max(1, count / waiters)
  let events = [Event(), Event()]
  var waiting = 0
  let tasks = (0..<waiters).map { _ in
    createTask {
      for round in 0..<rounds {
        waiting += 1
        try await events[round % 2].wait()
      }
    }
  }
  while waiting < waiters { try await yieldNow() }
  var stopwatch = Stopwatch()
  stopwatch.start()
  for round in 0..<rounds {
    waiting = 0
    events[(round + 1) % 2].clear()
    events[round % 2].set()
    while waiting < waiters, round < rounds - 1 { try await yieldNow() }
  }
  for task in tasks { try await task.value }
  stopwatch.stop()
  return Measurement(rounds * waiters, stopwatch)
}

/// So many tasks want a lock, and let others run while they hold it. An operation is acquiring it, that, and releasing it.
@LoopActor
func contendLock(_ count: Int, tasks: Int) async throws -> Measurement {
  let rounds = max(1, count / tasks)
  let lock = Lock()
  var holders = 0
  var together = 0
  var stopwatch = Stopwatch()
  stopwatch.start()
  let contenders = (0..<tasks).map { _ in
    createTask {
      for _ in 0..<rounds {
        try await lock.acquire()
        holders += 1
        try await yieldNow()
        together = max(together, holders)
        holders -= 1
        try lock.release()
      }
    }
  }
  for task in contenders { try await task.value }
  stopwatch.stop()
  try WrongResult.check(together, is: 1)
  return Measurement(rounds * tasks, stopwatch)
}

/// A producer and a consumer, with a queue of `room` items between them. An operation is one item.
@LoopActor
func passThroughQueue(_ count: Int, room: Int) async throws -> Measurement {
  let queue = Queue<Int>(maxSize: room)
  var sum = 0
  var stopwatch = Stopwatch()
  stopwatch.start()
  let producer = createTask {
    for number in 0..<count { try await queue.put(number) }
  }
  for _ in 0..<count { sum += try await queue.get() }
  stopwatch.stop()
  try await producer.value
  try WrongResult.check(sum, is: count * (count - 1) / 2)
  return Measurement(count, stopwatch)
}
