import NIOCore

@Sendable func wakeTimers(_ loop: EventLoop, _ count: Int, _ span: Int) -> EventLoopFuture<Measurement> {
  let progress = Progress(loop, left: count)
  var random = RandomNumbers()
  for _ in 0..<count {
    loop.scheduleTask(in: .milliseconds(Int64(500 + random.next(below: span)))) {
      progress.left -= 1
      if progress.left == 0 { progress.finish(count) }
    }
  }
  return progress.promise.futureResult
}

@Sendable func sleepAmongSleepers(_ loop: EventLoop, _ count: Int, _ others: Int) -> EventLoopFuture<Measurement> {
  var random = RandomNumbers()
  for _ in 0..<others {
    loop.scheduleTask(in: .milliseconds(Int64(3_600_000 + random.next(below: 3_600_000)))) {}
  }
  let sleepers = 1000
  let sleeps = max(1, count / sleepers)
  let progress = Progress(loop, left: sleepers)
  @Sendable func sleep(_ time: TimeAmount, _ left: Int) {
    if left > 0 {
      loop.scheduleTask(in: time) { sleep(time, left - 1) }
    } else {
      progress.left -= 1
      if progress.left == 0 { progress.finish(sleeps * sleepers) }
    }
  }
  for _ in 0..<sleepers { sleep(.milliseconds(Int64(1 + random.next(below: 10))), sleeps) }
  return progress.promise.futureResult
}

@Sendable func cancelTimers(_ loop: EventLoop, _ count: Int, _ batch: Int) -> EventLoopFuture<Measurement> {
  let batches = max(1, count / batch)
  var random = RandomNumbers()
  var stopwatch = Stopwatch()
  for _ in 0..<batches {
    let timers = (0..<batch).map { _ in
      loop.scheduleTask(in: .milliseconds(Int64(3_600_000 + random.next(below: 3_600_000)))) {}
    }
    stopwatch.start()
    for timer in timers { timer.cancel() }
    stopwatch.stop()
  }
  return loop.makeSucceededFuture(Measurement(batches * batch, stopwatch))
}

struct TimeoutError: Error {}

/// A time limit, as it is usually written: a promise that is kept by what comes first.
func waitFor<Success: Sendable>(
  _ limit: TimeAmount, on loop: EventLoop, _ begin: (EventLoopPromise<Success>) -> Void
) -> EventLoopFuture<Success> {
  let promise = loop.makePromise(of: Success.self)
  let timer = loop.scheduleTask(in: limit) { promise.fail(TimeoutError()) }
  promise.futureResult.whenComplete { _ in timer.cancel() }
  begin(promise)
  return promise.futureResult
}

@Sendable func waitForResult(_ loop: EventLoop, _ count: Int, _: Int) -> EventLoopFuture<Measurement> {
  let progress = Progress(loop, left: count)
  @Sendable func next(_ number: Int) {
    if number == count { return progress.finish(count) }
    waitFor(.seconds(5), on: loop) { promise in loop.execute { promise.succeed(number) } }.whenSuccess { result in
      progress.sum += result
      next(number + 1)
    }
  }
  next(0)
  return progress.promise.futureResult
}

/// An hour's timer would keep the promise; when the limit has passed, it is cancelled.
@Sendable func waitForTimeout(_ loop: EventLoop, _ count: Int, _ tasks: Int) -> EventLoopFuture<Measurement> {
  let rounds = max(1, count / tasks)
  let progress = Progress(loop, left: tasks)
  @Sendable func next(_ left: Int) {
    if left > 0 {
      let hour = loop.makePromise(of: Void.self)
      let timer = loop.scheduleTask(in: .hours(1)) { hour.succeed() }
      waitFor(.milliseconds(1), on: loop) { promise in
        hour.futureResult.whenSuccess { promise.succeed() }
      }.whenFailure { _ in
        timer.cancel()
        hour.fail(TimeoutError())
        next(left - 1)
      }
    } else {
      progress.left -= 1
      if progress.left == 0 { progress.finish(rounds * tasks) }
    }
  }
  for _ in 0..<tasks { next(rounds) }
  return progress.promise.futureResult
}
