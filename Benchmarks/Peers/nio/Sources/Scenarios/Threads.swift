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

/// A semaphore for threads.
private final class Answer: Sendable {
  private nonisolated(unsafe) let semaphore: UnsafeMutablePointer<sem_t>

  init() {
    semaphore = .allocate(capacity: 1)
    sem_init(semaphore, 0, 0)
  }

  deinit {
    sem_destroy(semaphore)
    semaphore.deallocate()
  }

  func give() { sem_post(semaphore) }
  func wait() { while sem_wait(semaphore) != 0 {} }
}

/// Runs a function on a thread of its own.
private func startThread(_ body: @escaping @Sendable () -> Void) {
  final class Box: Sendable {
    let body: @Sendable () -> Void
    init(_ body: @escaping @Sendable () -> Void) { self.body = body }
  }
  var thread = pthread_t()
  let box = Unmanaged.passRetained(Box(body)).toOpaque()
  let failure = pthread_create(
    &thread, nil,
    { box in
      Unmanaged<Box>.fromOpaque(box.unsafelyUnwrapped).takeRetainedValue().body()
      return nil
    }, box)
  precondition(failure == 0, "no thread could be started")
  pthread_detach(thread)
}
