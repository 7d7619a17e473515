// A coroutine shares its variables with other coroutines, and not with a task on another thread.
// expect: sending
import UAsyncIO

final class Counter { var count = 0 }

func race() throws {
  try run {
    let counter = Counter()
    Task.detached { counter.count += 1 }
    counter.count += 1
  }
}
