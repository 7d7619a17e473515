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

/// Another thread hands numbers to the loop, without waiting. An operation is one of them.
@LoopActor
func hearThread(_ count: Int, _: Int) async throws -> Measurement {
  let numbers = ThreadSafeQueue<Int>()
  var stopwatch = Stopwatch()
  stopwatch.start()
  startThread {
    for number in 0..<count {
      do { try numbers.put(number) } catch { fatalError("\(error)") }
    }
  }
  for number in 0..<count {
    let heard = try await numbers.get()
    precondition(heard == number)
  }
  stopwatch.stop()
  return Measurement(count, stopwatch)
}
