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

@LoopActor
private final class Heard {
  var times = 0
  nonisolated init() {}
}
