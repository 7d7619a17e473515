import Glibc
@Sendable func answerThread(_ count: Int, _: Int) async throws -> Measurement {
  let done = Event()
  var stopwatch = Stopwatch()
  stopwatch.start()
  startThread {
    let answer = Answer()
    for _ in 0..<count {
      Task { answer.give() }
      answer.wait()
    }
    done.set()
  }
  await done.wait()
  stopwatch.stop()
  return Measurement(count, stopwatch)
}

@Sendable func hearThread(_ count: Int, _: Int) async throws -> Measurement {
  let done = Event()
  let left = Counter(count)
  var stopwatch = Stopwatch()
  stopwatch.start()
  startThread {
    for _ in 0..<count {
      Task {
        if left.add(-1) == 0 { done.set() }
      }
    }
  }
  await done.wait()
  stopwatch.stop()
  return Measurement(count, stopwatch)
}
