import UAsyncIO

#if canImport(Glibc)
  import Glibc
#elseif canImport(Musl)
  import Musl
#endif

private func blockingLookUp(_ name: String) throws -> String {
  usleep(1000)
  return "\(name) is at home"
}

private func log(_ text: String) { print(text) }

@LoopActor
func blockingWork() async throws {
  let name = "localhost"
  let address = try await toThread { try blockingLookUp(name) }
  print(address)
}

@LoopActor private final class Progress {
  var steps = 0
}

@LoopActor
func aThreadThatCallsBack() async throws {
  let progress = Progress()
  try await toThread {
    for _ in 0..<3 {
      usleep(100)
      callFromThread { progress.steps += 1 }
    }
    let total = try runFromThread {
      try await sleep(1)
      return progress.steps
    }
    log("the thread has seen \(total) steps")
  }
}

@LoopActor
func aQueueFromAThread() async throws {
  let readings = ThreadSafeQueue<Double>(maxSize: 100)
  createTask {
    try await toThread { for number in 0..<1000 { try readings.put(Double(number) / 10) } }
    readings.shutdown()
  }
  var highest = 0.0
  do {
    while true { highest = max(highest, try await readings.get()) }
  } catch is QueueShutDown {
    log("the highest of all readings was \(highest)")
  }
}

@LoopActor
func aFlag() async throws {
  let flag = ThreadSafeFlag()
  createTask {
    try await toThread { flag.set() }
  }
  try await flag.wait()
  print("raised by another thread")
}

@LoopActor
func signalsOfTheSystem() async throws {
  @LoopActor func readConfiguration() async throws { print("the configuration is read again") }
  let reloading = createTask {
    for try await signal in signals(.terminate, .hangup) {
      if signal == .terminate { break }
      try await readConfiguration()
    }
  }
  try await yieldNow()
  kill(getpid(), SIGHUP)
  try await sleep(1)
  kill(getpid(), SIGTERM)
  try await reloading.value
}

@LoopActor
func anEndForAll() async throws {
  createTask(name: "diligent") {
    do { try await sleep(1000) } catch { print("cleaned up") }
  }
  createTask(name: "stubborn") {
    while true { try? await sleep(1000) }
  }
  try await yieldNow()
  for task in await shutDown(grace: .seconds(5)) { log("gave up on \(task)") }
}
