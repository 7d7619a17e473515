import UAsyncIO

/// Another thread has so many functions called on the loop.
func messages(_ count: Int) throws {
  try run {
    let heard = Heard()
    try await toThread { for _ in 0..<count { callFromThread { heard.times += 1 } } }
    try await yieldNow()
    try WrongResult.check(heard.times, is: count)
  }
}

/// Another thread puts so many items into a queue.
func threadQueue(_ count: Int) throws {
  try run {
    let queue = ThreadSafeQueue<Int>()
    createTask { try await toThread { for number in 0..<count { try queue.put(number) } } }
    for number in 0..<count { try WrongResult.check(await queue.get(), is: number) }
  }
}

@LoopActor
private final class Heard {
  var times = 0
  nonisolated init() {}
}
