import UAsyncIO
import UAsyncIOTesting

struct OrderMatters: Error {}

func ordersFromSeeds() throws {
  do {
    try simulateSeeds(0..<100) {
      var log: [String] = []
      let writer = createTask { log.append("written") }
      let reader = createTask { log.append("read") }
      _ = try await gather(writer, reader)
      guard log == ["written", "read"] else { throw OrderMatters() }
    }
  } catch let failure as SeedFailure {
    print(failure)
  }
}

/// Hands numbers from one coroutine to another, one at a time.
@LoopActor
final class Slot {
  private var number: Int?
  private let filled = Event()

  func put(_ number: Int) {
    self.number = number
    filled.set()
  }

  func take() async throws -> Int {
    while true {
      if let number {
        self.number = nil
        filled.clear()
        return number
      }
      try await filled.wait()
    }
  }
}

struct NumberLost: Error {}

func sweepOfTheSlot() throws {
  let points = try cancelSweep(of: "taker") {
    let slot = Slot()
    let taker = createTask(name: "taker") { try await slot.take() }
    createTask {
      try await sleep(1)
      slot.put(7)
    }
    if case .success(let number) = await taker.result { return number }
    // Who comes next must find what the cancelled one did not take.
    return try await slot.take()
  } check: { outcome in
    guard try outcome.result.get() == 7, outcome.leftovers.isEmpty else { throw NumberLost() }
  }
  print("cancelled at \(points) points, and nothing was lost")
}

struct Forgotten: Error {}

func sweepOfALock() throws {
  let points = try cancelSweep {
    let lock = Lock()
    try await lock.withLock { try await sleep(1) }
  } check: { outcome in
    guard outcome.leftovers.isEmpty else { throw Forgotten() }
  }
  print("\(points) points")
}

func simulatedDescriptors() throws {
  let io = SimulatedIO()
  io.readable(3, at: .seconds(2))
  let waited = try simulate(io: io) {
    let start = loopTime()
    try await waitReadable(3)
    return loopTime() - start
  }
  print("readable after \(waited)")
}
