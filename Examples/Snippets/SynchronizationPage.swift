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
  let connections = try LoopSemaphore(4)
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

@LoopActor
func aChannel() async throws {
  let text = ["one", "two", "three"]
  let lines = try Channel<String>(capacity: 16)
  createTask {
    for line in text { try await lines.send(line) }
    lines.finish()
  }
  for try await line in lines { print(line) }
}

@LoopActor
func aCondition() async throws {
  var stock = 0
  let condition = Condition()
  createTask {
    try await condition.withLock {
      try await condition.wait { stock >= 10 }
      stock -= 10
    }
  }
  try await condition.withLock {
    stock += 10
    try condition.notifyAll()
  }
  try await sleep(1)
  print("in stock: \(stock)")
}

private struct Player {
  let seconds: Int

  @LoopActor func getReady() async throws { try await sleep(seconds) }
  @LoopActor func play() async throws { print("\(seconds) plays") }
}

@LoopActor
func aBarrier() async throws {
  let players = [3, 1, 2].map(Player.init)
  let barrier = try Barrier(3)
  for player in players {
    createTask {
      try await player.getReady()
      if try await barrier.wait() == 0 { print("go") }
      try await player.play()
    }
  }
  try await sleep(5)
}

@LoopActor
func statistics() async throws {
  let queue = Queue<Int>(maxSize: 8)
  for number in 0..<5 { try await queue.put(number) }
  _ = try await queue.get()
  let now = queue.statistics
  print("\(now.count) of \(now.maxSize), at most \(now.highWaterMark)")
}
