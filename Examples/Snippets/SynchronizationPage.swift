import UAsyncIO

private struct Radio {
  @LoopActor func exchange(_ request: String) async throws -> String {
    try await sleep(1)
    return "\(request)!"
  }
}

private typealias Job = Int

@LoopActor private func work(on job: Job) async throws {
  try await sleep(1)
  print("job \(job) is done")
}

@LoopActor private func fetch(_ page: Int) async throws { try await sleep(1) }

@LoopActor
func aLock() async throws {
  let radio = Radio()
  let request = "ping"
  let lock = Lock()
  let answer = try await lock.withLock { try await radio.exchange(request) }
  print(answer)
}

@LoopActor
func aSemaphore() async throws {
  let start = loopTime()
  let connections = try Semaphore(4)
  let pages = (1...12).map { page in
    createTask {
      try await connections.withPermit { try await fetch(page) }
    }
  }
  _ = try await gather(pages)
  print("12 pages, 4 at a time: \(loopTime() - start)")
}

@LoopActor
func aQueue() async throws {
  let list = [1, 2, 3]
  let jobs = Queue<Job>(maxSize: 10)
  createTask {
    while true {
      let job = try await jobs.get()
      try await work(on: job)
      try jobs.taskDone()
    }
  }
  for job in list { try await jobs.put(job) }
  try await jobs.join()
}
