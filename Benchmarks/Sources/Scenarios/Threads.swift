import Glibc
import UAsyncIO

/// Another thread wakes a coroutine and waits for its answer, again and again. An operation is there and back: two threads
/// are woken.
@LoopActor
func answerThread(_ count: Int, _: Int) async throws -> Measurement {
  let question = ThreadSafeFlag()
  let answer = Answer()
  var stopwatch = Stopwatch()
  stopwatch.start()
  startThread {
    for _ in 0..<count {
      question.set()
      answer.wait()
    }
  }
  for _ in 0..<count {
    try await question.wait()
    answer.give()
  }
  stopwatch.stop()
  return Measurement(count, stopwatch)
}

/// Another thread hands something to the loop, so often, without waiting. An operation is one such thing.
@LoopActor
func hearThread(_ count: Int, _: Int) async throws -> Measurement {
  let done = Event()
  let heard = Heard()
  var stopwatch = Stopwatch()
  stopwatch.start()
  startThread {
    for _ in 0..<count {
      callFromThread {
        heard.times += 1
        if heard.times == count { done.set() }
      }
    }
  }
  try await done.wait()
  stopwatch.stop()
  return Measurement(count, stopwatch)
}

@LoopActor
private final class Heard {
  var times = 0
  nonisolated init() {}
}
