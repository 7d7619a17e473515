import NIOCore

// Timers are scheduled callbacks with a handler, which need neither a closure nor a promise.

/// Counts what was called, or cancelled.
private final class Counting: NIOScheduledCallbackHandler, @unchecked Sendable {
  private let progress: Progress
  private let operations: Int
  var cancelled = 0

  init(_ progress: Progress, operations: Int = 0) {
    self.progress = progress
    self.operations = operations
  }

  func handleScheduledCallback(eventLoop: some EventLoop) {
    progress.left -= 1
    if progress.left == 0 { progress.finish(operations) }
  }

  func didCancelScheduledCallback(eventLoop: some EventLoop) { cancelled += 1 }
}

@Sendable func wakeTimers(_ loop: EventLoop, _ count: Int, _ span: Int) throws -> EventLoopFuture<Measurement> {
  let progress = Progress(loop, left: count)
  let handler = Counting(progress, operations: count)
  var random = RandomNumbers()
  for _ in 0..<count {
    try loop.scheduleCallback(in: .milliseconds(Int64(500 + random.next(below: span))), handler: handler)
  }
  return progress.promise.futureResult
}

/// Sleeps again and again.
private final class Sleeper: NIOScheduledCallbackHandler, @unchecked Sendable {
  private let time: TimeAmount
  private var left: Int
  private let ended: Counting

  init(_ time: TimeAmount, _ times: Int, _ ended: Counting) {
    self.time = time
    left = times
    self.ended = ended
  }

  func handleScheduledCallback(eventLoop: some EventLoop) {
    left -= 1
    if left == 0 { return ended.handleScheduledCallback(eventLoop: eventLoop) }
    _ = try? eventLoop.scheduleCallback(in: time, handler: self)
  }
}

@Sendable func sleepAmongSleepers(
  _ loop: EventLoop, _ count: Int, _ others: Int
) throws -> EventLoopFuture<Measurement> {
  var random = RandomNumbers()
  let idle = Counting(Progress(loop, left: .max))
  for _ in 0..<others {
    try loop.scheduleCallback(in: .milliseconds(Int64(3_600_000 + random.next(below: 3_600_000))), handler: idle)
  }
  let sleepers = 1000
  let sleeps = max(1, count / sleepers)
  let progress = Progress(loop, left: sleepers)
  let ended = Counting(progress, operations: sleeps * sleepers)
  for _ in 0..<sleepers {
    let time = TimeAmount.milliseconds(Int64(1 + random.next(below: 10)))
    try loop.scheduleCallback(in: time, handler: Sleeper(time, sleeps, ended))
  }
  return progress.promise.futureResult
}

@Sendable func cancelTimers(_ loop: EventLoop, _ count: Int, _ batch: Int) throws -> EventLoopFuture<Measurement> {
  let batches = max(1, count / batch)
  var random = RandomNumbers()
  var stopwatch = Stopwatch()
  let idle = Counting(Progress(loop, left: .max))
  for _ in 0..<batches {
    let timers = try (0..<batch).map { _ in
      try loop.scheduleCallback(in: .milliseconds(Int64(3_600_000 + random.next(below: 3_600_000))), handler: idle)
    }
    stopwatch.start()
    for timer in timers { timer.cancel() }
    stopwatch.stop()
  }
  try WrongResult.check(idle.cancelled, is: batches * batch)
  return loop.makeSucceededFuture(Measurement(batches * batch, stopwatch))
}
