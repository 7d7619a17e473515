import Testing
import UAsyncIO

/// What must hold at any time, in any order, whoever is cancelled when: see `Crowd`. The queue's are in
/// `QueueInvariantTests`.
@Suite struct SynchronizationInvariantTests {
  @Test func `an event that is set has nobody waiting, and nobody goes on without its having been set`() async throws {
    try await underSeeds { crowd in
      let event = Event()
      var waiting = 0
      var sets = 0
      for _ in 0..<5 {
        crowd.add {
          for _ in 0..<4 {
            try await crowd.pause()
            let before = event.isSet ? -1 : sets
            waiting += 1
            defer { waiting -= 1 }
            try await event.wait()
            try require(sets > before, "it was set")
          }
        }
      }
      for _ in 0..<2 {
        crowd.add {
          for _ in 0..<6 {
            try await crowd.pause()
            sets += 1
            event.set()
            if crowd.roll(2) == 0 { event.clear() }
            crowd.disturb()
          }
        }
      }
      try await crowd.watch(12) { try require(!event.isSet || waiting == 0, "nobody waits for what is") }
      sets += 1
      event.set()
      try await crowd.end()
      try require(waiting == 0, "all have gone on")
    }
  }

  @Test func `a lock has one holder at most, is fair, and is free when all have ended`() async throws {
    try await underSeeds { crowd in
      let lock = Lock()
      let line = Line()
      var inside = 0
      for _ in 0..<6 {
        crowd.add {
          for _ in 0..<(1 + crowd.roll(4)) {
            try await crowd.pause()
            try await line.wait({ try await lock.acquire() }, stillThere: { lock.statistics.waiters })
            try require(inside == 0 && lock.isLocked, "alone")
            inside += 1
            defer {
              inside -= 1
              try? lock.release()
              crowd.disturb()
            }
            if crowd.roll(8) == 0 { try require(!lock.tryAcquire(), "held") }
            try await crowd.pause()
          }
        }
      }
      let check = { @LoopActor in
        try require(lock.isLocked == (inside == 1), "held by whoever is inside")
        try require(lock.isLocked || lock.statistics.waiters == 0, "nobody waits for a free lock")
      }
      try await crowd.watch(10, check)
      try await crowd.end(check)
      try require(!lock.isLocked && lock.statistics.waiters == 0, "free")
    }
  }

  @Test func `a semaphore's permits are all accounted for, and nobody waits for a free one`() async throws {
    try await underSeeds { crowd in
      let all = 1 + crowd.roll(3)
      let semaphore = try LoopSemaphore(all, bound: all)
      let line = Line()
      var inside = 0
      for _ in 0..<7 {
        crowd.add {
          for _ in 0..<(1 + crowd.roll(4)) {
            try await crowd.pause()
            if crowd.roll(6) == 0 {
              guard semaphore.tryAcquire() else { continue }
            } else {
              try await line.wait({ try await semaphore.acquire() }, stillThere: { semaphore.statistics.waiters })
            }
            inside += 1
            try require(inside <= all, "no more than permits")
            defer {
              inside -= 1
              do { try semaphore.release() } catch { inside = .max / 2 }
              crowd.disturb()
            }
            try await crowd.pause()
          }
        }
      }
      let check = { @LoopActor in
        try require(semaphore.permits + inside == all, "\(semaphore.permits) free, \(inside) taken, of \(all)")
        try require(semaphore.permits == 0 || semaphore.statistics.waiters == 0, "nobody waits for a free permit")
      }
      try await crowd.watch(10, check)
      try await crowd.end(check)
      try require(semaphore.permits == all && semaphore.statistics.waiters == 0, "all free")
    }
  }

  @Test func `a condition loses no notification, and waiting ends with the lock held`() async throws {
    try await underSeeds { crowd in
      let store = Store()
      for _ in 0..<5 { crowd.add { try await store.consume(crowd) } }
      for _ in 0..<3 { crowd.add { try await store.produce(crowd) } }
      try await crowd.watch(12) { try store.check() }
      // Those who wait for more than there is.
      crowd.cancelAll()
      try await crowd.end { try store.check() }
      try require(!store.condition.isLocked && store.condition.statistics.waiters == 0, "free")
    }
  }

  @Test func `a barrier lets go as many as it takes, at once, and each has another place`() async throws {
    try await underSeeds { crowd in
      let parties = 1 + crowd.roll(4)
      let barrier = try Barrier(parties)
      var rounds: [Int: Int] = [:]
      var places: [[Int]: Int] = [:]
      var returned = 0
      var cancelled = 0
      for _ in 0..<6 {
        crowd.add {
          for _ in 0..<4 {
            try await crowd.pause()
            do {
              let place = try await barrier.wait()
              returned += 1
              let now = milliseconds()
              if place == parties - 1 { rounds[now, default: 0] += 1 }
              places[[now, place], default: 0] += 1
              try require(
                places[[now, place], default: 0] <= rounds[now, default: 0], "a place \(place) in each round")
              crowd.disturb()
            } catch is CancellationError {
              cancelled += 1
              if crowd.roll(2) == 0 { throw CancellationError() }
            }
          }
        }
      }
      try await crowd.watch(12) { try require(barrier.waiting < parties, "full barriers let go") }
      let all = rounds.values.reduce(0, +)
      // Those who are missing were let go, and cancelled before they ran.
      try require((0...cancelled).contains(all * parties - returned), "\(all) rounds, \(returned), \(cancelled)")
      crowd.add { barrier.abort() }
      barrier.abort()
      try await crowd.end()
      try require(barrier.isBroken && barrier.waiting == 0, "broken")
    }
  }
}

/// Who has come and not gone on, in order.
@LoopActor
private final class Line {
  private var tickets: [Int] = []
  private var last = 0

  /// Waits, and makes sure that nobody is still waiting who came earlier.
  ///
  /// Those who have been woken or cancelled and have not run yet do not wait any more: `stillThere` does not count them.
  func wait(_ turn: @LoopActor () async throws -> Void, stillThere: @LoopActor () -> Int) async throws {
    last += 1
    let ticket = last
    tickets.append(ticket)
    defer { tickets.removeAll { $0 == ticket } }
    try await turn()
    try require(tickets.count { $0 > ticket } >= stillThere(), "it has waited longest")
  }
}

/// A stock under a condition.
@LoopActor
private final class Store {
  let condition = Condition()
  private var stock = 0
  private var isInside = false

  func produce(_ crowd: Crowd) async throws {
    for _ in 0..<3 {
      try await crowd.pause()
      try await condition.acquire()
      try enter()
      defer { leave(crowd) }
      try await crowd.pause()
      stock += 1
      try condition.notify()
      crowd.disturb()
    }
  }

  func consume(_ crowd: Crowd) async throws {
    for _ in 0..<3 {
      try await crowd.pause()
      try await condition.acquire()
      try enter()
      defer { leave(crowd) }
      while stock == 0 {
        isInside = false
        do { try await condition.wait() } catch {
          try enter()
          throw error
        }
        try enter()
      }
      stock -= 1
      try await crowd.pause()
    }
  }

  private func enter() throws {
    try require(!isInside && condition.isLocked, "alone, and with the lock")
    isInside = true
  }

  private func leave(_ crowd: Crowd) {
    isInside = false
    try? condition.release()
    crowd.disturb()
  }

  func check() throws {
    let statistics = condition.statistics
    try require(statistics.lock.isLocked == isInside, "held by whoever is inside")
    try require(isInside || statistics.lock.waiters == 0, "nobody waits for a free lock")
    try require(isInside || stock == 0 || statistics.waiters == 0, "a notification was lost")
  }
}
