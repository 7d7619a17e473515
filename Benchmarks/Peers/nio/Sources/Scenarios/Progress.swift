import NIOCore

/// What a scenario's callbacks share. They all run on the loop's thread.
final class Progress: @unchecked Sendable {
  let loop: EventLoop
  let promise: EventLoopPromise<Measurement>
  var stopwatch = Stopwatch()
  var left: Int
  var sum = 0

  init(_ loop: EventLoop, left: Int) {
    self.loop = loop
    self.left = left
    promise = loop.makePromise()
    stopwatch.start()
  }

  func finish(_ operations: Int) {
    stopwatch.stop()
    promise.succeed(Measurement(operations, stopwatch))
  }
}
