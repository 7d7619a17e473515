import NIOCore

struct TimeoutError: Error {}

/// Breaks a promise when its time has come.
private struct Breaking<Success: Sendable>: NIOScheduledCallbackHandler {
  let promise: EventLoopPromise<Success>

  func handleScheduledCallback(eventLoop: some EventLoop) { promise.fail(TimeoutError()) }
}

/// Keeps a promise when its time has come.
private struct Keeping: NIOScheduledCallbackHandler {
  let promise: EventLoopPromise<Void>

  func handleScheduledCallback(eventLoop: some EventLoop) { promise.succeed() }
}

/// A time limit, as it is usually written: a promise that is kept by what comes first.
func waitFor<Success: Sendable>(
  _ limit: TimeAmount, on loop: EventLoop, _ begin: (EventLoopPromise<Success>) -> Void
) -> EventLoopFuture<Success> {
  let promise = loop.makePromise(of: Success.self)
  let timer = try? loop.scheduleCallback(in: limit, handler: Breaking(promise: promise))
  promise.futureResult.whenComplete { _ in timer?.cancel() }
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
      var hour: NIOScheduledCallback?
      let limited = waitFor(.milliseconds(1), on: loop) { promise in
        hour = try? loop.scheduleCallback(in: .hours(1), handler: Keeping(promise: promise))
      }
      limited.whenFailure { [hour] _ in
        hour?.cancel()
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
