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
