import Glibc
import NIOCore

@Sendable func answerThread(_ loop: EventLoop, _ count: Int, _: Int) -> EventLoopFuture<Measurement> {
  let progress = Progress(loop, left: 0)
  startThread {
    let answer = Answer()
    for _ in 0..<count {
      loop.execute { answer.give() }
      answer.wait()
    }
    loop.execute { progress.finish(count) }
  }
  return progress.promise.futureResult
}

@Sendable func hearThread(_ loop: EventLoop, _ count: Int, _: Int) -> EventLoopFuture<Measurement> {
  let progress = Progress(loop, left: count)
  startThread {
    for _ in 0..<count {
      loop.execute {
        progress.left -= 1
        if progress.left == 0 { progress.finish(count) }
      }
    }
  }
  return progress.promise.futureResult
}
