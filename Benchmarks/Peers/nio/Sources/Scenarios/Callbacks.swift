import NIOCore

/// So many callbacks that ask to be called again, in turn.
@Sendable func switchCallbacks(_ loop: EventLoop, _ count: Int, _ callbacks: Int) -> EventLoopFuture<Measurement> {
  let rounds = max(1, count / callbacks)
  let progress = Progress(loop, left: callbacks)
  @Sendable func turn(_ left: Int) {
    if left > 0 { return loop.execute { turn(left - 1) } }
    progress.left -= 1
    if progress.left == 0 { progress.finish(rounds * callbacks) }
  }
  for _ in 0..<callbacks { turn(rounds) }
  return progress.promise.futureResult
}

@Sendable func submitAndAwait(_ loop: EventLoop, _ count: Int, _: Int) -> EventLoopFuture<Measurement> {
  let progress = Progress(loop, left: count)
  @Sendable func next(_ number: Int) {
    if number == count { return progress.finish(count) }
    loop.submit { number }.whenSuccess { result in
      progress.sum += result
      next(number + 1)
    }
  }
  next(0)
  return progress.promise.futureResult
}

@Sendable func gatherFutures(_ loop: EventLoop, _ count: Int, _ width: Int) -> EventLoopFuture<Measurement> {
  let rounds = max(1, count / width)
  let progress = Progress(loop, left: rounds)
  @Sendable func gather() {
    if progress.left == 0 { return progress.finish(rounds * width) }
    progress.left -= 1
    let futures = (0..<width).map { number in loop.submit { number } }
    EventLoopFuture.whenAllSucceed(futures, on: loop).whenSuccess { numbers in
      progress.sum += numbers.reduce(0, +)
      gather()
    }
  }
  gather()
  return progress.promise.futureResult
}

/// So many callbacks wait for a promise. A promise is kept once: each round has its own.
@Sendable func wakeWaiters(_ loop: EventLoop, _ count: Int, _ waiters: Int) -> EventLoopFuture<Measurement> {
  let rounds = max(1, count / waiters)
  let events = (0..<rounds).map { _ in loop.makePromise(of: Void.self) }
  let progress = Progress(loop, left: 0)
  @Sendable func wait(for round: Int) {
    progress.left += 1
    if round < rounds { events[round].futureResult.whenSuccess { wait(for: round + 1) } }
    guard progress.left == waiters else { return }
    progress.left = 0
    if round == rounds { progress.finish(rounds * waiters) } else { loop.execute { events[round].succeed() } }
  }
  for _ in 0..<waiters { wait(for: 0) }
  return progress.promise.futureResult
}
